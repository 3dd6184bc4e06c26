// Several files as one collection: what is a member, what a read sees, what names give, what faults tell.

import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openCharset } from '#codec/charset';
import {
  ByteSink,
  type Conjunct,
  compareText,
  type Order,
  type Query,
  type Row,
  type Scalar,
  type Source,
} from '#spi';
import { DEFAULT_POLICY } from '../../../src/policy.ts';
import { count, read } from '../../../src/run/read.ts';
import { answer, operand, randomQuery, totalOrder } from '../../conformance/oracle.ts';
import { random } from '../../random.ts';
import { collect, type Folder, faultOf, folder, handlesOn, hostAt, never, openFiles } from './opening.ts';

const COPYBOOK = `
       01  CUSTOMER.
           05  CUST-ID   PIC 9(4).
           05  CUST-NAME PIC X(6).
           05  BALANCE   PIC S9(3)V99 COMP-3.
`;
const LENGTH = 13;
const cp037 = openCharset('cp037');

function record(id: number, name = `N${id}`, packed = '12345C'): Uint8Array {
  const text = String(id).padStart(4, '0') + name.padEnd(6);
  return Uint8Array.from([...cp037.encode(text), ...Uint8Array.fromHex(packed)]);
}

const records = (...ids: readonly number[]) => Buffer.concat(ids.map((id) => record(id)));

const setOf = (files: unknown, more: object = {}) => ({
  files,
  copybook: 'cust.cpy',
  charset: 'cp037',
  key: ['CUST-ID'],
  ...more,
});

function open(at: Folder, files: unknown, more: object = {}): Promise<Source> {
  at.write('cust.cpy', COPYBOOK);
  return openFiles(hostAt(at.path), { collections: { customers: setOf(files, more) } });
}

const STRING: Scalar = { kind: 'string' };
const INT: Scalar = { kind: 'int32' };
const isFile = (value: string): Conjunct => ({ op: 'eq', field: 'file', type: STRING, value });
const hasId = (value: number): Conjunct => ({ op: 'eq', field: 'custId', type: INT, value });

async function ids(source: Source, ...where: readonly Conjunct[]): Promise<readonly unknown[]> {
  return (await collect(source, { collection: 'customers', where })).map((row) => row['custId']);
}

async function names(source: Source): Promise<readonly unknown[]> {
  const rows = await collect(source, { collection: 'customers' });
  return [...new Set(rows.map((row) => row['file']))];
}

describe('a set of files', () => {
  it('is read in the order of its names, each record with the path of its file', async () => {
    using at = folder({ 'B.DAT': records(4, 3), 'A.DAT': records(9), 'X.TXT': records(1), 'C.DAT': '' });
    await using source = await open(at, '*.DAT');
    const rows = await collect(source, { collection: 'customers' });
    assert.deepEqual(rows[1], { custId: 4, custName: 'N4', balance: '123.45', file: 'B.DAT' });
    assert.deepEqual(
      rows.map((row) => [row['file'], row['custId']]),
      [
        ['A.DAT', 9],
        ['B.DAT', 4],
        ['B.DAT', 3],
      ],
    );
    await source.check(never);
    assert.deepEqual(await ids(source, hasId(3)), [3]);
  });

  it('steps of a path have patterns of their own, and folders are no members', async () => {
    using at = folder();
    for (const branch of ['north', 'south', '.hidden']) {
      mkdirSync(join(at.path, branch, 'sub.TXT'), { recursive: true });
      at.write(`${branch}/ACCT.TXT`, records(branch.length));
    }
    at.write('ACCT.TXT', records(1));
    await using source = await open(at, '*/*.TXT', { key: [] });
    assert.deepEqual(await names(source), ['north/ACCT.TXT', 'south/ACCT.TXT']);
    await using absolute = await open(at, join(at.path, '{north,south}', 'A*'), { key: [] });
    assert.equal((await collect(absolute, { collection: 'customers' })).length, 2);
  });

  it('no match is an empty collection, a missing folder is a fault', async () => {
    using at = folder();
    await using source = await open(at, 'NONE*.DAT');
    assert.deepEqual(await ids(source), []);
    assert.deepEqual(await ids(source, hasId(1)), []);
    assert.equal(
      await source.access({ collection: 'customers', where: [], order: [] }).count?.({ signal: never }),
      0,
    );
    await source.check(never);
    assert.deepEqual(source.model.remarks, [
      {
        subject: 'collection customers',
        message: 'no file matches "NONE*.DAT": the collection is empty',
      },
    ]);
    at.write('NONE1.DAT', records(1));
    // A set whose files are all of long ago is looked at four times a second at most.
    await setTimeout(300);
    await source.check(never);
    assert.deepEqual(source.model.remarks, []);
    await using missing = await open(at, 'missing/*.DAT');
    assert.equal((await faultOf(() => ids(missing))).code, 'file-missing');
  });

  it('names may be hostile: they are matched, shown and read as they are', async () => {
    const hostile = [
      ' ',
      '-rf',
      '!a',
      '#b',
      '$(x)',
      '*',
      '?',
      '[1]',
      '{a,b}',
      'a b',
      'a\nb',
      'a\\b',
      'Ünïcode',
      'e\u0301',
      '\u00e9',
      '😀',
      '…',
      '..x',
      '__proto__',
      '\'"',
      '%2e%2e',
      'z'.repeat(200),
    ];
    using at = folder();
    for (const [i, name] of hostile.entries()) at.write(`${name}.D`, records(i));
    at.write('.hidden.D', records(999));
    mkdirSync(join(at.path, 'folder.D'));
    await using source = await open(at, '*.D');
    const shown = hostile.filter((name) => !name.startsWith('.'));
    assert.deepEqual(await names(source), shown.map((name) => `${name}.D`).toSorted(compareText));
    for (const [i, name] of hostile.entries()) {
      if (name.startsWith('.')) continue;
      assert.deepEqual(await ids(source, isFile(`${name}.D`)), [i], JSON.stringify(name));
    }
    await using literal = await open(at, '\\*.D');
    assert.deepEqual(await names(literal), ['*.D']);
  });

  it('a pattern does not lead out of the root, and neither does a link that it finds', async () => {
    using outside = folder({ 'SECRET.D': records(1) });
    using at = folder({ 'A.D': records(2) });
    const up = await faultOf(() => open(at, '../*.D'));
    assert.ok(up.misconfigured);
    symlinkSync('A.D', join(at.path, 'LINK.D'));
    await using source = await open(at, '*.D', { key: ['CUST-ID', 'file'] });
    assert.deepEqual(await names(source), ['A.D', 'LINK.D']);
    symlinkSync(join(outside.path, 'SECRET.D'), join(at.path, 'EVIL.D'));
    const fault = await faultOf(() => ids(source));
    assert.deepEqual([fault.code, fault.place.file], ['link-outside-root', 'EVIL.D']);
    rmSync(join(at.path, 'EVIL.D'));
    symlinkSync(outside.path, join(at.path, 'away'));
    await using inFolders = await open(at, '*/*.D');
    assert.equal((await faultOf(() => ids(inFolders))).code, 'link-outside-root');
    // Nor does one whose name is written, as in the path of a single file.
    await using named = await open(at, 'away/*.D');
    assert.equal((await faultOf(() => ids(named))).code, 'link-outside-root');
    symlinkSync('nothing', join(at.path, 'BROKEN.D'));
    const broken = await faultOf(() => ids(source));
    assert.deepEqual([broken.code, broken.place.file], ['not-a-file', 'BROKEN.D']);
  });

  it('members come and go between reads', async () => {
    using at = folder({ 'A.D': records(1), 'B.D': records(2) });
    await using source = await open(at, '*.D');
    assert.deepEqual(await ids(source), [1, 2]);
    assert.deepEqual(await ids(source, hasId(2)), [2]);
    at.write('C.D', records(3));
    assert.deepEqual(await ids(source), [1, 2, 3]);
    rmSync(join(at.path, 'A.D'));
    at.write('B.D', records(5, 4));
    assert.deepEqual(await ids(source), [5, 4, 3]);
    assert.deepEqual(await ids(source, hasId(4)), [4]);
    assert.deepEqual(await ids(source, hasId(2)), []);
  });

  it('a read ends with the versions that it began with', async () => {
    using at = folder({ 'A.D': records(1), 'B.D': records(2), 'C.D': records(3) });
    await using source = await open(at, '*.D');
    const access = source.access({ collection: 'customers', where: [], order: [] });
    const seen: unknown[] = [];
    for await (const batch of access.read({ fields: ['custId'], signal: never })) {
      for (let i = 0; i < batch.length; i++) seen.push(batch.row(i)['custId']);
      at.write('next', records(7));
      renameSync(join(at.path, 'next'), join(at.path, 'B.D'));
      rmSync(join(at.path, 'C.D'), { force: true });
    }
    assert.deepEqual(seen, [1, 2, 3]);
    assert.deepEqual(await ids(source), [1, 7]);
  });

  it('a path, a date and a number of a generation are fields; a condition on them leaves whole files out', async () => {
    using at = folder({
      'TXN-20241129.G0001V00': records(1),
      'TXN-20241130.G0002V00': records(2),
      'TXN-20241130.G0003V00': 'damaged',
    });
    const set = {
      glob: 'TXN-*',
      date: 'yyyyMMdd',
      generations: 'all',
      fileField: 'origin',
      dateField: 'day',
    };
    await using source = await open(at, set, { key: ['origin', 'CUST-ID'] });
    const customers = source.model.collections[0];
    assert.deepEqual(customers?.key, ['origin', 'custId']);
    assert.deepEqual(
      customers.fields.slice(3).map(({ name, type }) => [name, type.kind]),
      [
        ['origin', 'string'],
        ['day', 'date'],
        ['generation', 'int32'],
      ],
    );
    const day: Conjunct = { op: 'lt', field: 'day', type: { kind: 'date' }, value: '2024-11-30' };
    const [row] = await collect(source, { collection: 'customers', where: [day] });
    assert.deepEqual(row?.['generation'], 1);
    assert.deepEqual(await ids(source, { op: 'in', field: 'generation', type: INT, values: [2, 1] }), [1, 2]);
    assert.equal((await faultOf(() => ids(source))).place.file, 'TXN-20241130.G0003V00');
  });

  it('without a word only the latest generation is there', async () => {
    using at = folder({ 'P.C.G0041V00': records(1), 'P.C.G0042V00': records(2) });
    await using source = await open(at, 'P.C.G*V*');
    assert.deepEqual(await ids(source), [2]);
    at.write('P.C.G0043V00', records(3));
    assert.deepEqual(await ids(source), [3]);
    await using one = await open(at, { glob: 'P.C.*', generations: 41 });
    assert.deepEqual(await ids(one), [1]);
  });

  it('options that make no sense are refused', async () => {
    using at = folder({ 'A.D': records(1) });
    assert.throws(() => open(at, '*.D', { path: 'A.D' }), /Give either .*path.* or .*files/);
    for (const [files, key, code] of [
      ['*.D', ['file'], 'bad-key'],
      ['*.D', ['file', 'CUST-ID', 'file'], 'bad-key'],
      [{ glob: '*.D', fileField: 'custId' }, [], 'field-taken'],
      [{ glob: '*.D', fileField: 'CUST FILE' }, [], 'bad-field-name'],
      [{ glob: '*.D', date: 'yyyyMMdd', dateField: 'file' }, [], 'field-taken'],
      [{ glob: '*.D', date: 'tomorrow' }, [], 'bad-date-pattern'],
      ['[', [], 'bad-glob'],
    ] as const) {
      const fault = await faultOf(() => open(at, files, { key }));
      assert.deepEqual([fault.code, fault.misconfigured], [code, true]);
    }
  });
});

describe('faults in a set of files', () => {
  it('a key that is in two files is a fault with both files and records, unless the file is part of the key', async () => {
    using at = folder({ 'A.D': records(5, 1), 'B.D': records(2, 7, 1), 'C.D': records(8) });
    await using source = await open(at, '*.D');
    for (const action of [() => source.check(never), () => ids(source, hasId(8))]) {
      const fault = await faultOf(action);
      assert.equal(fault.code, 'key-not-unique');
      assert.ok(fault.misconfigured);
      assert.match(fault.message, /record 2 of "A.D" and record 3 of "B.D" both have 1/);
      assert.match(fault.place.hint ?? '', /"file"/);
    }
    await using both = await open(at, '*.D', { key: ['CUST-ID', 'file'] });
    await both.check(never);
    assert.deepEqual(await ids(both, hasId(1), isFile('B.D')), [1]);
    at.write('D.D', records(3, 3));
    const twice = await faultOf(() => both.check(never));
    assert.deepEqual([twice.code, twice.place.file, twice.place.record], ['key-not-unique', 'D.D', 2]);
  });

  it('a bad field, a cut record and a damaged member name the file, the record and the byte', async () => {
    using at = folder({ 'A.D': records(1), 'B.D': Buffer.concat([record(2), record(3, 'BAD', 'FFFFFF')]) });
    await using source = await open(at, '*.D');
    const rows = await collect(source, { collection: 'customers' });
    assert.equal(rows.length, 3);
    const bad = rows[2]?.['balance'];
    assert.ok(bad instanceof Error && 'place' in bad);
    const { file, record: number, byteOffset } = { ...(bad.place as Row) };
    assert.deepEqual([file, number, byteOffset], ['B.D', 2, LENGTH + 10]);
    at.write('C.D', records(4).subarray(0, 7));
    const cut = await faultOf(() => ids(source));
    assert.deepEqual([cut.kind, cut.place.file], ['corrupt', 'C.D']);
    at.write('C.D', 'no gzip');
    await using packed = await open(at, 'C*', { compression: 'gzip' });
    const gzip = await faultOf(() => ids(packed));
    assert.deepEqual([gzip.code, gzip.place.file], ['not-gzip', 'C.D']);
  });
});

describe('queries over a set of files', () => {
  const SPREAD = [[7, 2, 5], [], [1], [10, 11, 12, 13], [30, 20, 25, 9]];
  const name = (i: number) => `T${i % 2 === 0 ? 'x' : 'y'}-2024112${i % 2}.G000${i + 1}V00`;

  function spread(repeated: boolean): Folder {
    const at = folder();
    for (const [i, own] of SPREAD.entries()) {
      const all = repeated ? [...own, 100 + (i % 2)] : own;
      at.write(name(i), Buffer.concat(all.map((id) => record(id, `N${id % 3}`, `00${id % 10}0${i}C`))));
    }
    return at;
  }

  for (const key of [['CUST-ID'], ['file', 'CUST-ID'], ['CUST-ID', 'file'], ['generation', 'CUST-ID'], []]) {
    it(`random queries have the answer of the reference semantics, with the key (${key})`, async () => {
      using at = spread(key.length !== 1);
      for (const i of SPREAD.keys()) utimesSync(join(at.path, name(i)), 1, 1);
      const set = { glob: 'T*', date: 'yyyyMMdd', generations: 'all' };
      await using source = await open(at, set, { key });
      const [model] = source.model.collections;
      assert.ok(model);
      const fields = model.fields.map((field) => field.name);
      const all = await collect(source, { collection: 'customers', order: totalOrder(model, []) });
      assert.equal(all.length, key.length === 1 ? 12 : 17);
      const dice = random(key.join().length + 5);
      let ordered = 0;
      for (let i = 0; i < 250; i++) {
        const query = randomQuery(dice, model, all);
        const limit = dice.chance(0.5) ? 1 + dice.int(6) : undefined;
        const ask = { fields, signal: never, ...(limit === undefined ? {} : { rows: limit }) };
        const got: Row[] = [];
        for await (const batch of read(source, query, ask, DEFAULT_POLICY)) {
          for (let at = 0; at < batch.length && got.length < (limit ?? 99); at++) {
            const row = batch.row(at);
            got.push(Object.fromEntries(fields.map((field) => [field, row[field] ?? null])));
          }
        }
        assert.deepEqual(
          got,
          answer(all, query, limit),
          `query ${i}: ${JSON.stringify(query)} limit ${limit}`,
        );
        assert.equal(await count(source, query, never, DEFAULT_POLICY), answer(all, query).length);
        const access = source.access(query);
        assert.ok(
          access.where.every((covered) => covered === 'exact'),
          'everything is pushed down',
        );
        if (access.ordered) ordered++;
      }
      assert.ok(ordered > 0);
    });
  }

  it('a cursor along a key that ends with the file goes on in every file where it stands, in both directions', async () => {
    using at = folder({ 'A.D': records(1, 2, 3, 4), 'B.D': records(2, 3, 4), 'C.D': records(4, 3, 2, 5) });
    await using source = await open(at, '*.D', { key: ['CUST-ID', 'file'] });
    const all = await collect(source, { collection: 'customers' });
    for (const descending of [false, true]) {
      const order: Order = [
        { field: 'custId', type: INT, descending },
        { field: 'file', type: STRING, descending },
      ];
      for (const row of all) {
        const values = [Number(row['custId']), String(row['file'])];
        const query: Query = { collection: 'customers', where: [{ op: 'after', order, values }], order };
        const access = source.access(query);
        assert.deepEqual([access.where, access.ordered], [['exact'], true]);
        assert.deepEqual(await collect(source, query), answer(all, query));
        assert.deepEqual(await collect(source, query, 2), answer(all, query, 2));
      }
    }
  });

  it('direct JSON has what names give behind the fields of the record', async () => {
    using at = folder({ 'A"1.D': records(1) });
    await using source = await open(at, '*.D');
    for (const json of [['custId', 'file'], ['file'], ['custId']]) {
      const out = new ByteSink(16);
      const access = source.access({ collection: 'customers', where: [], order: [] });
      for await (const batch of access.read({ fields: [], json, signal: never })) batch.json?.(0, out);
      const row: Row = { custId: 1, file: 'A"1.D' };
      const expected = Object.fromEntries(json.map((field) => [field, row[field]]));
      assert.equal(new TextDecoder().decode(out.take()), JSON.stringify(expected));
    }
  });

  it('a thousand files are read with few of them open, and a key is found in one of them', async (test) => {
    using at = folder();
    for (let i = 0; i < 1_000; i++) {
      at.write(`M${String(i).padStart(4, '0')}.D`, records(i, 9_999 - i));
      utimesSync(join(at.path, `M${String(i).padStart(4, '0')}.D`), 1, 1);
    }
    await using source = await open(at, 'M*.D');
    let most = 0;
    const timed = async <Result>(what: string, action: () => Promise<Result>): Promise<Result> => {
      const start = performance.now();
      const result = await action();
      most = Math.max(most, handlesOn(at.path));
      test.diagnostic(
        `${what}: ${(performance.now() - start).toFixed(0)} ms, ${handlesOn(at.path)} files open`,
      );
      return result;
    };
    assert.equal((await timed('all records', () => ids(source))).length, 2_000);
    const access = source.access({ collection: 'customers', where: [], order: [] });
    assert.equal(await timed('count', async () => access.count?.({ signal: never })), 2_000);
    assert.deepEqual(await timed('first key', () => ids(source, hasId(500))), [500]);
    assert.deepEqual(await timed('another key', () => ids(source, hasId(9_400))), [9_400]);
    await timed('20 more keys', async () => {
      for (let i = 0; i < 20; i++) assert.deepEqual(await ids(source, hasId(i * 7)), [i * 7]);
    });
    const order = [{ field: 'custId', type: INT, descending: true }];
    const page = await timed('first page', () => collect(source, { collection: 'customers', order }, 3));
    assert.deepEqual(
      page.map((row) => row['custId']),
      [9_999, 9_998, 9_997],
    );
    assert.deepEqual(await timed('one file', () => ids(source, isFile('M0007.D'))), [7, 9_992]);
    assert.ok(most <= 64 + 32, `${most} files were open`);
  });
});

describe('many readers of a set that changes', () => {
  it('each sees one version of every member, none fails', async () => {
    using at = folder();
    const put = (shift: number) => {
      for (let i = 0; i < 4; i++) {
        const own = [0, 1, 2].map((n) => ((i + shift) % 4) * 3 + n);
        at.write('next', records(...own));
        renameSync(join(at.path, 'next'), join(at.path, `M${i}.D`));
      }
    };
    put(0);
    await using source = await open(at, 'M*.D', { key: ['file', 'CUST-ID'] });
    const readAll = async () => {
      const seen = new Map<unknown, unknown[]>();
      for (const { file, custId } of await collect(source, { collection: 'customers' })) {
        const own = seen.get(file) ?? [];
        seen.set(file, own);
        own.push(custId);
      }
      assert.equal(seen.size, 4);
      // A member is one version, however the others changed.
      for (const own of seen.values()) {
        const first = Number(own[0]);
        assert.deepEqual(own, [first, first + 1, first + 2]);
      }
    };
    for (let shift = 1; shift <= 20; shift++) {
      const readers = Array.from({ length: 10 }, readAll);
      put(shift);
      await Promise.all(readers);
    }
  });
});

describe('a set of files that is closed', () => {
  it('frees every handle, also after a reader left early', async () => {
    using at = folder({ 'A.D': records(1, 2), 'B.D': records(3) });
    {
      await using source = await open(at, '*.D');
      const order = totalOrder(source.model.collections[0] ?? assert.fail(), []);
      for await (const batch of source
        .access({ collection: 'customers', where: [], order })
        .read({ fields: ['file'], signal: never })) {
        assert.ok(batch.length > 0);
        break;
      }
      assert.equal(operand(source.model.collections[0] ?? assert.fail(), 'file').type.kind, 'string');
    }
    assert.equal(handlesOn(at.path), 0);
  });
});
