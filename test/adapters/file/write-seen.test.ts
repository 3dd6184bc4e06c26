// A row that was written is what the same client reads next, wherever the file is and whatever stands between it and its readers.

import assert from 'node:assert/strict';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Change, Source } from '#spi';
import { collect, faultOf, folder, hostAt, leftIn, never, openFiles } from './opening.ts';
import { secrets, site } from './sftp/opening.ts';
import { inserts, remove, update, WRITES } from './writing.ts';

const COPYBOOK = '       01 ROW. 05 ID PIC 9(6). 05 NOTE PIC X(34).\n';
const COUNT = 600;
/** Its middle is more than what is looked at of a file to tell its versions apart. */
const DATA = Array.from(
  { length: COUNT },
  (_, i) => `${String(i).padStart(6, '0')}${'as it was'.padEnd(34)}`,
).join('');

const COLLECTION = {
  path: 'DATA',
  copybook: 'row.cpy',
  charset: 'ascii',
  key: ['ID'],
  writes: WRITES,
};

async function write(source: Source, ...changes: readonly Change[]): Promise<void> {
  await source.write?.(changes, { signal: never });
}

async function notes(source: Source): Promise<ReadonlyMap<unknown, unknown>> {
  const rows = await collect(source, { collection: 'rows' });
  return new Map(rows.map((row) => [row['id'], row['note']]));
}

/** By key, by a scan, and by a count. */
async function checkSeen(source: Source): Promise<void> {
  const type = source.model.collections[0]?.fields.find(({ name }) => name === 'id')?.type;
  assert.ok(type?.kind === 'int32');
  const noteOf = async (id: number) => {
    const where = [{ op: 'eq', field: 'id', type, value: id }] as const;
    const [row] = await collect(source, { collection: 'rows', where });
    return row?.['note'];
  };
  assert.equal(await noteOf(300), 'as it was');
  for (let i = 0; i < 4; i++) {
    await write(source, update('rows', [300], { note: `update ${i}` }));
    assert.equal(await noteOf(300), `update ${i}`);
    assert.equal((await notes(source)).get(300), `update ${i}`);
  }
  await write(source, ...inserts('rows', { id: COUNT, note: 'new' }));
  assert.equal(await noteOf(COUNT), 'new');
  await write(source, remove('rows', [1]));
  assert.equal(await noteOf(1), undefined);
  assert.equal((await notes(source)).size, COUNT);
  const access = source.access({ collection: 'rows', where: [], order: [] });
  assert.equal(await access.count?.({ signal: never }), COUNT);
}

interface Layers {
  readonly store?: object;
  readonly collection?: object;
  readonly rest?: object;
}

const HOUR = { refresh: { everyMs: 3_600_000 } };
const LAYERS: Readonly<Record<string, Layers>> = {
  'as they are': {},
  'that have to be settled': { store: { settleMs: 600_000 } },
  'that have to be settled and are looked for in the background': {
    store: { settleMs: 600_000 },
    collection: HOUR,
  },
  'that are verified': { collection: { publish: { verify: 'all' } } },
  'that are verified in the background': { collection: { publish: { verify: 'all' }, ...HOUR } },
  'of which no older version is kept': { rest: { keepVersions: { forMs: 0 } } },
};

describe('a row that was written is read at once', () => {
  for (const [name, { store = {}, collection = {}, rest = {} }] of Object.entries(LAYERS)) {
    for (const copies of [false, true]) {
      it(`in ${copies ? 'copies of ' : ''}files ${name}`, async () => {
        using at = folder({ 'row.cpy': COPYBOOK, DATA });
        utimesSync(join(at.path, 'DATA'), 1_700_000_000, 1_700_000_000);
        await using source = await openFiles(hostAt(at.path), {
          store: { disk: { copies, ...store } },
          cache: { folder: 'cache' },
          collections: { rows: { ...COLLECTION, ...collection } },
          ...rest,
        });
        await checkSeen(source);
      });
    }
    it(`by SFTP in files ${name}`, async () => {
      await using at = await site();
      at.local.write('row.cpy', COPYBOOK);
      at.put('DATA', DATA);
      const sftp = {
        host: '127.0.0.1',
        port: at.server.port,
        user: 'batch',
        password: { env: 'PASSWORD' },
        hostKey: at.server.fingerprint,
        ...store,
      };
      const host = { ...hostAt(at.local.path), secret: secrets };
      await using source = await openFiles(host, {
        store: { sftp },
        cache: { folder: 'cache' },
        collections: { rows: { ...COLLECTION, ...collection } },
        ...rest,
      });
      await checkSeen(source);
    });
  }
});

describe('a file whose version is not shown', () => {
  const opened = (at: { readonly path: string }, store: object, collection: object) =>
    openFiles(hostAt(at.path), {
      store: { disk: store },
      collections: { rows: { ...COLLECTION, ...collection } },
    });
  const change = update('rows', [300], { note: 'mine' });

  it('is not written as long as another program may still write it', async () => {
    using at = folder({ 'row.cpy': COPYBOOK, DATA });
    await using source = await opened(at, { settleMs: 600_000 }, {});
    const refused = await faultOf(() => write(source, change));
    assert.deepEqual([refused.kind, refused.code], ['unavailable', 'file-unsettled']);
    utimesSync(join(at.path, 'DATA'), 1_700_000_000, 1_700_000_000);
    await write(source, change);
    assert.equal((await notes(source)).get(300), 'mine');
    at.write('DATA', DATA);
    assert.equal((await faultOf(() => write(source, change))).code, 'file-unsettled');
    assert.equal(readFileSync(join(at.path, 'DATA'), 'latin1'), DATA);
  });

  it('is not written when it was refused', async () => {
    using at = folder({ 'row.cpy': COPYBOOK, DATA });
    await using source = await opened(at, {}, { publish: { verify: 'all' } });
    await notes(source);
    const bad = `x${DATA.slice(1)}`;
    writeFileSync(join(at.path, 'DATA'), bad);
    const refused = await faultOf(() => write(source, change));
    assert.deepEqual([refused.kind, refused.place.record], ['corrupt', 1]);
    assert.equal(readFileSync(join(at.path, 'DATA'), 'latin1'), bad);
    writeFileSync(join(at.path, 'DATA'), DATA);
    await write(source, change);
    assert.equal((await notes(source)).get(300), 'mine');
    assert.deepEqual(leftIn(at.path), []);
  });
});
