// One source hangs, one cannot be reached, one answers garbage, one is well: a hundred clients ask them through a gateway on a real socket.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { adapters } from '../../adapters/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { createFacades } from '../../src/gateway/facades.ts';
import { type Gateway, openGateway } from '../../src/gateway.ts';
import { listen } from '../../src/http/listen.ts';
import type { CallObservation, Observation } from '../../src/observe.ts';
import { folderWith } from '../config/written.ts';
import type { Crowd, Order, Report, Told } from './clients.ts';
import { lostMs, now, type Stalls, watchStalls } from './loop-stalls.ts';
import { garbage, hanging, refusing } from './sick-sources.ts';

const root = join(import.meta.dirname, '..', '..');

/** Where everything is checked, a minute; by hand a look is enough. */
const LONG = process.env['CI'] !== undefined || process.env['OVERPUNCH_NO_SKIP'] === '1';
const ROUNDS = LONG ? 15 : 4;
/** Windows of one round in which the sick sources are asked, and in which they are not. */
const DISTURBED = LONG ? 4 : 2;
const UNDISTURBED = 2;
const WINDOW_MS = 1_000;
/** How often it is measured at most, and how many times slower the others may become. */
const SETS = 3;
const SLOWER = 2;

const TIMEOUT_MS = 1_000;
const REQUEST_MS = 1_800;
const OPEN_MS = 1_000;
const QUEUE_MS = 500;
const FAILURES = 5;
const CONCURRENCY = 8;
/** What an answer may take beyond its deadline. */
const LATE_MS = 100;

const CROWDS: readonly Crowd[] = [
  {
    name: 'well',
    clients: 40,
    pauseMs: 200,
    path: '/api/branches/{}',
    keys: ['ZH01', 'ZH02', 'BE01', 'BS01', 'GE01', 'LU01', 'SG01', 'ON01'],
    sick: false,
  },
  ...['hanging', 'refusing', 'garbage'].map((name) => ({
    name,
    clients: 20,
    pauseMs: 1_200,
    path: `/api/${name}Scores/{}`,
    keys: ['100000001', '100000002', '100000003'],
    sick: true,
  })),
];

function configuration(ports: Readonly<Record<'hanging' | 'refusing' | 'garbage', number>>): string {
  const soap = Object.entries(ports).map(
    ([name, port]) => `
  ${name}:
    adapter: soap
    wsdl: ${root}/schemas/scoring/scoring.wsdl
    endpoint: http://127.0.0.1:${port}/scoring
    timeoutMs: ${TIMEOUT_MS}
    operations:
      GetScore: { effect: read, hidden: true }
      GetScores: { effect: read, hidden: true }
      RequestReview: { effect: write, hidden: true }
    guards:
      concurrency: ${CONCURRENCY}
      queue: 20
      queueMs: ${QUEUE_MS}
      breaker: { failures: ${FAILURES}, openMs: ${OPEN_MS} }
    collections:
      ${name}Scores:
        key: [customerId]
        get: { operation: GetScore, arguments: { customerId: CustomerId } }`,
  );
  return `access: { development: true }
policy:
  http: { requestMs: ${REQUEST_MS} }
  source: { reopenMs: 500, retryMs: 20, checkMs: ${TIMEOUT_MS} }
sources:
  well:
    adapter: file
    collections:
      branches:
        path: ${root}/fixtures/branches.txt
        parseMap: ${root}/schemas/branches.json
        charset: utf-8
        records: { format: text }
        key: [code]${soap.join('')}
`;
}

type Seen<Kind extends Observation['kind']> = Extract<Observation, { readonly kind: Kind }> & {
  readonly at: number;
};

/** A thread of clients, as something to call. */
function clientsOf(url: string, crowds: readonly Crowd[]) {
  const worker = new Worker(new URL('./clients.ts', import.meta.url), { workerData: { url, crowds } });
  const told = async (order: Order): Promise<Report> => {
    worker.postMessage(order);
    const [report] = await once(worker, 'message');
    return report;
  };
  return {
    disturb: (on: boolean) => told({ kind: 'disturb', on }),
    /** The p99 of one window, without the time in which others had the processor. */
    async measure(stalls: Stalls): Promise<number> {
      const report = await told({ kind: 'measure', forMs: WINDOW_MS });
      assert.ok(report.kind === 'measured');
      const latencies = report.answers.map(
        ({ from, to, lost }) => to - from - lostMs([...lost, ...stalls.between(from, to)]),
      );
      return quantile(latencies, 0.99);
    },
    async end() {
      const report = await told({ kind: 'end' });
      assert.ok(report.kind === 'ended');
      return report;
    },
    stop: async (): Promise<void> => void (await worker.terminate()),
  };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Of several looks the least: what is still on its way out is no leak. */
async function heapBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    await wait(50);
    collect();
    least = Math.min(least, process.memoryUsage().heapUsed);
  }
  return least;
}

describe('chaos', () => {
  const calls: Seen<'call'>[] = [];
  const states: Seen<'breaker'>[] = [];
  const requests: Seen<'request'>[] = [];
  const undisturbed: number[] = [];
  const disturbed: number[] = [];
  let gateway: Gateway;
  let stalls: Stalls;
  const opened = new AsyncDisposableStack();
  let heapBefore = 0;
  let heapAfter = 0;
  let healedAt = 0;
  let crowds: Readonly<Record<string, Told>> = {};
  let ids: readonly string[] = [];
  const answersAfterHealing: number[] = [];

  const observe = (seen: Observation): void => {
    const at = now();
    if (seen.kind === 'call') calls.push({ ...seen, at });
    else if (seen.kind === 'breaker') states.push({ ...seen, at });
    else if (seen.kind === 'request') requests.push({ ...seen, at });
  };
  /** The machine was so busy that even what is well ran out of time: then that a source seems ill is no failure. */
  const stoodStill = (): boolean => stalls.longestMs() > TIMEOUT_MS / 2;
  const slowdown = (): number => median(disturbed) / median(undisturbed);
  const statesOf = (source: string) => states.filter((one) => one.source === source);
  const callsOf = (source: string) => calls.filter((one) => one.source === source && one.what !== 'check');

  before(async () => {
    const hangs = opened.use(await hanging());
    const babbles = opened.use(await garbage());
    const refuses = opened.use(await refusing());
    const folder = folderWith({
      'c.yaml': configuration({ hanging: hangs.port, refusing: refuses.port, garbage: babbles.port }),
    });
    const { config, problems } = await loadConfig(join(folder, 'c.yaml'), adapters);
    assert.ok(config, JSON.stringify(problems));
    gateway = opened.use(await openGateway(config, createSecrets(folder, {}), observe));
    assert.deepEqual(gateway.problems, []);
    const app = await createFacades(gateway, config, { version: '0', observe });
    const listening = await listen(app, { host: '127.0.0.1', port: 0 });
    opened.defer(() => listening.close(100));
    stalls = opened.use(watchStalls());

    // What is made once, by the first requests, is there before anything is compared.
    // Those that are measured have a thread of their own.
    const clients = clientsOf(
      listening.url,
      CROWDS.filter(({ sick }) => !sick),
    );
    const others = clientsOf(
      listening.url,
      CROWDS.filter(({ sick }) => sick),
    );
    opened.defer(clients.stop);
    opened.defer(others.stop);
    await others.disturb(true);
    await wait(1_500);
    await others.disturb(false);
    await clients.measure(stalls);
    heapBefore = await heapBytes();

    // Others may use the machine in one half of a round and not in the other: then it is measured again, by the same rule.
    for (let set = 0; set < SETS && (set === 0 || slowdown() > SLOWER); set++) {
      undisturbed.length = 0;
      disturbed.length = 0;
      for (let round = 0; round < ROUNDS; round++) {
        for (let i = 0; i < UNDISTURBED; i++) undisturbed.push(await clients.measure(stalls));
        await others.disturb(true);
        for (let i = 0; i < DISTURBED; i++) disturbed.push(await clients.measure(stalls));
        await others.disturb(false);
      }
    }
    healedAt = now();
    await refuses.heal();
    await others.disturb(true);
    await wait(OPEN_MS + 1_000);
    answersAfterHealing.push(
      ...callsOf('refusing').flatMap(({ at, outcome }) => (outcome === 'ok' ? [at] : [])),
    );
    const told = await Promise.all([clients.end(), others.end()]);
    crowds = Object.assign({}, ...told.map((one) => one.crowds));
    ids = told.flatMap((one) => one.ids);
    await Promise.all([clients.stop(), others.stop()]);
    heapAfter = await heapBytes();
  });

  after(() => opened.disposeAsync());

  it('the healthy source is as quick as without the sick ones: its p99 is at most twice as long', (t) => {
    const ms = (values: readonly number[]) => values.map((value) => value.toFixed(1)).join(' ');
    t.diagnostic(
      `p99 of windows in ms: ${ms(undisturbed)} undisturbed, ${ms(disturbed)} beside sick sources`,
    );
    assert.ok(slowdown() <= SLOWER, `${slowdown()} times as long`);
  });

  it('no request of a healthy source fails', () => {
    const statuses = Object.keys(crowds['well']?.statuses ?? {});
    assert.deepEqual(statuses, stoodStill() && statuses.includes('504') ? ['200', '504'] : ['200']);
  });

  it('no request is lost, none is answered twice or with the answer to another', () => {
    for (const [name, { sent, statuses, wrong, unanswered }] of Object.entries(crowds)) {
      const answered = Object.values(statuses).reduce((sum, number) => sum + number, 0);
      assert.deepEqual([answered, wrong, unanswered, statuses['broken']], [sent, 0, 0, undefined], name);
      assert.ok(sent > 0, name);
    }
    const met = new Map<string, number>();
    for (const { requestId } of requests) met.set(requestId, (met.get(requestId) ?? 0) + 1);
    assert.equal(new Set(ids).size, ids.length);
    assert.deepEqual(
      ids.filter((id) => met.get(id) !== 1),
      [],
      'the gateway has met each once',
    );
  });

  it('no request outlives its deadline by more than 100 ms', () => {
    const late = (durationMs: number, at: number, limitMs: number): number =>
      durationMs - limitMs - lostMs(stalls.between(at - durationMs, at));
    const lateRequests = requests.filter(({ durationMs, at }) => late(durationMs, at, REQUEST_MS) > LATE_MS);
    assert.deepEqual(lateRequests, []);
    const asked = ({ durationMs, queuedMs }: CallObservation): number => durationMs - queuedMs;
    const lateCalls = calls.filter(
      (call) => late(asked(call), call.at, call.attempts * TIMEOUT_MS + PAUSE_MS) > LATE_MS,
    );
    assert.deepEqual(lateCalls, []);
    const waits = calls.filter(({ queuedMs, at }) => late(queuedMs, at, QUEUE_MS) > LATE_MS);
    assert.deepEqual(waits, []);
  });

  it('breakers open after so many failures, let one call try after a while, and close by its answer', () => {
    const lively = ['well', 'garbage'].flatMap(statesOf);
    if (!stoodStill()) assert.deepEqual(lively, [], 'what answers, if only garbage, is there');
    for (const source of ['hanging', 'refusing']) {
      const seen = statesOf(source);
      assert.equal(seen[0]?.state, 'open', source);
      assert.ok(seen.length > 2, `${source} was tried`);
      for (const [i, { state, at }] of seen.entries()) {
        const next = seen[i + 1];
        if (next === undefined) continue;
        if (state === 'open') {
          assert.equal(next.state, 'half-open', source);
          assert.ok(next.at - at >= OPEN_MS - 2, `${source} is left alone for ${next.at - at} ms`);
        } else assert.equal(state, 'half-open', `${source} does not close before it is healed`);
      }
    }
  });

  it('while a breaker is open the source is not asked, and one call at a time tries', () => {
    for (const source of ['hanging', 'refusing']) {
      const seen = statesOf(source);
      for (const { at, durationMs, queuedMs, attempts } of callsOf(source)) {
        if (attempts === 0) continue;
        const asked = at - durationMs + queuedMs;
        const before = seen.findLast((one) => one.at < asked - 1);
        const then = seen.find((one) => one.at >= asked - 1);
        const opened = before?.state === 'open' && then?.state !== 'half-open';
        assert.ok(!opened, `${source} was asked while its breaker was open`);
      }
      for (const [i, { state, at }] of seen.entries()) {
        if (state !== 'half-open') continue;
        const until = seen[i + 1]?.at ?? Number.POSITIVE_INFINITY;
        const tries = callsOf(source).filter((call) => {
          const asked = call.at - call.durationMs + call.queuedMs;
          return call.attempts > 0 && asked >= at - 1 && asked < until;
        });
        assert.ok(tries.length <= 1, `${tries.length} calls tried ${source}`);
      }
    }
  });

  it('a source that is healed is asked again by the next call that may try, and its breaker closes', () => {
    assert.deepEqual(statesOf('refusing').at(-1)?.state, 'closed');
    const [first = Number.POSITIVE_INFINITY] = answersAfterHealing;
    assert.ok(first > healedAt);
    assert.ok((crowds['refusing']?.statuses['200'] ?? 0) > 0);
    assert.equal(gateway.health().find(({ source }) => source === 'refusing')?.guards?.breaker, 'closed');
  });

  it('sick sources are told of by the faults that they have', () => {
    const kinds = (source: string) =>
      Object.keys(Object.groupBy(callsOf(source), ({ outcome }) => outcome)).toSorted();
    const expected = (...kinds: string[]) => (stoodStill() ? [...kinds, 'timeout', 'unavailable'] : kinds);
    for (const [source, allowed] of [
      ['well', expected('ok')],
      ['garbage', expected('upstream')],
      ['refusing', expected('ok', 'unavailable')],
    ] as const) {
      for (const kind of kinds(source)) assert.ok(allowed.includes(kind), `${source}: ${kind}`);
      assert.ok(kinds(source).includes(allowed[0] ?? ''), source);
    }
    assert.ok(kinds('hanging').includes('timeout'));
  });

  it('nothing stays behind: memory, turns, whoever waited', (t) => {
    t.diagnostic(`heap ${(heapBefore / 1e6).toFixed(1)} MB before, ${(heapAfter / 1e6).toFixed(1)} MB after`);
    for (const { source, guards } of gateway.health())
      assert.deepEqual([guards?.running, guards?.queued], [0, 0], source);
    assert.ok(
      heapAfter - heapBefore <= HEAP_BYTES + KEPT_BYTES * (calls.length + requests.length + ids.length),
    );
  });
});

const PAUSE_MS = 20;
const HEAP_BYTES = 8_000_000;
/** What the test itself remembers of a call or a request. */
const KEPT_BYTES = 400;
