// What writes of records do to the bytes of files: in place, behind the last record, in the order of keys, and what stays as it was.

import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { recordWriter } from '#codec/framing/enframe';
import { ByteSink, type Change } from '#spi';
import { collect, faultOf } from './opening.ts';
import { inserts, remove, update, WRITES, written } from './writing.ts';

const ACCOUNT = `
       01  ACCOUNT.
           05  ACCT-ID   PIC 9(4).
           05  FILLER    PIC X(3).
           05  NAME      PIC X(6).
           05  BALANCE   PIC S9(3)V99 COMP-3.
           05  LIMIT-AMT PIC S9(3).
`;

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A record of 19 bytes; `sign` is that of the packed balance, `rest` what FILLER holds. */
function account(id: string, name: string, balance: string, limit = '001', rest = '???'): Uint8Array {
  return Buffer.concat([ascii(id + rest + name.padEnd(6)), Buffer.from(balance, 'hex'), ascii(limit)]);
}

const THREE = Buffer.concat([
  account('0001', 'Ann', '00100F'),
  account('0002', 'Bob', '00200C'),
  account('0003', 'Cid', '00300D'),
]);

const accounts = (more: object = {}) => ({
  accounts: { path: 'a.dat', copybook: 'a.cpy', charset: 'ascii', key: ['ACCT-ID'], writes: WRITES, ...more },
});

const opened = (data: Uint8Array | string, more: object = {}, how: { readonly patches?: boolean } = {}) =>
  written({ 'a.cpy': ACCOUNT, 'a.dat': data }, accounts(more), how);

const row = (acctId: number, name: string, balance = '1.00', limitAmt = 1) => ({
  acctId,
  name,
  balance,
  limitAmt,
});

/** The numbers of the records in the file's order. */
async function order(source: Parameters<typeof collect>[0]): Promise<readonly unknown[]> {
  return (await collect(source, { collection: 'accounts' })).map(({ acctId }) => acctId);
}

describe('writes of records in files', () => {
  it('an update writes the bytes that change and no others', async () => {
    await using it = await opened(THREE);
    await it.write(update('accounts', [2], { name: 'Bea', balance: '2.00' }));
    const expected = Buffer.from(THREE);
    expected.set(ascii('ea'), 19 + 8);
    assert.deepEqual(it.bytes('a.dat'), expected);
    assert.deepEqual(it.store.done, [{ patches: [{ offset: 27, bytes: new Uint8Array(ascii('ea')) }] }]);
  });

  it('a value that stands there already keeps its bytes, another sign code too', async () => {
    await using it = await opened(THREE);
    const outcomes = await it.write(update('accounts', [1], { balance: '1.00', name: 'Ann' }), {
      collection: 'accounts',
      verb: 'upsert',
      key: [3],
      values: { name: 'Cid', balance: '-3.00', limitAmt: 1 },
    });
    assert.deepEqual(outcomes, [
      { key: [1], created: false },
      { key: [3], created: false },
    ]);
    assert.deepEqual(it.store.done, []);
    assert.deepEqual(it.bytes('a.dat'), THREE);
  });

  it('where a place has no patches the file is written anew, every other byte as it was', async () => {
    await using it = await opened(THREE, {}, { patches: false });
    await it.write(update('accounts', [3], { balance: '-4.00' }));
    const expected = Buffer.concat([THREE.subarray(0, 38), account('0003', 'Cid', '00400D')]);
    assert.deepEqual(it.bytes('a.dat'), expected);
    assert.deepEqual(it.store.done, [{ replaced: 57 }]);
  });

  it('a new record is blank in FILLER and stands behind the last, before the trailer', async () => {
    const data = Buffer.concat([ascii('HEAD'), THREE, ascii('TRAILER')]);
    const records = { format: 'F', header: 4, trailer: 7 };
    for (const patches of [true, false]) {
      await using it = await opened(data, { records }, { patches });
      await it.write(...inserts('accounts', row(4, 'Dan'), row(5, 'Eve', '-5.00', -5)));
      const fresh = [
        account('0004', 'Dan', '00100C', '001', '   '),
        account('0005', 'Eve', '00500D', '00u', '   '),
      ];
      assert.deepEqual(it.bytes('a.dat'), Buffer.concat([ascii('HEAD'), THREE, ...fresh, ascii('TRAILER')]));
    }
  });

  it('a file in key order stays so; one that is not gets new records behind the last', async () => {
    await using sorted = await opened(THREE);
    await sorted.write(remove('accounts', [2]));
    await sorted.write(...inserts('accounts', row(9, 'z'), row(2, 'b'), row(0, 'a'), row(7, 'y')));
    assert.deepEqual(await order(sorted.source), [0, 1, 2, 3, 7, 9]);
    await using appended = await opened(THREE, { insert: 'append' });
    await appended.write(...inserts('accounts', row(9, 'z'), row(0, 'a')));
    assert.deepEqual(await order(appended.source), [1, 2, 3, 9, 0]);
    const unsorted = Buffer.concat([THREE.subarray(38), THREE.subarray(0, 38)]);
    await using mixed = await opened(unsorted);
    await mixed.write(...inserts('accounts', row(2 + 7, 'z'), row(0, 'a')));
    assert.deepEqual(await order(mixed.source), [3, 1, 2, 9, 0]);
    await using strict = await opened(unsorted, { insert: 'in-order' });
    const refused = await faultOf(() => strict.write(...inserts('accounts', row(9, 'z'))));
    assert.deepEqual([refused.kind, refused.code], ['rejected', 'not-in-order']);
    await strict.write(update('accounts', [1], { name: 'new' }));
  });

  it('a row that goes and comes again in one request keeps its place', async () => {
    await using it = await opened(THREE, { insert: 'append' });
    await it.write(remove('accounts', [2]), ...inserts('accounts', row(2, 'new', '9.99', 9)));
    assert.deepEqual(await order(it.source), [1, 2, 3]);
    const fresh = account('0002', 'new', '00999C', '009', '   ');
    assert.deepEqual(it.bytes('a.dat'), Buffer.concat([THREE.subarray(0, 19), fresh, THREE.subarray(38)]));
  });

  it('several changes of one row are made one after the other', async () => {
    await using it = await opened(THREE);
    await it.write(
      update('accounts', [1], { name: 'a' }),
      update('accounts', [1], { balance: '7.00' }, { name: 'a', balance: '1.00' }),
      ...inserts('accounts', row(8, 'x')),
      update('accounts', [8], { limitAmt: 5 }),
      ...inserts('accounts', row(9, 'y')),
      remove('accounts', [9]),
    );
    const rows = await collect(it.source, { collection: 'accounts' });
    assert.deepEqual(rows[0], { acctId: 1, name: 'a', balance: '7.00', limitAmt: 1 });
    assert.deepEqual(rows.slice(3), [{ acctId: 8, name: 'x', balance: '1.00', limitAmt: 5 }]);
  });

  it('what a record cannot hold is refused with its field, and nothing is written', async () => {
    await using it = await opened(THREE);
    const cases: readonly (readonly [string, Change])[] = [
      ['name', update('accounts', [1], { name: 'longer than six' })],
      ['name', update('accounts', [1], { name: 'Zoë' })],
      ['name', update('accounts', [1], { name: 'x ' })],
      ['balance', update('accounts', [1], { balance: '1.005' })],
      ['balance', update('accounts', [1], { balance: '1000.00' })],
      ['limitAmt', update('accounts', [1], { limitAmt: 1000 })],
      ['name', update('accounts', [1], { name: null })],
      ['acctId', { collection: 'accounts', verb: 'insert', values: { ...row(1, 'a'), acctId: 10_000 } }],
      [
        'acctId',
        {
          collection: 'accounts',
          verb: 'upsert',
          key: [-1],
          values: { name: 'a', balance: '1.00', limitAmt: 1 },
        },
      ],
    ];
    for (const [field, change] of cases) {
      const refused = await faultOf(() => it.write(update('accounts', [2], { name: 'B' }), change));
      assert.deepEqual(
        [refused.kind, refused.code, refused.place.field, refused.place.record],
        ['invalid', 'bad-value', field, 2],
      );
    }
    assert.deepEqual(it.store.done, []);
  });

  it('what is expected of a row is compared while the file is held', async () => {
    await using it = await opened(THREE);
    // Between the request and the lock another writer comes first.
    it.store.onEdit = async () => {
      it.store.onEdit = async () => {};
      await Promise.resolve(
        it.place.write('a.dat', Buffer.from(THREE.toString('latin1').replace('Bob', 'Bea'), 'latin1')),
      );
    };
    const refused = await faultOf(() => it.write(update('accounts', [2], { limitAmt: 2 }, { name: 'Bob' })));
    assert.deepEqual([refused.kind, refused.code], ['stale', 'changed-row']);
    assert.deepEqual(it.store.done, []);
  });

  it('a write is seen by the next read, though the version before it was shared', async () => {
    await using it = await opened(THREE);
    const long = new Date(Date.now() - 60_000);
    utimesSync(join(it.place.path, 'a.dat'), long, long);
    assert.deepEqual(await order(it.source), [1, 2, 3]);
    await it.write(remove('accounts', [1]));
    assert.deepEqual(await order(it.source), [2, 3]);
  });

  it('twenty writers at once lose nothing', async () => {
    await using it = await opened(THREE);
    const ids = Array.from({ length: 20 }, (_, i) => 100 + i);
    await Promise.all(
      ids.map((id) =>
        it.write(...inserts('accounts', row(id, `n${id}`)), update('accounts', [1], { limitAmt: id })),
      ),
    );
    assert.deepEqual(await order(it.source), [1, 2, 3, ...ids]);
  });

  it('a record that cannot be decoded is changed in the fields that are given, and keeps the rest', async () => {
    const damaged = Buffer.from(THREE);
    damaged.set([0xff, 0xff, 0xff], 13);
    await using it = await opened(damaged);
    await it.write(update('accounts', [1], { name: 'Zed' }));
    damaged.set(ascii('Zed'), 7);
    assert.deepEqual(it.bytes('a.dat'), damaged);
  });

  it('a file that is missing is not made, and one that is empty is filled', async () => {
    await using it = await written({ 'a.cpy': ACCOUNT, 'b.dat': '' }, accounts());
    const refused = await faultOf(() => it.write(...inserts('accounts', row(1, 'a'))));
    assert.deepEqual([refused.kind, refused.code], ['unavailable', 'file-missing']);
    it.place.write('a.dat', '');
    await it.write(...inserts('accounts', row(2, 'b'), row(1, 'a')));
    assert.deepEqual(await order(it.source), [1, 2]);
  });

  it('changes of several files are refused, and nothing is written', async () => {
    await using it = await written(
      { 'a.cpy': ACCOUNT, 'a.dat': THREE, 'b.dat': THREE },
      { ...accounts(), others: { ...accounts().accounts, path: 'b.dat' } },
    );
    const refused = await faultOf(() => it.write(remove('accounts', [1]), remove('others', [1])));
    assert.deepEqual([refused.kind, refused.code], ['unsupported', 'several-files']);
    assert.deepEqual(it.store.done, []);
  });

  it('a collection without a key takes new records, without reading the others', async () => {
    await using it = await opened(THREE, { key: [], writes: ['insert'] });
    assert.deepEqual(await it.write(...inserts('accounts', row(1, 'a'))), [{ key: [], created: true }]);
    assert.deepEqual(await order(it.source), [1, 2, 3, 1]);
  });
});

const LINE = `
       01  LINE-REC.
           05  ID    PIC 9(2).
           05  NAME  PIC X(6).
`;

const lines = (data: string, more: object = {}, how: { readonly patches?: boolean } = {}) =>
  written(
    { 'l.cpy': LINE, 'l.txt': data },
    {
      rows: {
        path: 'l.txt',
        copybook: 'l.cpy',
        charset: 'ascii',
        records: { format: 'text' },
        key: ['ID'],
        writes: WRITES,
        ...more,
      },
    },
    how,
  );

describe('writes of lines', () => {
  it('each line keeps its own end, and new ones have that of the first', async () => {
    await using it = await lines('01Ann\r\n02Bob   \n03Cid');
    await it.write(
      update('rows', [1], { name: 'Anna' }),
      update('rows', [2], { name: 'B' }),
      update('rows', [3], { name: 'C' }),
    );
    assert.equal(String(it.bytes('l.txt')), '01Anna\r\n02B     \n03C  ');
    await it.write(...inserts('rows', { id: 4, name: 'Dan' }));
    assert.equal(String(it.bytes('l.txt')), '01Anna\r\n02B     \n03C  \r\n04Dan   \r\n');
  });

  it('where the last line goes no line end is added for it', async () => {
    for (const patches of [true, false]) {
      await using it = await lines('01Ann\n02Bob', {}, { patches });
      await it.write(remove('rows', [2]), ...inserts('rows', { id: 3, name: 'Cid' }));
      assert.equal(String(it.bytes('l.txt')), '01Ann\n03Cid   \n');
    }
  });

  it('a line end within a text is refused', async () => {
    await using it = await lines('01Ann\n');
    const refused = await faultOf(() => it.write(update('rows', [1], { name: 'a\nb' })));
    assert.deepEqual([refused.kind, refused.code], ['invalid', 'bad-value']);
    assert.equal(String(it.bytes('l.txt')), '01Ann\n');
  });

  it('columns of a parse map are written in characters, and what no column names stays', async () => {
    const map = JSON.stringify([
      { name: 'id', type: 'int', width: 3, start: 0 },
      { name: 'name', width: 5, start: 5, padPosition: 'end' },
      {
        name: 'done',
        type: 'bool',
        width: 1,
        start: 10,
        trueValue: 'Y',
        falseValue: 'N',
        falsyFallback: 'null',
      },
    ]);
    for (const [charset, encoding, data, wanted] of [
      ['utf-8', 'utf8', '  1##Zoë  N tail\n  2--Bo', '  1##ŁukasY tail\n  2--Bö\n  7  Łmer Y\n'],
      ['latin1', 'latin1', '  1##Zoë  N tail\n  2--Bo', '  1##ZukasY tail\n  2--Bö\n  7  Zmer Y\n'],
    ] as const) {
      await using it = await written(
        { 'm.json': map, 'm.txt': Buffer.from(data, encoding) },
        {
          rows: {
            path: 'm.txt',
            parseMap: 'm.json',
            charset,
            key: ['id'],
            writes: WRITES,
            records: { format: 'text', slack: true },
          },
        },
      );
      await it.write(
        update('rows', [1], { name: `${wanted[5]}ukas`, done: true }),
        update('rows', [2], { name: 'Bö' }),
        ...inserts('rows', { id: 7, name: `${wanted[5]}mer`, done: true }),
      );
      assert.equal(it.bytes('m.txt').toString(encoding), wanted);
    }
  });
});

const VARYING = `
       01  ORDER-REC.
           05  ORDER-ID  PIC 9(4).
           05  N         PIC 9.
           05  ITEM      OCCURS 0 TO 5 DEPENDING ON N.
               10  SKU   PIC X(3).
           05  NOTE      PIC X(2).
`;

const V = { kind: 'rdw', order: 'big', inclusive: true, adjust: 0, blocks: false, spanned: false } as const;

function framed(
  records: readonly string[],
  framing: Parameters<typeof recordWriter>[0],
  blockSize?: number,
): Uint8Array {
  const writer = recordWriter(framing, blockSize === undefined ? {} : { blockSize });
  const out = new ByteSink();
  for (const record of records) writer.write(ascii(record), out);
  writer.finish(out);
  return out.take();
}

const orders = (data: Uint8Array, more: object = {}, how: { readonly patches?: boolean } = {}) =>
  written(
    { 'o.cpy': VARYING, 'o.dat': data },
    {
      orders: {
        path: 'o.dat',
        copybook: 'o.cpy',
        charset: 'ascii',
        key: ['ORDER-ID'],
        writes: WRITES,
        ...more,
      },
    },
    how,
  );

const items = (...skus: readonly string[]) => skus.map((sku) => ({ sku }));

describe('writes of records of varying length', () => {
  it('a list sets its counter, which cannot be written, and the record its length', async () => {
    await using it = await orders(framed(['00012AAABBBxy', '00020zz'], V), { records: { format: 'V' } });
    const [model] = it.source.model.collections;
    assert.deepEqual(
      model?.fields.filter(({ readOnly }) => readOnly === true).map(({ name }) => name),
      ['n'],
    );
    await it.write(
      update('orders', [1], { item: items('CCC') }),
      update('orders', [2], { item: items('DDD', 'EEE') }),
      ...inserts('orders', { orderId: 3, item: items('FFF'), note: 'n' }),
    );
    assert.deepEqual(
      it.bytes('o.dat'),
      Buffer.from(framed(['00011CCCxy', '00022DDDEEEzz', '00031FFFn '], V)),
    );
    await it.write(
      update('orders', [2], { note: 'yy' }),
      ...inserts('orders', { orderId: 4, item: [], note: '' }),
    );
    assert.equal('patches' in (it.store.done[1] ?? {}), true);
  });

  const VB = { ...V, blocks: true } as const;
  const three = ['00012AAABBBxy', '00020zz', '00031CCCww'];

  it('VB: a record of the same length stays in its block, new ones get a block of their own', async () => {
    const before = framed(three, VB, 40);
    await using it = await orders(before, { records: { format: 'VB' } });
    await it.write(
      update('orders', [2], { note: 'ab' }),
      ...inserts('orders', { orderId: 4, item: [], note: 'c' }),
    );
    const inPlace = Buffer.from(String.fromCharCode(...before).replace('zz', 'ab'), 'latin1');
    assert.deepEqual(it.bytes('o.dat'), Buffer.concat([inPlace, framed(['00040c '], VB)]));
    assert.equal('patches' in (it.store.done[0] ?? {}), true);
  });

  it('VB: where a record changes its length the blocks are formed anew, none longer than the longest was', async () => {
    await using it = await orders(framed(three, VB, 40), { records: { format: 'VB' } });
    await it.write(update('orders', [2], { item: items('XXX') }), remove('orders', [3]));
    assert.deepEqual(it.bytes('o.dat'), Buffer.from(framed(['00012AAABBBxy', '00021XXXzz'], VB, 32)));
  });

  it('VB: a record that is longer than a block is refused', async () => {
    await using it = await orders(framed(three, VB, 40), { records: { format: 'VB' }, blockSize: 25 });
    const refused = await faultOf(() =>
      it.write(update('orders', [1], { item: items('1', '2', '3', '4', '5') })),
    );
    assert.deepEqual([refused.kind, refused.code], ['invalid', 'bad-value']);
    assert.deepEqual(it.store.done, []);
  });

  it('VBS: records are cut into segments anew', async () => {
    const VBS = { ...VB, spanned: true } as const;
    await using it = await orders(framed(three, VBS, 20), { records: { format: 'VBS' } });
    await it.write(
      update('orders', [1], { note: 'ab' }),
      ...inserts('orders', { orderId: 0, item: [], note: 'c' }),
    );
    const expected = framed(['00000c ', '00012AAABBBab', ...three.slice(1)], VBS, 20);
    assert.deepEqual(it.bytes('o.dat'), Buffer.from(expected));
  });

  it('other words before records say their lengths as well', async () => {
    for (const [records, framing] of [
      [
        { format: 'V', rdw: 'little' },
        { ...V, order: 'little', inclusive: false },
      ],
      [{ format: 'VS' }, { ...V, spanned: true }],
      [
        { format: 'gnucobol', variant: 1 },
        { kind: 'gnucobol', variant: 1 },
      ],
    ] as const) {
      await using it = await orders(framed(three, framing), { records });
      await it.write(
        update('orders', [2], { item: items('XXX') }),
        remove('orders', [3]),
        ...inserts('orders', { orderId: 4, item: [], note: 'c' }),
      );
      const expected = framed(['00012AAABBBxy', '00021XXXzz', '00040c '], framing);
      assert.deepEqual(it.bytes('o.dat'), Buffer.from(expected), records.format);
    }
  });

  it('records of F keep their length when a table grows', async () => {
    const data = '00011AAAxy'.padEnd(22, '.') + '00020zz'.padEnd(22, '.');
    await using it = await orders(ascii(data), { records: { format: 'F', length: 22 } });
    await it.write(update('orders', [1], { item: items('BBB', 'CCC') }));
    assert.equal(it.bytes('o.dat').length, 44);
    const rows = await collect(it.source, { collection: 'orders', where: [] }, 1);
    assert.deepEqual(rows, [{ orderId: 1, n: 2, item: items('BBB', 'CCC'), note: 'xy' }]);
  });

  it('records that say their length themselves have to say it right', async () => {
    const copybook = `
       01  R.
           05  LEN  PIC 9(2).
           05  N    PIC 9.
           05  T    PIC X(2) OCCURS 0 TO 5 DEPENDING ON N.
`;
    await using it = await written(
      { 'r.cpy': copybook, 'r.dat': '051aa030' },
      {
        rows: {
          path: 'r.dat',
          copybook: 'r.cpy',
          charset: 'ascii',
          records: { format: 'length', lengthFrom: 'LEN' },
          writes: ['insert'],
        },
      },
    );
    await it.write(...inserts('rows', { len: 7, t: ['bb', 'cc'] }));
    assert.equal(String(it.bytes('r.dat')), '051aa030072bbcc');
    const refused = await faultOf(() => it.write(...inserts('rows', { len: 8, t: [] })));
    assert.deepEqual([refused.kind, refused.code], ['invalid', 'bad-value']);
  });
});
