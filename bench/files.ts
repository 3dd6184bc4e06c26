// A file of 10 million records as a table, beside a native DuckDB table of the same rows: first answer, lookups, filtered pages, filtered
// counts, memory, and what small requests notice of a full scan. In turns in one run; ratios are the figures to quote.
// `node bench/files.ts [RECORDS]`

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fileSide, publish, type Side } from './account-questions.ts';
import { BRANCHES, COPYBOOK, writeAccounts } from './account-rows.ts';
import { duckDb } from './duckdb-accounts.ts';
import { median } from './serving.ts';

const ROUNDS = 3;
/** Of lookups, in milliseconds. */
const LOOKING_MS = 1_000;
const AT_ONCE = 16;
const PAGES = 100;
const SMALL_RECORDS = 1_000;
const RATE_MS = 5;
const SMALL_REQUESTS = 800;

/** Collections over the large file that the questions are asked of. */
const COLLECTIONS = {
  accounts: { path: 'ACCOUNTS' },
  indexed: { path: 'ACCOUNTS', indexes: [['BRANCH', 'BALANCE']] },
} as const;

/** What is counted: by which collection, and what that shows. */
const COUNTS: readonly { readonly name: string; readonly collection: keyof typeof COLLECTIONS }[] = [
  { name: 'filtered count, plain scan', collection: 'accounts' },
  { name: 'filtered count, declared index', collection: 'indexed' },
];

/** Of which collection filtered pages are taken, and what that shows. */
const PAGED: readonly { readonly name: string; readonly collection: keyof typeof COLLECTIONS }[] = [
  { name: 'filtered page of 50', collection: 'accounts' },
  { name: 'filtered page of 50, declared index', collection: 'indexed' },
];

type Table = Record<string, Record<string, string>>;

/** Measures and prints tables; nothing is left behind. */
export async function benchFiles({
  records = 10_000_000,
}: {
  readonly records?: number;
} = {}): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-files-'));
  try {
    writeFileSync(join(folder, 'ACCOUNT.cpy'), COPYBOOK);
    await writeAccounts(join(folder, 'ACCOUNTS'), records);
    await writeAccounts(join(folder, 'SMALL'), SMALL_RECORDS);
    const threads = availableParallelism();
    await using theirs = await duckDb(join(folder, 'duck.db'), { records, threads, connections: AT_ONCE });
    await using files = await fileSide(folder, { ...COLLECTIONS, small: { path: 'SMALL' } });
    const heap = watchHeap();
    const firstMs = await firstAnswer(files.of('accounts'), join(folder, 'ACCOUNTS'), records);
    console.log(
      `\nA file of ${records.toLocaleString('en')} records of 100 bytes beside a DuckDB table (${threads} threads; ${theirs.loadMs.toFixed(0)} ms to load), medians of ${ROUNDS} rounds:`,
    );
    console.log(`first answer after publish: ${firstMs.toFixed(0)} ms`);
    const indexMs = await timed(() => files.of('indexed').count('0042'));
    console.log(`first count by the declared index, which is made for it: ${indexMs.toFixed(0)} ms`);
    for (const collection of Object.keys(COLLECTIONS)) {
      await sameAnswers(files.of(collection), theirs, records);
    }
    console.table(await lookups(files.of('accounts'), theirs, records));
    console.table(await counts(files.of, theirs));
    console.table(await pages(files.of, theirs));
    console.table(await small(files.of('small'), files.of('accounts')));
    console.log(`heap growth at most: ${(heap.most() / 1e6).toFixed(0)} MB`);
    heap.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timed(action: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await action();
  return performance.now() - before;
}

/** The share `of` of the values is not above this one. */
function quantile(values: readonly number[], of: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(values.length * of) - 1] ?? Number.NaN;
}

async function firstAnswer(ours: Side, path: string, records: number): Promise<number> {
  publish(path);
  return timed(() => ours.lookup(records - 1, 0));
}

async function sameAnswers(ours: Side, theirs: Side, records: number): Promise<void> {
  const pairs = [
    ...[0, 4_711, records - 1].map((id) => (side: Side) => side.lookup(id, 0)),
    (side: Side) => side.page('0042'),
    (side: Side) => side.count('0042'),
  ];
  for (const ask of pairs) {
    const [a, b] = [JSON.stringify(await ask(ours)), JSON.stringify(await ask(theirs))];
    if (a !== b)
      throw new Error(`the two sides answer differently: ${a.slice(0, 500)} and ${b.slice(0, 500)}`);
  }
}

async function lookups(ours: Side, theirs: Side, records: number): Promise<Table> {
  const perSecond = async (side: Side, readers: number): Promise<number> => {
    const end = performance.now() + LOOKING_MS;
    let found = 0;
    const ms = await timed(() =>
      Promise.all(
        Array.from({ length: readers }, async (_, reader) => {
          for (let n = reader; performance.now() < end; n += readers, found++) {
            await side.lookup((n * 7_368_787) % records, reader);
          }
        }),
      ),
    );
    return (found / ms) * 1000;
  };
  const table: Table = {};
  for (const readers of [1, AT_ONCE]) {
    const { a, b } = await inTurns((side) => perSecond(side, readers), ours, theirs);
    table[`key lookups/s, ${readers} at once`] = row(a, b, a / b);
  }
  return table;
}

async function pages(of: (collection: string) => Side, theirs: Side): Promise<Table> {
  const p99 = async (side: Side): Promise<number> => {
    const times: number[] = [];
    for (let n = 0; n < PAGES; n++) {
      times.push(await timed(() => side.page(String((n * 13) % BRANCHES).padStart(4, '0'))));
    }
    return quantile(times, 0.99);
  };
  const table: Table = {};
  for (const { name, collection } of PAGED) {
    const { a, b } = await inTurns(p99, of(collection), theirs);
    table[`${name}, p99 ms`] = row(a, b, b / a);
  }
  return table;
}

async function counts(of: (collection: string) => Side, theirs: Side): Promise<Table> {
  const table: Table = {};
  const ms = (side: Side): Promise<number> => timed(() => side.count('0042'));
  for (const { name, collection } of COUNTS) {
    const { a, b } = await inTurns(ms, of(collection), theirs);
    table[`${name}, ms`] = row(a, b, b / a);
  }
  return table;
}

/** The first round of each warms up. */
async function inTurns(
  measure: (side: Side) => Promise<number>,
  ours: Side,
  theirs: Side,
): Promise<{ readonly a: number; readonly b: number }> {
  const a: number[] = [];
  const b: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    a.push(await measure(ours));
    b.push(await measure(theirs));
  }
  return { a: median(a.slice(1)), b: median(b.slice(1)) };
}

function row(ours: number, theirs: number, ratio: number): Record<string, string> {
  const digits = (value: number) => value.toFixed(value < 100 ? 2 : 0);
  return { gateway: digits(ours), DuckDB: digits(theirs), 'times as fast': ratio.toFixed(2) };
}

/** Small requests at a fixed rate, idle and while the large file is counted over and over. */
async function small(requests: Side, scanned: Side): Promise<Table> {
  const idle: number[] = [];
  const busy: number[] = [];
  let scans = 0;
  for (let round = 0; round < ROUNDS; round++) {
    idle.push(await p99OfSmall(requests));
    let stop = false;
    const scanning = (async () => {
      for (; !stop; scans++) await scanned.count('0042');
    })();
    busy.push(await p99OfSmall(requests));
    stop = true;
    await scanning;
  }
  const [a, b] = [median(idle), median(busy)];
  return {
    'small requests, p99 ms': {
      idle: a.toFixed(2),
      [`during scans (${scans})`]: b.toFixed(2),
      ratio: (b / a).toFixed(2),
    },
  };
}

/** The requests come from another thread, as they would from a socket: what waits for the event loop is measured, too. */
async function p99OfSmall(requests: Side): Promise<number> {
  const clock = new Worker(
    `const { parentPort, workerData: { requests, everyMs } } = require('node:worker_threads');
     const wait = new Int32Array(new SharedArrayBuffer(4));
     for (let n = 0; n < requests; n++) {
       Atomics.wait(wait, 0, 0, everyMs);
       parentPort.postMessage(performance.timeOrigin + performance.now());
     }`,
    { eval: true, workerData: { requests: SMALL_REQUESTS, everyMs: RATE_MS } },
  );
  const times: number[] = [];
  const done = Promise.withResolvers<void>();
  clock.on('error', done.reject);
  clock.on('message', (sentAt: number) => {
    const id = (times.length * 7) % SMALL_RECORDS;
    requests.lookup(id, 0).then(() => {
      times.push(performance.timeOrigin + performance.now() - sentAt);
      if (times.length === SMALL_REQUESTS) done.resolve();
    }, done.reject);
  });
  await done.promise;
  await clock.terminate();
  return quantile(times.slice(SMALL_REQUESTS / 10), 0.99);
}

function watchHeap() {
  const used = (): number => {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, used() - before);
  }, 20);
  return { most: () => most, stop: () => clearInterval(timer) };
}

if (import.meta.main)
  await benchFiles(process.argv[2] === undefined ? {} : { records: Number(process.argv[2]) });
