// Readers page through files that are replaced meanwhile: every page of one reader is of the version that it began with.

import assert from 'node:assert/strict';
import { renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Row, Source } from '#spi';
import { guard } from '../../../src/guard/guard.ts';
import { buildCatalog } from '../../../src/model/build-catalog.ts';
import { DEFAULT_POLICY } from '../../../src/policy.ts';
import type { ListRequest } from '../../../src/query/request.ts';
import { createExecute } from '../../../src/run/run.ts';
import { type Folder, faultOf, folder, handlesOn, hostAt, never, openFiles } from './opening.ts';
import { site } from './sftp/opening.ts';

const MAP = JSON.stringify([
  { name: 'id', start: 0, width: 6, type: 'int' },
  { name: 'generation', start: 6, width: 6, type: 'int' },
]);

const rowsOf = (generation: number): number => 61 + (generation % 50);

/** Every record tells its generation, each generation has rows in a number and an order of its own. */
function content(generation: number, of = ''): string {
  const rows = rowsOf(generation);
  const step = [7, 11, 13, 17, 1].find((prime) => rows % prime !== 0) ?? 1;
  return Array.from({ length: rows }, (_, i) => {
    const id = generation % 3 === 0 ? i : (i * step) % rows;
    return `${String(id).padStart(6)}${String(generation).padStart(6)}${of}\n`;
  }).join('');
}

function replace(at: Folder, name: string, text: string): void {
  at.write(`${name}.new`, text);
  renameSync(join(at.path, `${name}.new`), join(at.path, name));
}

interface Page {
  readonly rows: readonly Row[];
  readonly next: string | undefined;
  readonly total: number | undefined;
}

type Asked = Partial<Pick<ListRequest, 'after' | 'first' | 'count' | 'order' | 'where'>>;

/** As the facades read: one page of a collection. */
function pager(source: Source) {
  const guarded = guard(source, { source: 'files', timeoutMs: 60_000 });
  const { catalog, problems } = buildCatalog([{ source: 'files', ...source.model }], []);
  assert.deepEqual(problems, []);
  const execute = createExecute({ catalog, policy: DEFAULT_POLICY, source: () => guarded });
  /** `meanwhile`: what happens between the rows and their number. */
  return async (collection: string, asked: Asked = {}, meanwhile = () => {}): Promise<Page> => {
    const selection = { fields: ['id', 'generation'], include: [] };
    const window = { where: [], order: [], first: 20, count: false, ...asked };
    const result = await execute(
      { kind: 'list', collection, selection, ...window },
      { requestId: 'r', signal: never },
    );
    const rows: Row[] = [];
    let cursor: string | undefined;
    for await (const batch of result.batches) {
      for (let i = 0; i < batch.length; i++) {
        rows.push({ ...batch.row(i) });
        cursor = batch.cursor(i);
      }
    }
    meanwhile();
    return {
      rows,
      next: result.hasNextPage() ? cursor : undefined,
      total: await result.totalCount?.(),
    };
  };
}

type Pager = ReturnType<typeof pager>;

/** Reads a collection from the first page to the last; the generation that it saw, and nothing else of. */
async function wholeOf(page: Pager, collection: string, times = 1, turned = () => {}): Promise<number> {
  const rows: Row[] = [];
  let after: string | undefined;
  do {
    const { rows: some, next } = await page(collection, after === undefined ? {} : { after });
    turned();
    rows.push(...some);
    after = next;
  } while (after !== undefined);
  const generation = Number(rows[0]?.['generation']);
  assert.deepEqual([...new Set(rows.map((row) => row['generation']))], [generation], collection);
  const ids = rows.map((row) => Number(row['id'])).toSorted((a, b) => a - b);
  const whole = Array.from({ length: rowsOf(generation) * times }, (_, i) => Math.floor(i / times));
  assert.deepEqual(ids, whole, collection);
  return generation;
}

const KEYED = { path: 'LINES.TXT', parseMap: 'line.json', key: ['id'] };
const KEYLESS = { path: 'LINES.TXT', parseMap: 'line.json' };

function linesFolder(): Folder {
  return folder({ 'line.json': MAP, 'LINES.TXT': content(0) });
}

const READERS = 50;

describe('readers of a file that is replaced', () => {
  it('50 of them, 100 times: every reader sees one whole version, none fails', async () => {
    using at = linesFolder();
    at.write('A.PART', content(0));
    at.write('B.PART', content(0));
    const source = await openFiles(hostAt(at.path), {
      collections: {
        keyed: KEYED,
        keyless: KEYLESS,
        parts: { files: '*.PART', parseMap: 'line.json', key: ['file', 'id'] },
      },
    });
    const page = pager(source);
    const names = ['keyed', 'keyless', 'keyed', 'keyless', 'parts'];
    let turned = 0;
    let ended = false;
    const seen = new Set<string>();
    const readers = Array.from({ length: READERS }, async (_, i) => {
      const name = names[i % names.length] ?? 'keyed';
      // Only one of the parts changes at a time, so that two together may be of two generations: of each, one version.
      while (!ended) {
        if (name === 'parts') await partsOf(page, () => turned++);
        else seen.add(`${name} ${await wholeOf(page, name, 1, () => turned++)}`);
      }
    });
    const failed = Promise.all(readers).catch((error: unknown) => {
      ended = true;
      throw error;
    });
    failed.catch(() => {});
    for (let generation = 1; generation <= 100 && !ended; generation++) {
      replace(at, 'LINES.TXT', content(generation));
      replace(at, generation % 2 === 0 ? 'A.PART' : 'B.PART', content(generation));
      const enough = turned + READERS;
      while (turned < enough && !ended) await setImmediate();
    }
    ended = true;
    await failed;
    assert.ok(seen.size > 60, `${seen.size} generations were seen`);
    await source[Symbol.asyncDispose]();
    assert.equal(handlesOn(at.path), 0);
  });

  it('by SFTP: every reader sees one whole version, none fails', async () => {
    await using at = await site();
    at.local.write('line.json', MAP);
    at.put('data.txt', content(0), 9_000);
    const page = pager(await at.open());
    let turned = 0;
    let ended = false;
    const seen = new Set([await wholeOf(page, 'lines')]);
    const readers = Array.from({ length: 10 }, async () => {
      while (!ended) seen.add(await wholeOf(page, 'lines', 1, () => turned++));
    });
    const failed = Promise.all(readers).finally(() => {
      ended = true;
    });
    failed.catch(() => {});
    for (let generation = 1; generation <= 8 && !ended; generation++) {
      at.put('data.txt', content(generation), 9_000 - generation);
      while (!seen.has(generation) && !ended) await setImmediate();
    }
    ended = true;
    await failed;
    assert.equal(seen.size, 9);
  });
});

/** Every file of the set is seen in one version, whole. */
async function partsOf(page: Pager, turned: () => void): Promise<void> {
  const count = new Map<string, number>();
  let after: string | undefined;
  let rows = 0;
  do {
    const { rows: some, next } = await page('parts', {
      ...(after === undefined ? {} : { after }),
      first: 50,
    });
    turned();
    for (const row of some) {
      const generation = String(row['generation']);
      count.set(generation, (count.get(generation) ?? 0) + 1);
    }
    rows += some.length;
    after = next;
  } while (after !== undefined);
  assert.ok(count.size <= 2, [...count.keys()].join());
  const generations = [...count.keys()].map(Number);
  const [one = 0, other = one] = generations;
  assert.equal(rows, rowsOf(one) + rowsOf(other));
  for (const [generation, its] of count) {
    assert.equal(its, rowsOf(Number(generation)) * (generations.length === 1 ? 2 : 1));
  }
}

describe('a page of a version that was replaced', () => {
  it('is counted in its own version, as is the first one', async () => {
    using at = linesFolder();
    await using source = await openFiles(hostAt(at.path), {
      collections: { keyed: KEYED, keyless: KEYLESS },
    });
    const page = pager(source);
    for (const name of ['keyed', 'keyless']) {
      replace(at, 'LINES.TXT', content(1));
      const first = await page(name, { count: true }, () => replace(at, 'LINES.TXT', content(2)));
      assert.equal(first.total, rowsOf(1));
      const second = await page(name, { after: first.next ?? '', count: true });
      assert.deepEqual([second.total, second.rows[0]?.['generation']], [rowsOf(1), 1]);
      const anew = await page(name, { count: true });
      assert.deepEqual([anew.total, anew.rows[0]?.['generation']], [rowsOf(2), 2]);
    }
  });

  it('of any order and filter is of that version', async () => {
    using at = linesFolder();
    await using source = await openFiles(hostAt(at.path), { collections: { keyed: KEYED } });
    const page = pager(source);
    const type = { kind: 'int32' } as const;
    const asked: Asked = {
      order: [{ field: 'generation', type, descending: true }],
      where: [{ op: 'gt', field: 'id', type, value: 9 }],
    };
    const first = await page('keyed', asked);
    replace(at, 'LINES.TXT', content(1));
    const second = await page('keyed', { ...asked, after: first.next ?? '' });
    assert.deepEqual(
      second.rows.map((row) => [row['id'], row['generation']]),
      Array.from({ length: 20 }, (_, i) => [30 + i, 0]),
    );
  });

  it('that is gone goes on by the newest in key order, and is refused where a cursor counts rows', async () => {
    using at = linesFolder();
    await using source = await openFiles(hostAt(at.path), {
      keepVersions: { most: 1 },
      collections: { keyed: KEYED, keyless: KEYLESS },
    });
    const page = pager(source);
    const [keyed, keyless] = [await page('keyed'), await page('keyless')];
    for (const generation of [1, 2]) {
      replace(at, 'LINES.TXT', content(generation));
      await page('keyed');
    }
    const next = await page('keyed', { after: keyed.next ?? '' });
    assert.deepEqual([next.rows[0]?.['id'], next.rows[0]?.['generation']], [20, 2]);
    const fault = await faultOf(() => page('keyless', { after: keyless.next ?? '' }));
    assert.deepEqual([fault.kind, fault.code, fault.place.parameter], ['stale', 'cursor-expired', 'after']);
    assert.match(fault.place.hint ?? '', /first page/);
  });

  it('is never of bytes that were written over it', async () => {
    using at = linesFolder();
    const hourAgo = Date.now() / 1_000 - 3_600;
    utimesSync(join(at.path, 'LINES.TXT'), hourAgo, hourAgo);
    at.write('A.PART', content(0));
    utimesSync(join(at.path, 'A.PART'), hourAgo, hourAgo);
    await using source = await openFiles(hostAt(at.path), {
      collections: {
        keyed: KEYED,
        keyless: KEYLESS,
        parts: { files: '*.PART', parseMap: 'line.json' },
      },
    });
    const page = pager(source);
    const firsts = [await page('keyed'), await page('keyless'), await page('parts')];
    // In place: the open handle reads the new bytes.
    at.write('LINES.TXT', content(3));
    at.write('A.PART', content(3));
    const next = await page('keyed', { after: firsts[0]?.next ?? '' });
    assert.deepEqual([...new Set(next.rows.map((row) => row['generation']))], [3]);
    for (const [i, name] of ['keyless', 'parts'].entries()) {
      const fault = await faultOf(() => page(name, { after: firsts[i + 1]?.next ?? '' }));
      assert.equal(fault.code, 'cursor-expired', name);
    }
  });

  it('of a set is of the files that it had: also one that was deleted, and none that came', async () => {
    using at = folder({ 'line.json': MAP, 'A.PART': content(0), 'B.PART': content(0) });
    await using source = await openFiles(hostAt(at.path), {
      collections: { parts: { files: '*.PART', parseMap: 'line.json' } },
    });
    const page = pager(source);
    const first = await page('parts');
    replace(at, 'C.PART', content(1));
    renameSync(join(at.path, 'B.PART'), join(at.path, 'B.OLD'));
    assert.equal((await page('parts', { count: true })).total, rowsOf(0) + rowsOf(1));
    let rows = first.rows.length;
    for (let after = first.next; after !== undefined; ) {
      const { rows: some, next, total } = await page('parts', { after, count: true });
      assert.equal(total, 2 * rowsOf(0));
      assert.ok(some.every((row) => row['generation'] === 0));
      rows += some.length;
      after = next;
    }
    assert.equal(rows, 2 * rowsOf(0));
  });

  it('is not kept where nothing is to be kept: its cursors name no version', async () => {
    using at = linesFolder();
    await using source = await openFiles(hostAt(at.path), {
      keepVersions: { forMs: 0 },
      collections: { keyless: KEYLESS, parts: { files: 'LINES.*', parseMap: 'line.json' } },
    });
    for (const name of ['keyless', 'parts']) {
      for await (const batch of source.access({ collection: name, where: [], order: [] }).read({
        fields: ['id'],
        signal: never,
      })) {
        assert.equal(batch.version, undefined);
      }
    }
  });
});
