// The gateway is killed again and again while clients write, each change with a key of its own, and asked again with the same key until
// the answer is there. The rows have no key that clients choose: what is carried out twice is there twice.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { type Started, serving } from '../cli/overpunch.ts';
import { folderWith } from '../config/written.ts';
import { random } from '../random.ts';

const KILLS = 22;
const WRITERS = 6;
/** How long a round lasts at most, in milliseconds: rounds end at any point of a write. */
const ROUND_MS = 350;

const CONFIG = `
access: { development: true }
state: { folder: state }
sources:
  ledger:
    adapter: sqlite
    file: ledger.sqlite
    readOnly: false
    collections: { bookings: { table: bookings, writes: [insert] } }
  journal:
    adapter: file
    collections:
      entries: { path: entries.txt, parseMap: entries.json, writes: [insert] }
`;

const MAP = JSON.stringify([{ type: 'string', name: 'mark', start: 0, width: 12 }]);

interface Change {
  readonly key: string;
  /** Nobody else's. */
  readonly mark: string;
  readonly path: string;
  readonly body: unknown;
}

type Fate = 'acknowledged' | 'unknown';

type Surface = (mark: string) => Pick<Change, 'path' | 'body'>;

const LEDGER: readonly Surface[] = [
  (mark) => ({ path: '/api/bookings', body: { mark } }),
  (mark) => ({
    path: '/graphql',
    body: { query: `mutation { createBooking(values: { mark: "${mark}" }) { id } }` },
  }),
];
const JOURNAL: readonly Surface[] = [(mark) => ({ path: '/api/entries', body: { mark } })];

describe('a gateway that is killed under load', () => {
  let running: Started | undefined;
  let over = false;
  after(() => {
    over = true;
    running?.child.kill('SIGKILL');
  });

  it('loses no change that it has acknowledged, and makes none twice', { timeout: 300_000 }, async (t) => {
    const folder = folderWith({ 'c.yaml': CONFIG, 'entries.json': MAP, 'entries.txt': '' });
    const path = join(folder, 'ledger.sqlite');
    using made = new DatabaseSync(path);
    made.exec('CREATE TABLE bookings (id INTEGER PRIMARY KEY, mark TEXT NOT NULL)');
    made.close();

    let url = '';
    const start = async (): Promise<Started> => {
      const gateway = await serving(['-c', join(folder, 'c.yaml'), '--port', '0'], { OVERPUNCH_LOG: 'warn' });
      url = gateway.url;
      running = gateway;
      return gateway;
    };

    const next = random(7);
    const fates = new Map<string, Fate>();
    const marks = { sent: 0, interrupted: 0, replayed: 0 };

    const send = async ({ key, path: at, body }: Change): Promise<Fate | 'again'> => {
      try {
        const response = await fetch(url + at, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify(body),
          signal: AbortSignal.timeout(5_000),
        });
        const text = await response.text();
        if (response.headers.get('idempotency-replayed') === 'true') marks.replayed++;
        if (response.status === 201 || (response.status === 200 && !text.includes('"errors"')))
          return 'acknowledged';
        if (text.includes('answer-not-kept')) return 'acknowledged';
        if (text.includes('outcome-unknown')) return 'unknown';
        // In progress; a source that is not there yet.
        if ([409, 503, 504].includes(response.status)) return 'again';
        assert.fail(`${response.status} ${text}`);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        return 'again';
      }
    };
    const writer = async (name: number, surfaces: readonly Surface[]): Promise<void> => {
      for (let i = 0; !over; i++) {
        const mark = `${name}-${i}`;
        const change = { key: randomUUID(), mark, ...(surfaces[i % surfaces.length] ?? assert.fail())(mark) };
        marks.sent++;
        let fate = await send(change);
        if (fate === 'again') marks.interrupted++;
        for (let attempts = 0; fate === 'again'; attempts++) {
          assert.ok(!over || attempts < 400, 'an answer comes in the end');
          await new Promise((resolve) => setTimeout(resolve, 25));
          fate = await send(change);
        }
        fates.set(mark, fate);
      }
    };

    let gateway = await start();
    const writers = Promise.all(
      Array.from({ length: WRITERS }, (_, name) => writer(name, name % 3 === 0 ? JOURNAL : LEDGER)),
    );
    // A writer that fails ends the test at once.
    const failed = writers.then(() => {});
    failed.catch(() => {});
    for (let kill = 0; kill < KILLS; kill++) {
      await Promise.race([failed, new Promise((resolve) => setTimeout(resolve, 20 + next.int(ROUND_MS)))]);
      gateway.child.kill('SIGKILL');
      await gateway.ended;
      gateway = await start();
    }
    over = true;
    await writers;
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 0);

    using ledger = new DatabaseSync(path, { readOnly: true });
    const there = [
      ...ledger
        .prepare('SELECT mark FROM bookings')
        .all()
        .map(({ mark }) => String(mark)),
      ...readFileSync(join(folder, 'entries.txt'), 'latin1')
        .split('\n')
        .map((line) => line.trim())
        .filter(Boolean),
    ];
    const times = new Map<string, number>();
    for (const mark of there) times.set(mark, (times.get(mark) ?? 0) + 1);
    const twice = [...times].filter(([, number]) => number > 1);
    assert.deepEqual(twice, [], 'nothing is there twice');
    const lost = [...fates].filter(([mark, fate]) => fate === 'acknowledged' && !times.has(mark));
    assert.deepEqual(lost, [], 'what was acknowledged is there');
    assert.deepEqual(
      [...times.keys()].filter((mark) => !fates.has(mark)),
      [],
      'nothing else is there',
    );

    const unknown = [...fates.values()].filter((fate) => fate === 'unknown').length;
    t.diagnostic(JSON.stringify({ ...marks, unknown, rows: there.length }));
    assert.ok(marks.interrupted > 0, 'requests were interrupted');
    assert.ok(unknown < marks.interrupted, 'most that were interrupted are known of');
    assert.ok(fates.size - unknown > 10, 'there was load');
  });
});
