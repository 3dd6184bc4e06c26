// Indexes on disk: found by the next start, never trusted when they are damaged or of something else, and never in anybody's way.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Row, Source } from '#spi';
import { adapter, fileSource } from '../../../../adapters/file/file.ts';
import { factsOf, type IndexName, indexFolder } from '../../../../adapters/file/indexes/index-folder.ts';
import type { Pages } from '../../../../adapters/file/indexes/page-file.ts';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import { collect, type Folder, faultOf, folder, handlesOn, hostAt, never } from '../opening.ts';
import { counting, settle } from './counting.ts';

const COPYBOOK = `
       01  ROW.
           05  ID      PIC 9(6).
           05  NOTE    PIC X(4).
`;
const OTHER_COPYBOOK = `
       01  ROW.
           05  ID      PIC X(6).
           05  NOTE    PIC X(4).
`;

const ROWS = 3_000;

/** The ids stand in another order than that of the file. */
const idOf = (row: number): number => (row * 7) % ROWS;

function lines(end: string, note = 'note'): string {
  return Array.from({ length: ROWS }, (_, row) => `${String(idOf(row)).padStart(6, '0')}${note}${end}`).join(
    '',
  );
}

function data(more: Readonly<Record<string, string>> = {}): Folder {
  const at = folder({
    'row.cpy': COPYBOOK,
    'other.cpy': OTHER_COPYBOOK,
    ROWS: lines(''),
    LINES: lines('\n'),
    ...more,
  });
  for (const name of ['ROWS', 'LINES', ...Object.keys(more)]) settle(at, name);
  return at;
}

const FIXED = { path: 'ROWS', copybook: 'row.cpy', charset: 'ascii', key: ['ID'] };
const LINES = { ...FIXED, path: 'LINES', records: { format: 'text' } };

function open(
  at: Folder,
  collection: object,
  { store = diskStore(at.path), cache = {} } = {},
): Promise<Source> {
  const options = adapter.options.parse({
    collections: { rows: collection },
    cache: { indexFromBytes: 0, ...cache },
  });
  return fileSource(options, store, hostAt(at.path));
}

const byId = (id: number) =>
  ({ collection: 'rows', where: [{ op: 'eq', field: 'id', type: { kind: 'int32' }, value: id }] }) as const;

async function assertServed(source: Source): Promise<void> {
  assert.deepEqual(await collect(source, byId(idOf(1_000))), [{ id: idOf(1_000), note: 'note' }]);
  assert.deepEqual(await collect(source, byId(ROWS)), []);
  const order = [{ field: 'id', type: { kind: 'int32' }, descending: true }] as const;
  const rows = await collect(source, { collection: 'rows', order }, 5);
  assert.deepEqual(
    rows.map(({ id }) => id),
    [1, 2, 3, 4, 5].map((i) => ROWS - i),
  );
}

const kept = (at: Folder): readonly string[] => {
  try {
    return readdirSync(join(at.path, 'overpunch-cache', 'files', 'indexes')).toSorted();
  } catch {
    return [];
  }
};
const pathOf = (at: Folder, name: string): string =>
  join(at.path, 'overpunch-cache', 'files', 'indexes', name);

for (const [shape, collection, files] of [
  ['records of one length', FIXED, 1],
  ['lines', LINES, 2],
] as const) {
  describe(`the index of ${shape}`, () => {
    it('is found by the next start, which reads nothing of the file but what is asked for', async () => {
      using at = data();
      {
        await using source = await open(at, collection);
        await assertServed(source);
      }
      assert.equal(kept(at).length, files);
      const store = counting(at);
      await using source = await open(at, collection, { store });
      assert.deepEqual(await collect(source, byId(idOf(1_000))), [{ id: idOf(1_000), note: 'note' }]);
      // Small files are held whole by those who share them.
      assert.ok(store.bytes <= statSync(join(at.path, collection.path)).size, `${store.bytes} bytes`);
      await assertServed(source);
      assert.ok(store.bytes <= statSync(join(at.path, collection.path)).size, `${store.bytes} bytes`);
    });

    it('that is damaged, at whatever place, is made again, and nobody notices', async () => {
      using at = data();
      {
        await using source = await open(at, collection);
        await assertServed(source);
      }
      const names = kept(at);
      for (const name of names) {
        const intact = readFileSync(pathOf(at, name));
        for (const place of [
          0,
          9,
          100,
          intact.length >> 1,
          intact.length - 40,
          intact.length - 10,
          intact.length - 1,
        ]) {
          const bytes = Buffer.from(intact);
          bytes[place] = (bytes[place] ?? 0) ^ 0x10;
          writeFileSync(pathOf(at, name), bytes);
          await using source = await open(at, collection);
          await assertServed(source);
        }
        for (const length of [0, 7, 20, intact.length >> 1, intact.length - 1]) {
          truncateSync(pathOf(at, name), length);
          await using source = await open(at, collection);
          await assertServed(source);
        }
        assert.deepEqual(kept(at), names);
        assert.deepEqual(readFileSync(pathOf(at, name)), intact);
      }
    });

    it('that is damaged while it is read is made again, and nobody notices', async () => {
      using at = data();
      {
        await using source = await open(at, collection);
        await assertServed(source);
      }
      await using source = await open(at, collection);
      const names = kept(at);
      assert.equal((await collect(source, byId(0))).length, 1);
      for (const name of names) truncateSync(pathOf(at, name), 10);
      for (let row = 0; row < ROWS; row += 97) {
        assert.deepEqual(await collect(source, byId(idOf(row))), [{ id: idOf(row), note: 'note' }]);
      }
      await assertServed(source);
      assert.deepEqual(kept(at), names);
    });
  });
}

describe('indexes on disk', () => {
  it('of another layout, key or charset are not used, and those of the same are', async () => {
    using at = data();
    {
      await using source = await open(at, FIXED);
      await assertServed(source);
    }
    for (const [i, other] of [
      { ...FIXED, copybook: 'other.cpy' },
      { ...FIXED, charset: 'latin1' },
      { ...FIXED, key: ['ID', 'NOTE'] },
      { ...FIXED, records: { format: 'F', header: 10 } },
    ].entries()) {
      await using source = await open(at, other);
      await source.check(never);
      assert.equal(kept(at).length, i + 2, JSON.stringify(other));
    }
    await using source = await open(at, { ...FIXED, doc: 'The same' });
    await assertServed(source);
    assert.equal(kept(at).length, 5);
  });

  it('that lie under the name of another are not used', async () => {
    using at = data({ OTHERS: lines('', 'oops') });
    {
      await using source = await open(at, FIXED);
      await source.check(never);
    }
    const [mine = ''] = kept(at);
    rmSync(join(at.path, 'overpunch-cache'), { recursive: true });
    {
      await using source = await open(at, { ...FIXED, path: 'OTHERS', key: ['NOTE', 'ID'] });
      await source.check(never);
    }
    const [foreign = ''] = kept(at);
    renameSync(pathOf(at, foreign), pathOf(at, mine));
    await using source = await open(at, FIXED);
    await assertServed(source);
  });

  it('of an older version are deleted when the newer one has its own and nobody uses them any more', async () => {
    using at = folder();
    const home = join(at.path, 'overpunch-cache', 'files');
    const indexes = indexFolder({ home, maxBytes: 1_000_000 });
    const name = (version: string, file = 'A') => ({ file, version, definition: 'key' });
    const keep = async (wanted: IndexName): Promise<Pages> => {
      const draft = await indexes.draft();
      await draft.append(Uint8Array.of(1, 2, 3));
      const pages = await draft.finish({ facts: factsOf(wanted), summary: new Uint8Array(0) });
      await draft.keep(wanted);
      return pages;
    };
    await using other = await keep(name('1', 'B'));
    const first = await keep(name('1'));
    const again = await indexes.open(name('1'));
    assert.ok(again !== undefined);
    await using _ = await keep(name('2'));
    assert.equal(kept(at).length, 3);
    await first[Symbol.asyncDispose]();
    assert.deepEqual(await again.read(0), Uint8Array.of(1, 2, 3));
    assert.equal(kept(at).length, 3);
    await again[Symbol.asyncDispose]();
    assert.equal(kept(at).length, 2);
    assert.equal(await indexes.open(name('1')), undefined);
    await other[Symbol.asyncDispose]();
    await using third = await keep(name('3'));
    assert.equal(third.length, 1);
    assert.equal(kept(at).length, 3);
  });

  it('of a file that has only just changed, and of a small file, are not kept', async () => {
    using at = data();
    settle(at, 'ROWS', 0);
    {
      await using source = await open(at, FIXED);
      await assertServed(source);
      assert.deepEqual(
        kept(at).filter((name) => name.endsWith('.index')),
        [],
      );
    }
    assert.deepEqual(kept(at), []);
    rmSync(join(at.path, 'overpunch-cache'), { recursive: true });
    settle(at, 'ROWS');
    await using source = await open(at, FIXED, { cache: { indexFromBytes: ROWS * 10 + 1 } });
    await assertServed(source);
    assert.ok(!readdirSync(at.path).includes('overpunch-cache'));
  });

  it('give up their room to others, and where there is none they are in memory, which a check tells', async () => {
    using at = data({ OTHERS: lines('') });
    const cache = { maxBytes: 50_000 };
    for (const path of ['ROWS', 'OTHERS']) {
      await using source = await open(at, { ...FIXED, path }, { cache });
      await source.check(never);
      assert.equal(kept(at).length, 1);
      assert.equal(source.model.remarks?.length ?? 0, 0);
    }
    await using source = await open(at, FIXED, { cache: { maxBytes: 1_000 } });
    await assertServed(source);
    await source.check(never);
    assert.match(source.model.remarks?.[0]?.message ?? '', /"ROWS" are in memory.*"maxBytes"/);
    assert.deepEqual(kept(at), []);
  });

  it('leave nothing behind that is not complete, and clear away what a killed process left', async () => {
    using at = data();
    mkdirSync(join(at.path, 'overpunch-cache', 'files', 'indexes'), { recursive: true });
    writeFileSync(pathOf(at, 'of-a-killed-process.part'), 'abc');
    {
      await using source = await open(at, LINES);
      await assertServed(source);
    }
    assert.ok(kept(at).length === 2 && kept(at).every((name) => name.endsWith('.index')), kept(at).join());
    assert.equal(handlesOn(at.path), 0);
  });

  it('are in memory where the folder cannot be made, and every request is answered', async () => {
    using at = data({ 'overpunch-cache': 'a file in the way' });
    await using source = await open(at, FIXED);
    await assertServed(source);
    await source.check(never);
    assert.match(source.model.remarks?.[0]?.message ?? '', /in memory/);
  });

  it('are in memory where a file cannot grow as the disk is full, and every request is answered', async () => {
    using at = data();
    const program = `
      import { adapter } from ${JSON.stringify(join(import.meta.dirname, '../../../../adapters/file/file.ts'))};
      import { collect, hostAt, never } from ${JSON.stringify(join(import.meta.dirname, '../opening.ts'))};
      const options = { collections: { rows: ${JSON.stringify(LINES)} }, cache: { indexFromBytes: 0 } };
      await using source = await adapter.open(adapter.options.parse(options), hostAt(${JSON.stringify(at.path)}));
      await source.check(never);
      const rows = await collect(source, ${JSON.stringify(byId(idOf(1_000)))});
      console.log(JSON.stringify({ rows, remarks: source.model.remarks }));
    `;
    // Blocks of 512 or 1024 bytes: less than an index takes.
    const out = execFileSync(
      'sh',
      ['-c', 'ulimit -f 8; exec "$0" --input-type=module-typescript -e "$1"', process.execPath, program],
      {
        encoding: 'utf8',
      },
    );
    const { rows, remarks }: { rows: readonly Row[]; remarks: readonly { message: string }[] } =
      JSON.parse(out);
    assert.deepEqual(rows, [{ id: idOf(1_000), note: 'note' }]);
    assert.match(remarks[0]?.message ?? '', /may not become so large/);
    assert.deepEqual(kept(at), []);
  });

  it('a key that is not unique is told each time, and no index of it is kept', async () => {
    using at = data({ TWINS: `${lines('')}000021twin` });
    for (let start = 0; start < 2; start++) {
      await using source = await open(at, { ...FIXED, path: 'TWINS' });
      const fault = await faultOf(() => source.check(never));
      assert.equal(fault.code, 'key-not-unique');
      assert.match(fault.message, /records 4 and 3001 of "TWINS" both have 21/);
      assert.deepEqual(kept(at), []);
    }
  });
});
