// Scans that threads do: the same answers and faults as without them, few threads, and nothing left when they end.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { type Conjunct, Fault, type Row, type Source } from '#spi';
import { processThreads, scanThreads, startWorker } from '../../../adapters/file/scans/scan-threads.ts';
import { PROCESS_SCANS } from '../../../adapters/file/scans/scans.ts';
import { faultOf, folder, handlesOn, hostAt, never, openFarFiles, openFiles } from './opening.ts';

const joined = processThreads.join();
after(() => joined[Symbol.asyncDispose]());

const COPYBOOK = `
       01  ENTRY-RECORD.
           05  ID      PIC 9(4).
           05  AMOUNT  PIC S9(3) COMP-3.
           05  NOTE    PIC X(4).
`;
const ZEROS = `
       01  ROW.
           05  AMOUNT  PIC S9(9) COMP.
           05  NOTE    PIC X(96).
`;
const BAD = [17, 4_300];

/** Records with numbers from 0; the amount of some is nothing that COMP-3 knows. */
function entries(count: number, bad: readonly number[] = BAD): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => {
    const digits = [...String(i).padStart(4, '0')].map((digit) => 0xf0 + Number(digit));
    const amount = bad.includes(i) ? [0xff, 0xff] : [(i % 10) << 4, 0x1c];
    return Uint8Array.from([...digits, ...amount, 0xd5, 0xd6, 0xe3, 0xc5]);
  });
}

const withRdw = (record: Uint8Array) => Uint8Array.from([0, record.length + 4, 0, 0, ...record]);

const LINES = Array.from(
  { length: 5_000 },
  (_, i) => `${String(i).padStart(4)} ${BAD.includes(i) ? 'x7' : i % 10}\n`,
);

/** One collection each, over bytes some of which cannot be decoded. */
const SHAPES: Readonly<Record<string, { readonly bytes: Uint8Array | string; readonly options: object }>> = {
  F: { bytes: Buffer.concat(entries(5_000)), options: {} },
  'F with a rest': { bytes: Buffer.concat([...entries(50, []), Uint8Array.of(1, 2)]), options: {} },
  V: { bytes: Buffer.concat(entries(5_000).map(withRdw)), options: { records: { format: 'V' } } },
  'V that is damaged': {
    bytes: Buffer.concat([...entries(50, []).map(withRdw), Uint8Array.of(0, 2, 0, 0)]),
    options: { records: { format: 'V' } },
  },
  lines: {
    bytes: LINES.join(''),
    options: { copybook: undefined, charset: 'utf-8', parseMap: 'map.json' },
  },
};
const MAP = JSON.stringify([
  { name: 'id', start: 0, width: 4, type: 'int' },
  { name: 'amount', start: 5, width: 2, type: 'int' },
]);

async function* opened(bytes: Uint8Array | string, options: object) {
  using at = folder({ 'entry.cpy': COPYBOOK, 'map.json': MAP, DATA: bytes });
  const collections = { rows: { path: 'DATA', copybook: 'entry.cpy', charset: 'cp037', ...options } };
  for (const open of [openFiles, openFarFiles]) {
    await using source = await open(hostAt(at.path), { collections });
    yield source;
  }
}

/** Everything that a reader is told, faults in rows and the fault at the end included. */
async function told(source: Source, where: readonly Conjunct[], limit?: number): Promise<readonly unknown[]> {
  const answer: unknown[] = [];
  const fields = source.model.collections[0]?.fields.map(({ name }) => name) ?? [];
  const access = source.access({ collection: 'rows', where, order: [] });
  const tell = (thrown: unknown): unknown => {
    if (!(thrown instanceof Fault)) throw thrown;
    const { kind, code, message, place, errors } = thrown;
    return { kind, code, message, place, errors };
  };
  try {
    for await (const batch of access.read({
      fields,
      signal: never,
      ...(limit === undefined ? {} : { limit }),
    })) {
      for (let i = 0; i < batch.length; i++) {
        const row: Row = batch.row(i);
        answer.push(fields.map((name) => (row[name] instanceof Fault ? tell(row[name]) : row[name])));
      }
    }
  } catch (error) {
    answer.push(tell(error));
  }
  try {
    answer.push(await access.count?.({ signal: never }));
  } catch (error) {
    answer.push(tell(error));
  }
  return answer;
}

const typeOf = (source: Source, field: string) => {
  const type = source.model.collections[0]?.fields.find(({ name }) => name === field)?.type;
  assert.ok(type?.kind === 'int32');
  return type;
};

/** A file that is nothing but a hole, too long to be read while a test waits; its scans are by these threads. */
async function endless(threads = watched(1)) {
  const at = folder({ 'zeros.cpy': ZEROS, DATA: '', FEW: new Uint8Array(300) });
  truncateSync(join(at.path, 'DATA'), 2 ** 42);
  const one = { copybook: 'zeros.cpy', charset: 'cp037', records: { format: 'F', tail: 'ignore-tail' } };
  const source = await openFarFiles(
    hostAt(at.path),
    { collections: { rows: { path: 'DATA', ...one }, few: { path: 'FEW', ...one } } },
    { threads: threads.pool },
  );
  const count = (collection: string, signal = never): Promise<number> => {
    const where = [{ op: 'ne', field: 'amount', type: typeOf(source, 'amount'), value: 0 }] as const;
    return source.access({ collection, where, order: [] }).count?.({ signal }) ?? Promise.reject(new Error());
  };
  return {
    at,
    source,
    count,
    workers: threads.workers,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      at[Symbol.dispose]();
    },
  };
}

function watched(most: number) {
  const workers: Worker[] = [];
  const start = (): Worker => {
    const worker = startWorker();
    workers.push(worker);
    return worker;
  };
  return { workers, pool: scanThreads({ most, start }) };
}

/** Until the only thread has been told of a scan. */
async function started(workers: readonly Worker[]): Promise<void> {
  for (let n = 0; workers.length === 0; n++) {
    assert.ok(n < 10_000, 'a thread started');
    await new Promise(setImmediate);
  }
  if (workers[0] !== undefined) await once(workers[0], 'online');
}

describe('a scan by a thread', () => {
  for (const [name, { bytes, options }] of Object.entries(SHAPES)) {
    it(`gives the rows, the places and the faults that it gives without one: ${name}`, async () => {
      const answers: unknown[] = [];
      for await (const source of opened(bytes, options)) {
        const id = { field: 'id', type: typeOf(source, 'id') } as const;
        const amount = { field: 'amount', type: typeOf(source, 'amount') } as const;
        answers.push([
          await told(source, [{ op: 'lt', ...id, value: 30 }]),
          await told(source, [{ op: 'ge', ...id, value: 4_290 }], 15),
          await told(source, [{ op: 'ge', ...id, value: 4_250 }], 15),
          await told(source, [{ op: 'eq', ...amount, value: 3 }]),
          await told(source, [
            { op: 'ge', ...id, value: 20 },
            { op: 'eq', ...amount, value: 3 },
          ]),
        ]);
      }
      const [near, far] = answers;
      assert.deepEqual(far, near);
      assert.match(JSON.stringify(far), /corrupt/);
    });
  }

  it('knows what COPY brought in, and the table of a charset of one’s own', async () => {
    // A page that is cp037 in digits and letters but for two of them, which are the other way round.
    const table = [
      ...Array.from({ length: 10 }, (_, i) => `F${i} U+003${i}`),
      '40 U+0020',
      'C1 U+0042',
      'C2 U+0041',
    ].join('\n');
    using at = folder({
      'own.txt': table,
      'entry.cpy': '       01  ENTRY-RECORD.\n           COPY BODY.\n',
      'BODY.cpy': '           05  ID  PIC 9(4).\n           05  NOTE  PIC X.\n',
      DATA: Uint8Array.from([0xf0, 0xf0, 0xf0, 0xf1, 0xc1, 0xf0, 0xf0, 0xf0, 0xf2, 0xc2]),
    });
    const rows = { path: 'DATA', copybook: 'entry.cpy', charset: { table: 'own.txt' } };
    await using source = await openFarFiles(hostAt(at.path), { collections: { rows } });
    const type = { kind: 'string', length: 1 } as const;
    assert.deepEqual(await told(source, [{ op: 'eq', field: 'note', type, value: 'A' }]), [[2, 'A'], 1]);
  });

  it('is asked for only where there is enough to read: neither for a small file nor for a page that the first bytes fill', async () => {
    const { workers, pool } = watched(1);
    using at = folder({
      'entry.cpy': COPYBOOK,
      DATA: Buffer.concat(entries(9_000, [])),
      'DATA.gz': gzipSync(Buffer.concat(entries(9_000, []))),
    });
    const one = { copybook: 'entry.cpy', charset: 'cp037' };
    const collections = {
      rows: { path: 'DATA', ...one },
      packed: { path: 'DATA.gz', compression: 'gzip', ...one },
    };
    const open = (more: object) => openFarFiles(hostAt(at.path), { collections }, { threads: pool, ...more });
    const page = async (source: Source, collection: string, limit: number) => {
      const where = [{ op: 'ge', field: 'id', type: typeOf(source, 'id'), value: 100 }] as const;
      let rows = 0;
      for await (const batch of source
        .access({ collection, where, order: [] })
        .read({ fields: [], signal: never, limit })) {
        rows += batch.length;
      }
      return rows;
    };
    {
      await using source = await open({ smallestBytes: PROCESS_SCANS.smallestBytes });
      assert.equal(await page(source, 'rows', 10_000), 8_900);
    }
    assert.equal(workers.length, 0);
    await using source = await open({ firstBytes: 65_536 });
    assert.equal(await page(source, 'packed', 10_000), 8_900);
    assert.equal(await page(source, 'rows', 50), 50);
    assert.equal(workers.length, 0);
    assert.equal(await page(source, 'rows', 10_000), 8_900);
    assert.equal(workers.length, 1);
  });

  it('shares few threads with others, all of which go on meanwhile', async () => {
    const threads = watched(2);
    await using far = await endless(threads);
    const leaving = new AbortController();
    const long = [1, 2, 3].map(() => faultOf(() => far.count('rows', leaving.signal)));
    const short = await Promise.all(Array.from({ length: 50 }, () => far.count('few')));
    assert.deepEqual(new Set(short), new Set([0]));
    leaving.abort(new Fault('unavailable', 'left', { code: 'left' }));
    for (const fault of await Promise.all(long)) assert.equal(fault.code, 'left');
    assert.equal(threads.workers.length, 2);
  });

  it('ends when its reader leaves: the file is closed then, and the thread is there for the next', async () => {
    await using far = await endless();
    const leaving = new AbortController();
    const left = faultOf(() => far.count('rows', leaving.signal));
    await started(far.workers);
    leaving.abort(new Fault('unavailable', 'left', { code: 'left' }));
    assert.equal((await left).code, 'left');
    assert.equal(handlesOn(far.at.path), 1, 'the one of the source');
    assert.equal(await far.count('few'), 0);
    assert.equal(far.workers.length, 1);
  });

  it('whose thread is lost is a fault, and the next scan has another thread', async () => {
    await using far = await endless();
    const lost = faultOf(() => far.count('rows'));
    await started(far.workers);
    await far.workers[0]?.terminate();
    const { kind, code } = await lost;
    assert.deepEqual({ kind, code }, { kind: 'unavailable', code: 'thread-lost' });
    assert.equal(handlesOn(far.at.path), 1, 'the one of the source');
    assert.equal(await far.count('few'), 0);
    assert.equal(far.workers.length, 2);
  });

  it('ends with its source, and the threads with the last source', async () => {
    const far = await endless();
    const closed = faultOf(() => far.count('rows'));
    await started(far.workers);
    const [worker] = far.workers;
    assert.ok(worker);
    const gone = once(worker, 'exit');
    await far[Symbol.asyncDispose]();
    assert.equal((await closed).code, 'closing');
    await gone;
  });

  it('keeps no process from ending, once it has ended itself', () => {
    using at = folder({ 'entry.cpy': COPYBOOK, DATA: Buffer.concat(entries(100, [])) });
    at.write(
      'main.ts',
      `import { hostAt, openFarFiles } from ${JSON.stringify(join(import.meta.dirname, 'opening.ts'))};
       const rows = { path: 'DATA', copybook: 'entry.cpy', charset: 'cp037' };
       const source = await openFarFiles(hostAt(${JSON.stringify(at.path)}), { collections: { rows } });
       const where = [{ op: 'lt', field: 'id', type: { kind: 'int32' }, value: 30 }];
       console.log(await source.access({ collection: 'rows', where, order: [] }).count({ signal: new AbortController().signal }));`,
    );
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(at.path, 'main.ts')], {
      timeout: 60_000,
      encoding: 'utf8',
    });
    assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '30\n', stderr: '' });
  });
});
