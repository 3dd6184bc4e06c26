// A thread of many clients, so that they do not share the event loop of the gateway. Each asks one thing after another, with a pause between;
// those of sick sources rest when they are told to. Messages: see Order and Report.

import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { now, type Stall, watchStalls } from './loop-stalls.ts';

/** How many clients ask what: `path` with `{}` in place of one of the keys. */
export interface Crowd {
  readonly name: string;
  readonly clients: number;
  /** Between an answer and the next request, in milliseconds: half to one and a half of it, by chance. */
  readonly pauseMs: number;
  readonly path: string;
  readonly keys: readonly string[];
  /** Rests unless the others are being disturbed. */
  readonly sick: boolean;
}

export type Order =
  | { readonly kind: 'disturb'; readonly on: boolean }
  /** For so long at least, in milliseconds, the answers to crowds that are not sick are timed. */
  | { readonly kind: 'measure'; readonly forMs: number }
  | { readonly kind: 'end' };

export type Report =
  | { readonly kind: 'resting' }
  | { readonly kind: 'measured'; readonly answers: readonly Timed[] }
  | {
      readonly kind: 'ended';
      readonly crowds: Readonly<Record<string, Told>>;
      readonly ids: readonly string[];
    };

/** From the request to the end of its answer, by the clock of all threads, and when in that time this thread was kept from running. */
export interface Timed {
  readonly from: number;
  readonly to: number;
  readonly lost: readonly Stall[];
}

/** What one crowd was told. */
export interface Told {
  readonly sent: number;
  /** By status; `broken` for what ended without one. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers to another request than the one that was sent, by id or by key; answers with a body that is cut. */
  readonly wrong: number;
  readonly unanswered: number;
}

interface Answer {
  readonly status: number;
  readonly id: string | undefined;
  readonly body: string;
}

const { url, crowds }: { readonly url: string; readonly crowds: readonly Crowd[] } = workerData;
const port = parentPort;
if (port === null) throw new Error('This is a thread of the chaos test');

const ENOUGH = 150;

let disturbing = false;
let ending = false;
let wake = Promise.withResolvers<void>();
let timed: Timed[] | undefined;
const stalls = watchStalls();
let sickUnderWay = 0;
const ids: string[] = [];

function ask(agent: Agent, path: string, id: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${url}${path}`, { agent, headers: { 'x-request-id': id } }, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (piece) => {
        body += piece;
      });
      res.on('end', () => {
        const told = res.headers['x-request-id'];
        resolve({ status: res.statusCode ?? 0, id: typeof told === 'string' ? told : undefined, body });
      });
      res.on('error', reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function client(
  { name, pauseMs, path, keys, sick }: Crowd,
  number: number,
  told: Count,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; !ending; i++) {
    if (sick && !disturbing) {
      await wake.promise;
      // Not all in one moment.
      await wait(pauseMs * Math.random());
      continue;
    }
    const key = keys[(number + i * 7) % keys.length] ?? '';
    const id = `${name}-${number}-${i}`;
    ids.push(id);
    told.sent++;
    told.open++;
    if (sick) sickUnderWay++;
    const from = now();
    try {
      const answer = await ask(agent, path.replace('{}', encodeURIComponent(key)), id);
      const to = now();
      if (!sick) timed?.push({ from, to, lost: stalls.between(from, to) });
      told.open--;
      told.statuses[answer.status] = (told.statuses[answer.status] ?? 0) + 1;
      const right = answer.body.includes(answer.status === 200 ? key : `"${id}"`);
      if (answer.id !== id || !right || !answer.body.endsWith('}')) told.wrong++;
    } catch {
      told.open--;
      told.statuses['broken'] = (told.statuses['broken'] ?? 0) + 1;
    }
    if (sick) sickUnderWay--;
    await wait(pauseMs * (0.5 + Math.random()));
  }
  agent.destroy();
}

interface Count {
  sent: number;
  open: number;
  wrong: number;
  readonly statuses: Record<string, number>;
}

const counts = new Map(
  crowds.map(({ name }): [string, Count] => [name, { sent: 0, open: 0, wrong: 0, statuses: {} }]),
);
const all = crowds.flatMap((crowd) => {
  const told = counts.get(crowd.name);
  return told === undefined ? [] : Array.from({ length: crowd.clients }, (_, i) => client(crowd, i, told));
});

function report(message: Report): void {
  port?.postMessage(message);
}

port.on('message', (order: Order) => void carryOut(order));

async function carryOut(order: Order): Promise<void> {
  switch (order.kind) {
    case 'disturb':
      disturbing = order.on;
      if (disturbing) {
        wake.resolve();
        wake = Promise.withResolvers();
      } else while (sickUnderWay > 0) await wait(5);
      return report({ kind: 'resting' });
    case 'measure': {
      const answers: Timed[] = [];
      timed = answers;
      await wait(order.forMs);
      // On a machine that is busy they come slowly; fewer would have no p99.
      while (answers.length < ENOUGH) await wait(20);
      timed = undefined;
      return report({ kind: 'measured', answers });
    }
    case 'end': {
      ending = true;
      wake.resolve();
      // Nobody waits for ever to learn that an answer is lost.
      await Promise.race([Promise.all(all), wait(10_000, undefined, { ref: false })]);
      const told = [...counts].map(([name, { sent, open, wrong, statuses }]): [string, Told] => [
        name,
        { sent, statuses, wrong, unanswered: open },
      ]);
      report({ kind: 'ended', crowds: Object.fromEntries(told), ids });
      port?.close();
    }
  }
}
