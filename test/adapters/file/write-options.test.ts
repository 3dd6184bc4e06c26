// What may be written: which configurations are refused and why, and what the model claims of the others.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fileSource } from '../../../adapters/file/file.ts';
import { indexFolderOf } from '../../../adapters/file/indexes/index-folder.ts';
import { indexKeeper } from '../../../adapters/file/indexes/index-keeper.ts';
import { options } from '../../../adapters/file/options/options.ts';
import type { StoredFile } from '../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../adapters/file/store/disk.ts';
import { tableOf } from '../../../adapters/file/tables/table.ts';
import { versionsOf } from '../../../adapters/file/versions/version.ts';
import { faultOf, folder, hostAt, never } from './opening.ts';
import { inserts, update, WRITES, written } from './writing.ts';

const COPYBOOK = `
       01  R.
           05  REC-TYPE  PIC X.
               88  IS-D  VALUE 'D'.
           05  ID        PIC 9(3).
           05  STATUS    PIC X VALUE 'N'.
               88  IS-NEW VALUE 'N'.
           05  GRP.
               10  A     PIC X(2).
               10  B     PIC 9(2).
           05  OTHER REDEFINES GRP PIC X(4).
           05  SINCE     PIC 9(8).
`;

const one = (more: object = {}) => ({
  rows: { path: 'r.dat', copybook: 'r.cpy', charset: 'ascii', key: ['ID'], writes: WRITES, ...more },
});

const files = { 'r.cpy': COPYBOOK, 'r.dat': '' };

describe('options of writes', () => {
  const refusals: readonly (readonly [string, object, RegExp])[] = [
    ['a packed file', { compression: 'gzip' }, /gzip/],
    ['several files', { path: undefined, files: 'r*.dat' }, /outbox/],
    ['a collection without a key', { key: [] }, /update, upsert, delete name a row by its key/],
    ['the format U', { records: { format: 'U' } }, /format U/],
    ['files of Micro Focus', { records: { format: 'mf' } }, /Micro Focus/],
    [
      'a tail that is ignored',
      { records: { format: 'F', tail: 'ignore-tail' } },
      /behind the last whole record/,
    ],
    [
      'types that are left out',
      {
        key: [],
        types: { D: { when: 'IS-D', record: 'R' }, T: { when: 'otherwise', record: 'R', leaveOut: true } },
      },
      /totals/,
    ],
    [
      'parents',
      {
        key: [],
        types: { D: { when: 'IS-D', record: 'R' }, C: { when: 'otherwise', record: 'R', parent: 'D' } },
      },
      /several records each/,
    ],
    ['replacing a file of several collections', { when: 'IS-D', replace: true }, /other collections/],
    ['an order without a key', { key: [], writes: ['insert'], insert: 'in-order' }, /order of the key/],
    ['an order without writes', { writes: [], insert: 'in-order' }, /"insert" says how records are written/],
    ['a trigger', { publish: { trigger: '{path}.done' } }, /a trigger that must not be older than it/],
    [
      'figures of a trailer',
      { publish: { trailer: { record: 'R', when: 'IS-D', count: 'ID' } } },
      /figures in a header or trailer/,
    ],
    [
      'an outbox whose files need a trigger',
      {
        path: undefined,
        files: 'r*.dat',
        writes: ['insert'],
        outbox: { path: 'r{n}.dat' },
        publish: { trigger: '{path}.done' },
      },
      /a trigger that must not be older than it/,
    ],
    ['a key of another reading', { key: ['OTHER'], writes: WRITES }, /another reading/],
    ['an outbox without files', { writes: ['insert'], outbox: { path: 'r{n}.dat' } }, /only "files" shows/],
    [
      'an outbox with updates',
      { path: undefined, files: 'r*.dat', outbox: { path: 'r{n}.dat' } },
      /only insert/,
    ],
    [
      'an outbox outside of its set',
      { path: undefined, files: 'r*.dat', writes: ['insert'], outbox: { path: 's{n}.dat' } },
      /does not match "r\*\.dat"/,
    ],
    [
      'an outbox without a number',
      { path: undefined, files: 'r*.dat', writes: ['insert'], outbox: { path: 'r{yyyy}.dat' } },
      /running number/,
    ],
    [
      'an outbox with a word of its own',
      { path: undefined, files: 'r*.dat', writes: ['insert'], outbox: { path: 'r{year}{n}.dat' } },
      /\{year\}/,
    ],
  ];
  for (const [what, more, message] of refusals) {
    it(`${what}: refused with the reason`, async () => {
      const refused = await faultOf(() => written(files, one(more)));
      assert.deepEqual([refused.kind, refused.misconfigured], ['invalid', true]);
      assert.match(refused.message, message);
    });
  }

  it('what another collection demands of the file holds for who writes it', async () => {
    const reader = { ...one().rows, writes: [], publish: { trigger: 'done' } };
    const refused = await faultOf(() => written(files, { ...one(), reader }));
    assert.equal(refused.misconfigured, true);
    assert.match(refused.message, /"rows" cannot have these writes: .* trigger .*, as "reader" says/);
  });

  it('two collections that write all of one file are refused', async () => {
    const refused = await faultOf(() => written(files, { ...one(), others: one({ when: 'IS-D' }).rows }));
    assert.match(refused.message, /"rows" and "others" all write "r.dat"/);
  });

  it('a place that is only read has no writes', async () => {
    using place = folder(files);
    const store = diskStore(place.path);
    const readOnly = { list: store.list, file: (path: string) => ({ path, open: store.file(path).open }) };
    const given = options.parse({ collections: one() });
    const refused = await faultOf(() => fileSource(given, readOnly, hostAt(place.path)));
    assert.deepEqual([refused.code, refused.misconfigured], ['bad-writes', true]);
    const source = await fileSource(
      options.parse({ collections: one({ writes: [] }) }),
      readOnly,
      hostAt(place.path),
    );
    assert.equal(source.write, undefined);
    assert.equal(source.model.collections[0]?.writes, undefined);
  });

  it('fields that others decide are read-only, those with a VALUE may be left out', async () => {
    await using it = await written(
      files,
      one({ when: 'IS-D', fields: { SINCE: { date: 'yyyyMMdd', blank: 'null' } } }),
    );
    const [model] = it.source.model.collections;
    assert.deepEqual(model?.writes, WRITES);
    const flags = (model?.fields ?? []).map((field) => [
      field.name,
      field.readOnly,
      field.optional,
      field.alternate,
      field.nullable,
    ]);
    assert.deepEqual(flags, [
      ['recType', true, undefined, undefined, undefined],
      ['isD', true, true, undefined, undefined],
      ['id', undefined, undefined, undefined, undefined],
      ['status', undefined, true, undefined, undefined],
      ['isNew', true, true, undefined, undefined],
      ['grp', undefined, undefined, undefined, undefined],
      ['other', undefined, true, true, undefined],
      ['since', undefined, undefined, undefined, true],
    ]);
    await it.write(
      ...inserts(
        'rows',
        { id: 1, grp: { a: 'x', b: 7 } },
        { id: 2, grp: { a: 'y', b: 8 }, status: 'O', since: '2024-02-29' },
      ),
    );
    assert.equal(String(it.bytes('r.dat')), 'D001Nx 07        D002Oy 0820240229');
  });

  it('what the rule of the collection does not take is refused', async () => {
    await using it = await written(
      { ...files, 'r.dat': 'D001Nx 0720240229' },
      one({ when: "recType eq 'D' and id lt 500" }),
    );
    const row = { id: 600, grp: { a: 'x', b: 7 }, since: 20_240_101 };
    for (const change of inserts('rows', row)) {
      const refused = await faultOf(() => it.write(change));
      assert.deepEqual([refused.kind, refused.code], ['invalid', 'bad-value']);
    }
    assert.deepEqual(it.store.done, []);
  });

  it('a record of which the rule of another collection could not be told is refused', async () => {
    const other = `
       01  O.
           05  REC-TYPE PIC X.
           05  FILLER   PIC X(4).
           05  N        PIC 9(2).
           05  FILLER   PIC X(10).
`;
    await using it = await written(
      { ...files, 'o.cpy': other },
      {
        ...one({ when: 'IS-D' }),
        others: { ...one().rows, copybook: 'o.cpy', key: ['N'], writes: ['insert'], when: 'n eq 5' },
      },
    );
    const refused = await faultOf(() =>
      it.write(...inserts('rows', { id: 1, grp: { a: 'x', b: 7 }, since: 20_240_101, status: 'O' })),
    );
    assert.deepEqual([refused.kind, refused.code], ['invalid', 'bad-value']);
    assert.match(refused.message, /"others" could not be told/);
  });

  it('nothing is put behind a last record that belongs to no collection, unless that is said', async () => {
    for (const records of [{ format: 'F' }, { format: 'text' }]) {
      const end = records.format === 'F' ? '' : '\n';
      const data = `D001Nx 0720240229${end}D003Nx 0720240229${end}T999Nx 9920240229${end}`;
      const row = { grp: { a: 'x', b: 7 }, since: 20_240_101 };
      await using it = await written({ ...files, 'r.dat': data }, one({ when: 'IS-D', records }));
      const refused = await faultOf(() => it.write(...inserts('rows', { ...row, id: 4 })));
      assert.deepEqual([refused.kind, refused.code], ['rejected', 'foreign-last-record']);
      await it.write(...inserts('rows', { ...row, id: 2 }));
      assert.match(String(it.bytes('r.dat')), /^D001.*\n?D002.*\n?D003.*\n?T999/);
      await using told = await written(
        { ...files, 'r.dat': data },
        one({ when: 'IS-D', records, insert: 'append' }),
      );
      await told.write(...inserts('rows', { ...row, id: 2 }));
      assert.match(String(told.bytes('r.dat')), /T999.*\n?D002.*\n?$/);
    }
  });

  it('the default of a column of a parse map is what a new record has', async () => {
    const map = [
      { name: 'id', type: 'int', width: 2, start: 0 },
      { name: 'state', width: 3, start: 2, padPosition: 'end', default: 'NEW' },
    ];
    await using it = await written(
      { 'm.json': JSON.stringify(map), 'm.txt': '' },
      { rows: { path: 'm.txt', parseMap: 'm.json', key: ['id'], writes: ['insert'] } },
    );
    assert.equal(it.source.model.collections[0]?.fields[1]?.optional, true);
    await it.write(...inserts('rows', { id: 1 }, { id: 2, state: 'OLD' }));
    assert.equal(String(it.bytes('m.txt')), ' 1NEW\n 2OLD\n');
  });

  it('a record that two collections of a file would show is refused', async () => {
    await using it = await written(files, {
      ...one({ when: 'id lt 500' }),
      others: one({ when: "status eq 'N'" }).rows,
    });
    const row = { recType: 'X', id: 1, grp: { a: 'x', b: 7 }, since: 20_240_101 };
    await it.write(...inserts('rows', { ...row, status: 'O' }));
    const refused = await faultOf(() => it.write(...inserts('rows', { ...row, id: 2, status: 'N' })));
    assert.match(refused.message, /"rows" and to "others"/);
  });

  it('a part of a group changes nothing beside it, and a key in a group does not change', async () => {
    await using it = await written(
      { ...files, 'r.dat': 'D001Nx 0720240229' },
      one({ key: ['grp.a', 'ID'], path: 'r.dat' }),
    );
    await it.write(update('rows', ['x', 1], { grp: { b: 9 } }));
    assert.equal(String(it.bytes('r.dat')), 'D001Nx 0920240229');
    const refused = await faultOf(() => it.write(update('rows', ['x', 1], { grp: { a: 'z', b: 9 } })));
    assert.deepEqual(
      [refused.kind, refused.code, refused.place.field],
      ['invalid', 'read-only-field', 'grp.a'],
    );
  });

  it('record types are written as the rows show them', async () => {
    const copybook = `
       01  HEAD-REC.
           05  T     PIC X.
           05  ID    PIC 9(2).
           05  WHO   PIC X(4).
       01  BODY-REC.
           05  T     PIC X.
           05  ID    PIC 9(2).
           05  QTY   PIC S9(3) COMP-3.
`;
    const types = {
      HEAD: { when: "t eq 'H'", record: 'HEAD-REC' },
      BODY: { when: "t eq 'B'", record: 'BODY-REC' },
    };
    await using it = await written(
      { 't.cpy': copybook, 't.dat': '' },
      {
        rows: {
          path: 't.dat',
          copybook: 't.cpy',
          charset: 'ascii',
          types,
          writes: ['insert'],
          records: { format: 'F' },
        },
      },
    );
    await it.write(
      ...inserts(
        'rows',
        { record: { '@type': 'Head', t: 'H', id: 1, who: 'Ann' } },
        { record: { '@type': 'Body', t: 'B', id: 2, qty: -5 } },
      ),
    );
    assert.deepEqual(it.bytes('t.dat'), Buffer.from('H01Ann B02\x00\x5d  ', 'latin1'));
    const refused = await faultOf(() =>
      it.write(...inserts('rows', { record: { '@type': 'Body', t: 'H', id: 2, qty: 1 } })),
    );
    assert.deepEqual([refused.kind, refused.code], ['invalid', 'bad-value']);
  });

  it('the index of a version counts for the next one when nothing moved and no key changed', async () => {
    using place = folder({ 'r.dat': 'D001Nx 0720240229' });
    const { rows } = options.parse({ collections: one() }).collections;
    assert.ok(rows);
    const table = tableOf({ source: 'files', collection: 'rows' }, rows, {
      text: COPYBOOK,
      charset: 'ascii',
    });
    const { open, path } = diskStore(place.path).file('r.dat');
    let opened = 0;
    const stored: StoredFile = {
      path,
      open(ask) {
        opened++;
        return open(ask);
      },
    };
    const indexes = indexKeeper({
      folder: indexFolderOf({ folder: 'cache', maxBytes: 1_000_000 }, hostAt(place.path)),
      fromBytes: 1_000_000,
    });
    await using versions = versionsOf({ source: 'files', table, stored, sliceMs: 10, indexes });
    await using before = await open({ signal: never });
    await (await versions.index(before, { signal: never }))[Symbol.asyncDispose]();
    versions.carry('another', 'later', ['key']);
    versions.carry(before.version, 'later', ['key']);
    await using carried = await versions.index({ ...before, version: 'later' }, { signal: never });
    assert.equal(carried.keys.length, 1);
    assert.equal(opened, 1);
    place.write('r.dat', 'D002Nx 0720240229D003Nx 0720240229');
    await using after = await open({ signal: never });
    await using anew = await versions.index(after, { signal: never });
    assert.equal(anew.keys.length, 2);
  });
});
