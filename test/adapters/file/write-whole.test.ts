// Files that are written as a whole: one that an operation replaces, and the new ones of an outbox.

import assert from 'node:assert/strict';
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Fault, type Value } from '#spi';
import { outboxName } from '../../../adapters/file/write/outbox-name.ts';
import { collect, faultOf, never } from './opening.ts';
import { inserts, remove, type Written, written } from './writing.ts';

const COPYBOOK = `
       01  R.
           05  ID    PIC 9(3).
           05  NAME  PIC X(4).
`;

const replaced = (data: string | undefined, more: object = {}) =>
  written(
    { 'r.cpy': COPYBOOK, ...(data === undefined ? {} : { 'r.dat': data }) },
    { items: { path: 'r.dat', copybook: 'r.cpy', charset: 'ascii', key: ['ID'], replace: true, ...more } },
  );

async function replace({ source }: Written, ...rows: readonly Value[]): Promise<unknown> {
  assert.ok(source.invoke);
  return await source.invoke('replaceItems', { rows }, { signal: never });
}

describe('replacing a whole file', () => {
  it('is an operation that writes, and may be sent again', async () => {
    await using it = await replaced('001Ann ');
    const [operation] = it.source.model.operations;
    assert.deepEqual(
      [operation?.name, operation?.effect, operation?.idempotent, operation?.input.map(({ name }) => name)],
      ['replaceItems', 'write', true, ['rows']],
    );
    assert.equal(it.source.write, undefined);
  });

  it('leaves the rows that were given, in their order, and what is no record', async () => {
    await using it = await replaced('HEAD001Ann TRAIL', { records: { format: 'F', header: 4, trailer: 5 } });
    assert.deepEqual(await replace(it, { id: 2, name: 'Bob' }, { id: 1, name: 'Zed' }), { rows: 2 });
    assert.equal(String(it.bytes('r.dat')), 'HEAD002Bob 001Zed TRAIL');
    assert.deepEqual(await replace(it), { rows: 0 });
    assert.equal(String(it.bytes('r.dat')), 'HEADTRAIL');
  });

  it('makes the file where there is none', async () => {
    await using it = await replaced(undefined, { records: { format: 'text' } });
    await replace(it, { id: 2, name: 'Bob' });
    assert.equal(String(it.bytes('r.dat')), '002Bob \n');
    assert.deepEqual(await collect(it.source, { collection: 'items' }), [{ id: 2, name: 'Bob' }]);
  });

  it('leaves the old file when a row is refused, and names the row', async () => {
    await using it = await replaced('001Ann ');
    for (const [code, ...rows] of [
      ['bad-value', { id: 1, name: 'a' }, { id: 2, name: 'too long' }],
      ['duplicate', { id: 1, name: 'a' }, { id: 1, name: 'b' }],
    ] as const) {
      const refused = await faultOf(() => replace(it, ...rows));
      assert.deepEqual([refused.code, refused.place.record], [code, 2]);
    }
    assert.deepEqual(it.store.done, []);
  });
});

const outbox = (path = 'OUT/ORD-{nnn}.DAT', more: object = {}) =>
  written(
    { 'r.cpy': COPYBOOK },
    {
      items: {
        files: { glob: 'OUT/ORD-*.DAT' },
        copybook: 'r.cpy',
        charset: 'ascii',
        key: ['ID'],
        writes: ['insert'],
        outbox: { path },
        ...more,
      },
    },
  );

async function withFolder(it: Written): Promise<Written> {
  const { mkdirSync } = await import('node:fs');
  mkdirSync(join(it.place.path, 'OUT'));
  return it;
}

describe('an outbox', () => {
  it('makes one new file of each request, with its records in their order', async () => {
    await using it = await withFolder(await outbox());
    const outcomes = await it.write(...inserts('items', { id: 7, name: 'a' }, { id: 3, name: 'b' }));
    assert.deepEqual(outcomes, [
      { key: [7], created: true },
      { key: [3], created: true },
    ]);
    await it.write(...inserts('items', { id: 4, name: 'c' }));
    assert.deepEqual(readdirSync(join(it.place.path, 'OUT')).toSorted(), ['ORD-001.DAT', 'ORD-002.DAT']);
    assert.equal(String(it.bytes('OUT/ORD-001.DAT')), '007a   003b   ');
    assert.equal((await collect(it.source, { collection: 'items' })).length, 3);
  });

  it('its files are seen by the next read, and their names are fields', async () => {
    await using it = await withFolder(await outbox('OUT/ORD-{n}.DAT', { key: ['file', 'ID'] }));
    it.place.write('OUT/ORD-5.DAT', '001x   ');
    const long = new Date(Date.now() - 60_000);
    utimesSync(join(it.place.path, 'OUT/ORD-5.DAT'), long, long);
    assert.equal((await collect(it.source, { collection: 'items' })).length, 1);
    assert.deepEqual(await it.write(...inserts('items', { id: 1, name: 'a' })), [
      { key: ['OUT/ORD-6.DAT', 1], created: true },
    ]);
    assert.deepEqual(
      (await collect(it.source, { collection: 'items' })).map(({ file }) => file),
      ['OUT/ORD-5.DAT', 'OUT/ORD-6.DAT'],
    );
    const [file] = it.source.model.collections[0]?.fields.filter(({ name }) => name === 'file') ?? [];
    assert.equal(file?.readOnly, true);
  });

  it('a key that another file has is a duplicate, and no file is made', async () => {
    await using it = await withFolder(await outbox());
    await it.write(...inserts('items', { id: 1, name: 'a' }));
    const answers = await Promise.all(
      [1, 2, 2, 3].map((id) =>
        it.write(...inserts('items', { id, name: 'b' })).then(
          () => 'made',
          (error: unknown) => (error instanceof Fault ? error.code : error),
        ),
      ),
    );
    assert.deepEqual(answers, ['duplicate', 'made', 'duplicate', 'made']);
    const refused = await faultOf(() =>
      it.write(...inserts('items', { id: 9, name: 'b' }, { id: 3, name: 'c' })),
    );
    assert.deepEqual([refused.code, refused.place.record], ['duplicate', 2]);
    assert.deepEqual(readdirSync(join(it.place.path, 'OUT')).length, 3);
  });

  it('a name that somebody has taken meanwhile is passed over', async () => {
    for (const hook of ['onEdit', 'onHeld'] as const) {
      await using it = await withFolder(await outbox());
      it.store[hook] = async (path) => {
        it.store[hook] = async () => {};
        it.place.write(path, '009x   ');
      };
      await it.write(...inserts('items', { id: 1, name: 'a' }));
      assert.equal(String(it.bytes('OUT/ORD-001.DAT')), '009x   ');
      assert.equal(String(it.bytes('OUT/ORD-002.DAT')), '001a   ');
    }
  });

  it('its records belong to the collection by their values', async () => {
    await using it = await withFolder(await outbox('OUT/ORD-{n}.DAT', { when: "name eq 'a' and id lt 5" }));
    await it.write(...inserts('items', { id: 1 }));
    assert.equal(String(it.bytes('OUT/ORD-1.DAT')), '001a   ');
    const refused = await faultOf(() => it.write(...inserts('items', { id: 2 }, { id: 6 })));
    assert.deepEqual([refused.kind, refused.code, refused.place.record], ['invalid', 'bad-value', 2]);
  });

  it('takes nothing but inserts', async () => {
    await using it = await withFolder(await outbox());
    const refused = await faultOf(() => it.write(remove('items', [1])));
    assert.deepEqual([refused.kind, refused.code], ['unsupported', 'not-writable']);
  });

  it('names have the moment in UTC, and numbers count within it', () => {
    const name = outboxName('O/{yyDDD}.{HHmmss}-{yyyy-MM-dd}.{nn}');
    const at = Date.UTC(2024, 11, 31, 23, 4, 5);
    assert.equal(name.path(at, 7), 'O/24366.230405-2024-12-31.07');
    assert.equal(name.numberIn('O/24366.230405-2024-12-31.107', at), 107);
    assert.equal(name.numberIn('O/24366.230405-2024-12-31.7', at), undefined);
    assert.equal(name.numberIn('O/24366.230406-2024-12-31.07', at), undefined);
    assert.equal(name.path(at + 1_000, 0) === name.path(at, 0), false);
  });
});
