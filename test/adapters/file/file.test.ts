// The file as a table: what is refused at start, what a read does, what becomes of bad data and of replaced files.

import assert from 'node:assert/strict';
import { renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openCharset } from '#codec/charset';
import { ByteSink, Fault, type Order, type Scalar, type Source } from '#spi';
import { options } from '../../../adapters/file/options/options.ts';
import { collect, faultOf, folder, handlesOn, hostAt, never, openFiles } from './opening.ts';

const COPYBOOK = `
       01  CUSTOMER.
           05  CUST-ID   PIC 9(4).
           05  CUST-NAME PIC X(6).
           05  BALANCE   PIC S9(3)V99 COMP-3.
`;
const LENGTH = 13;

const cp037 = openCharset('cp037');

function record(id: number, name: string, packed = '12345C'): Uint8Array {
  const text = String(id).padStart(4, '0') + name.padEnd(6);
  return Uint8Array.from([...cp037.encode(text), ...Uint8Array.fromHex(packed)]);
}

const ROWS = [record(7, 'GABI'), record(2, 'BEA'), record(5, 'EDI', '00100D'), record(1, 'ABI')];
const CUSTOMERS = { path: 'CUST.BIN', copybook: 'cust.cpy', charset: 'cp037', key: ['CUST-ID'] };

function customersFolder(rows: readonly Uint8Array[] = ROWS) {
  return folder({ 'CUST.BIN': Buffer.concat(rows), 'cust.cpy': COPYBOOK });
}

function open(
  at: { readonly path: string },
  more: Readonly<Record<string, unknown>> = {},
  ofSource: Readonly<Record<string, unknown>> = {},
): Promise<Source> {
  return openFiles(hostAt(at.path), { collections: { customers: { ...CUSTOMERS, ...more } }, ...ofSource });
}

/** Without versions that stay open for later pages, a handle is a reader's. */
const UNKEPT = { keepVersions: { forMs: 0 } };

const ID: Scalar = { kind: 'int32' };
const byId = (descending = false): Order => [{ field: 'custId', type: ID, descending }];
const ids = async (source: Source, query: Partial<Parameters<typeof collect>[1]> = {}, limit?: number) =>
  (await collect(source, { collection: 'customers', ...query }, limit)).map((row) => row['custId']);

describe('a file source at start', () => {
  it('gives its model without the data: a missing file is a fault of the read, with the path as configured', async () => {
    using at = folder({ 'cust.cpy': COPYBOOK });
    await using source = await open(at);
    assert.deepEqual(source.model.collections[0]?.key, ['custId']);
    const fault = await faultOf(() => collect(source, { collection: 'customers' }));
    assert.equal(fault.kind, 'unavailable');
    assert.equal(fault.code, 'file-missing');
    assert.match(fault.message, /"CUST.BIN" does not exist/);
    assert.ok(!fault.message.includes(at.path));
    assert.equal((await faultOf(() => source.check(never))).kind, 'unavailable');
  });

  it('a folder in the place of the file is unavailable', async () => {
    using at = folder({ 'cust.cpy': COPYBOOK });
    await using source = await open(at, { path: at.path });
    assert.equal((await faultOf(() => source.check(never))).code, 'not-a-file');
  });

  it('a path that leads out of the root is refused, an absolute path is taken as it stands', async () => {
    using at = customersFolder();
    for (const path of ['../CUST.BIN', 'a/../../x', '.', 'CUST\0.BIN']) {
      const fault = await faultOf(() => open(at, { path }));
      assert.equal(fault.code, 'path-outside-root', path);
      assert.ok(fault.misconfigured);
    }
    await using source = await open(at, { path: join(at.path, 'CUST.BIN') });
    assert.equal((await ids(source)).length, 4);
  });

  it('a record length that the copybook does not have is refused with both numbers, slack allows a longer one', async () => {
    using at = customersFolder();
    for (const length of [12, 14]) {
      const fault = await faultOf(() => open(at, { records: { format: 'F', length } }));
      assert.equal(fault.code, 'record-length');
      assert.ok(fault.misconfigured);
      assert.match(fault.message, new RegExp(`13 bytes.*${length}`));
    }
    at.write('CUST.BIN', Buffer.concat(ROWS.map((row) => Buffer.concat([row, Buffer.from([0xc1, 0x40])]))));
    await using source = await open(at, { records: { format: 'FB', length: 15, slack: true } });
    assert.deepEqual(await ids(source), [7, 2, 5, 1]);
    assert.deepEqual(await ids(source, { order: byId() }), [1, 2, 5, 7]);
  });

  it('a key is named by copybook name in any case or by API name; another name is refused with the nearest', async () => {
    using at = customersFolder();
    for (const key of ['CUST-ID', 'cust-id', 'custId']) {
      await using source = await open(at, { key: [key] });
      assert.deepEqual(source.model.collections[0]?.key, ['custId']);
    }
    const fault = await faultOf(() => open(at, { key: ['CUST-IDD'] }));
    assert.equal(fault.code, 'unknown-key');
    assert.ok(fault.misconfigured);
    assert.match(fault.message, /Did you mean "CUST-ID"\?/);
    assert.equal((await faultOf(() => open(at, { key: ['CUST-ID', 'custId'] }))).code, 'bad-key');
  });

  it('a key inside a group is found by its copybook name', async () => {
    using at = folder({
      'CUST.BIN': Buffer.concat(ROWS),
      'cust.cpy': COPYBOOK.replace(
        '05  CUST-ID   PIC 9(4).',
        '05 CUST-KEY.\n              10  CUST-ID PIC 9(4).',
      ),
    });
    await using source = await open(at);
    assert.deepEqual(source.model.collections[0]?.key, ['custKey.custId']);
    const found = await collect(source, {
      collection: 'customers',
      where: [{ op: 'eq', field: 'custKey.custId', type: ID, value: 5 }],
    });
    assert.deepEqual(found, [{ custKey: { custId: 5 }, custName: 'EDI', balance: '-1.00' }]);
  });

  it('of several records the configuration says which', async () => {
    using at = folder({
      'CUST.BIN': Buffer.concat(ROWS),
      'cust.cpy': `${COPYBOOK}       01  TRAILER-RECORD.\n           05  TOTAL PIC 9(13).\n`,
    });
    const fault = await faultOf(() => open(at));
    assert.equal(fault.code, 'several-records');
    assert.match(fault.place.hint ?? '', /CUSTOMER, TRAILER-RECORD/);
    assert.match((await faultOf(() => open(at, { record: 'TRAILER' }))).message, /TRAILER/);
    await using source = await open(at, { record: 'customer' });
    assert.deepEqual(await ids(source), [7, 2, 5, 1]);
  });

  it('a mistake in a copybook is told with file, line, column and caret', async () => {
    using at = folder({ 'cust.cpy': COPYBOOK.replace('X(6)', 'X(6') });
    const fault = await faultOf(() => open(at));
    assert.ok(fault.misconfigured);
    assert.match(fault.message, /cust\.cpy, line 4, column \d+/);
    assert.match(fault.message, /\n\s*\^$/);
    assert.equal(fault.place.collection, 'customers');
  });

  it('a missing copybook is a mistake of the configuration, named as configured', async () => {
    using at = folder();
    const fault = await faultOf(() => open(at));
    assert.ok(fault.misconfigured);
    assert.match(fault.message, /The copybook "cust.cpy" does not exist/);
  });

  it('every collection that is wrong is told, not just the first', async () => {
    using at = customersFolder();
    const fault = await faultOf(() =>
      openFiles(hostAt(at.path), {
        collections: {
          a: { ...CUSTOMERS, key: ['X'] },
          b: CUSTOMERS,
          c: { ...CUSTOMERS, charset: 'cp0370' },
        },
      }),
    );
    assert.ok(fault.misconfigured);
    assert.deepEqual(
      fault.errors.map(({ collection }) => collection),
      ['a', 'c'],
    );
  });

  it('options want either a copybook with a charset, or a parse map', () => {
    const messages = (collection: unknown) =>
      options
        .safeParse({ collections: { customers: collection } })
        .error?.issues.map(({ message }) => message) ?? [];
    assert.match(messages({ path: 'a', copybook: 'b' }).join(), /character set/);
    assert.match(messages({ path: 'a' }).join(), /either "copybook" or "parseMap"/);
    assert.match(messages({ path: 'a', copybook: 'b', parseMap: 'c', charset: 'cp037' }).join(), /either/);
    assert.match(messages({ path: 'a', parseMap: 'c', chraset: 'cp037' }).join(), /chraset/);
    assert.deepEqual(messages({ path: 'a', parseMap: 'c' }), []);
  });

  it('a record of nothing but FILLER is refused: there is no field to show', async () => {
    using at = folder({ 'cust.cpy': '       01 R.\n          05 FILLER PIC X(13).\n' });
    const fault = await faultOf(() => open(at, { key: [] }));
    assert.equal(fault.code, 'no-fields');
    assert.ok(fault.misconfigured);
  });

  it('packed numbers in lines of text are refused: a line end can be part of one', async () => {
    using at = customersFolder();
    const fault = await faultOf(() => open(at, { charset: 'latin1', records: { format: 'text' } }));
    assert.equal(fault.code, 'binary-in-text');
    assert.match(fault.message, /BALANCE/);
  });
});

describe('the data of a file', () => {
  it('a file that ends within a record is corrupt, with both numbers and the offset; or the tail is ignored', async () => {
    using at = customersFolder([...ROWS, record(9, 'X').subarray(0, 5)]);
    await using source = await open(at);
    for (const fault of [await faultOf(() => source.check(never)), await faultOf(() => ids(source))]) {
      assert.equal(fault.kind, 'corrupt');
      assert.match(fault.message, /57 bytes.*13.*offset 52/);
      assert.equal(fault.place.byteOffset, 4 * LENGTH);
    }
    await using lenient = await open(at, { records: { format: 'F', tail: 'ignore-tail' } });
    await lenient.check(never);
    assert.deepEqual(await ids(lenient), [7, 2, 5, 1]);
  });

  it('a key that two records have names both, and is a mistake of the configuration', async () => {
    using at = customersFolder([...ROWS, record(2, 'AGAIN')]);
    await using source = await open(at);
    const fault = await faultOf(() => source.check(never));
    assert.equal(fault.kind, 'corrupt');
    assert.equal(fault.code, 'key-not-unique');
    assert.ok(fault.misconfigured);
    assert.match(fault.message, /records 2 and 5 .* 2$/);
    await using keyless = await open(at, { key: [] });
    await keyless.check(never);
    assert.equal((await ids(keyless)).length, 5);
  });

  it('a bad digit is a fault with source, collection, record, field, byte offset and bytes, in its cell alone', async () => {
    using at = customersFolder([...ROWS.slice(0, 2), record(5, 'EDI', '1A345C')]);
    await using source = await open(at);
    const [, , row] = await collect(source, { collection: 'customers' });
    assert.equal(row?.['custName'], 'EDI');
    const cell = row?.['balance'];
    assert.ok(cell instanceof Fault);
    assert.equal(cell.kind, 'corrupt');
    assert.deepEqual(cell.place, {
      source: 'files',
      collection: 'customers',
      record: 3,
      field: 'balance',
      byteOffset: 2 * LENGTH + 10,
      hex: '1A345C',
    });
    const out = new ByteSink();
    const access = source.access({ collection: 'customers', where: [], order: [] });
    for await (const batch of access.read({ fields: [], json: ['custName', 'balance'], signal: never })) {
      batch.json?.(0, out);
      assert.throws(() => batch.json?.(2, out), Fault);
    }
    assert.equal(new TextDecoder().decode(out.take()), '{"custName":"GABI","balance":"123.45"}');
  });

  it('a policy makes null or a default of a bad field', async () => {
    using at = customersFolder([record(5, 'EDI', '1A345C')]);
    await using asNull = await open(at, { defaults: { onBad: 'null' } });
    assert.equal((await collect(asNull, { collection: 'customers' }))[0]?.['balance'], null);
    await using asDefault = await open(at, { fields: { BALANCE: { onBad: { default: 0 } } } });
    assert.equal((await collect(asDefault, { collection: 'customers' }))[0]?.['balance'], '0.00');
  });

  it('a key that cannot be decoded is a fault that names the record', async () => {
    using at = customersFolder([...ROWS.slice(0, 2), record(5, 'EDI').with(1, 0x40)]);
    await using source = await open(at);
    const fault = await faultOf(() => ids(source, { order: byId() }));
    assert.equal(fault.kind, 'corrupt');
    assert.equal(fault.place.record, 3);
    assert.equal(fault.place.field, 'custId');
    assert.deepEqual(await collect(source, { collection: 'customers' }, 2).then((rows) => rows.length), 2);
  });

  it('every batch says how old the data is: the time of the last change', async () => {
    using at = customersFolder();
    utimesSync(join(at.path, 'CUST.BIN'), 1_700_000_000, 1_700_000_000);
    await using source = await open(at);
    const access = source.access({ collection: 'customers', where: [], order: [] });
    for await (const batch of access.read({ fields: [], signal: never })) {
      assert.equal(batch.asOf, '2023-11-14T22:13:20Z');
    }
  });
});

describe('ways through a file', () => {
  it('keys are looked up, and the records found are checked for the rest of the filter', async () => {
    using at = customersFolder();
    await using source = await open(at);
    const query = {
      collection: 'customers',
      where: [
        { op: 'in', field: 'custId', type: ID, values: [5, 2, 3, 5] },
        { op: 'gt', field: 'balance', type: { kind: 'decimal', precision: 5, scale: 2 }, value: '0.00' },
      ],
      order: byId(),
    } as const;
    const access = source.access(query);
    assert.deepEqual(access.where, ['exact', 'exact']);
    assert.equal(access.cost, 'keys');
    assert.ok(access.ordered);
    assert.deepEqual(await ids(source, query), [2]);
    assert.equal(await access.count?.({ signal: never }), 1);
    assert.deepEqual(await ids(source, { ...query, where: [query.where[0]], order: byId(true) }), [5, 2]);
  });

  it('a file in another order is walked in key order, both ways, from a cursor, within a range, up to a limit', async () => {
    using at = customersFolder();
    await using source = await open(at);
    const range = [
      { op: 'gt', field: 'custId', type: ID, value: 1 },
      { op: 'le', field: 'custId', type: ID, value: 6 },
    ] as const;
    assert.deepEqual(await ids(source, { order: byId() }), [1, 2, 5, 7]);
    assert.deepEqual(await ids(source, { order: byId(true) }), [7, 5, 2, 1]);
    assert.deepEqual(await ids(source, { order: byId(), where: range }), [2, 5]);
    assert.deepEqual(await ids(source, { order: byId() }, 3), [1, 2, 5]);
    for (const [descending, rest] of [
      [false, [5, 7]],
      [true, [1]],
    ] as const) {
      const order = byId(descending);
      const access = source.access({
        collection: 'customers',
        where: [{ op: 'after', order, values: [2] }],
        order,
      });
      assert.deepEqual([access.where, access.cost, access.ordered], [['exact'], 'index', true]);
      assert.deepEqual(await ids(source, { order, where: [{ op: 'after', order, values: [2] }] }), rest);
    }
  });

  it('without a key the order is the file’s own', async () => {
    using at = customersFolder();
    await using source = await open(at, { key: [] });
    const access = source.access({ collection: 'customers', where: [], order: [] });
    assert.ok(access.ordered);
    assert.ok(!source.access({ collection: 'customers', where: [], order: byId() }).ordered);
    assert.equal(await access.count?.({ signal: never }), 4);
    assert.deepEqual(await ids(source), [7, 2, 5, 1]);
  });

  it('the explanation tells path, way and bytes looked at, and no literal', async () => {
    using at = customersFolder();
    await using source = await open(at);
    const where = [{ op: 'contains', field: 'custName', type: { kind: 'string' }, value: 'SECRET' }] as const;
    const { explain } = source.access({ collection: 'customers', where, order: [] });
    assert.equal(
      explain,
      "scan CUST.BIN: every record in the file's order, looking at 6 of 13 bytes of each record (custName)",
    );
  });
});

describe('a file that is replaced', () => {
  it('the next request sees the new version with an index of its own', async () => {
    using at = customersFolder();
    await using source = await open(at);
    const one = { where: [{ op: 'eq', field: 'custId', type: ID, value: 9 }], order: byId() } as const;
    assert.deepEqual(await ids(source, one), []);
    at.write('NEW.BIN', Buffer.concat([record(9, 'IDA'), record(3, 'CID')]));
    renameSync(join(at.path, 'NEW.BIN'), join(at.path, 'CUST.BIN'));
    assert.deepEqual(await ids(source, one), [9]);
    assert.deepEqual(await ids(source, { order: byId() }), [3, 9]);
  });

  it('a read that has begun finishes on the version that it began with', async () => {
    using at = customersFolder(Array.from({ length: 9_999 }, (_, i) => record(i, 'OLD')));
    await using source = await open(at);
    const names = new Set();
    let rows = 0;
    const access = source.access({ collection: 'customers', where: [], order: byId(true) });
    for await (const batch of access.read({ fields: ['custName'], signal: never })) {
      if (rows === 0) {
        at.write('NEW.BIN', Buffer.concat([record(9, 'NEW')]));
        renameSync(join(at.path, 'NEW.BIN'), join(at.path, 'CUST.BIN'));
        assert.deepEqual(await ids(source, { order: byId() }), [9]);
      }
      for (let i = 0; i < batch.length; i++) names.add(batch.row(i)['custName']);
      rows += batch.length;
    }
    assert.deepEqual([...names], ['OLD']);
    assert.equal(rows, 9_999);
  });

  it('a file that shrinks under a read is unavailable, not cut short', async () => {
    using at = customersFolder(Array.from({ length: 9_999 }, (_, i) => record(i, 'OLD')));
    await using source = await open(at);
    const fault = await faultOf(async () => {
      const access = source.access({ collection: 'customers', where: [], order: [] });
      for await (const _ of access.read({ fields: [], signal: never })) at.write('CUST.BIN', ROWS[0] ?? '');
    });
    assert.deepEqual([fault.kind, fault.code], ['unavailable', 'file-changed']);
  });
});

describe('readers', () => {
  it('an early end, an abort and a fault each leave the file to the source, which closes it', async () => {
    using at = customersFolder([
      ...Array.from({ length: 9_998 }, (_, i) => record(i, 'X')),
      record(1, 'Y', 'FFFFFF'),
    ]);
    await using source = await open(at, { key: [] }, UNKEPT);
    const read = (signal: AbortSignal, where: Parameters<Source['access']>[0]['where'] = []) =>
      source.access({ collection: 'customers', where, order: [] }).read({ fields: [], signal });
    for await (const _ of read(never)) {
      assert.equal(handlesOn(at.path), 1);
      break;
    }
    assert.equal(handlesOn(at.path), 1);

    const leaving = new AbortController();
    await assert.rejects(async () => {
      for await (const _ of read(leaving.signal)) leaving.abort(new Error('gone'));
    }, /gone/);
    assert.equal(handlesOn(at.path), 1);

    const bad = {
      op: 'eq',
      field: 'balance',
      type: { kind: 'decimal', precision: 5, scale: 2 },
      value: '1.00',
    } as const;
    const fault = await faultOf(async () => {
      for await (const _ of read(never, [bad])) assert.equal(handlesOn(at.path), 1);
    });
    assert.equal(fault.place.record, 9_999);
    assert.equal(handlesOn(at.path), 1);
    await source[Symbol.asyncDispose]();
    assert.equal(handlesOn(at.path), 0);
  });

  it('one of several waiting for the same index may leave without disturbing the others', async () => {
    using at = customersFolder(Array.from({ length: 9_999 }, (_, i) => record((i * 7919) % 9_999, 'X')));
    await using source = await open(at, {}, UNKEPT);
    const leaving = new AbortController();
    const access = source.access({ collection: 'customers', where: [], order: byId() });
    const leaver = assert.rejects(async () => {
      for await (const _ of access.read({ fields: [], signal: leaving.signal }))
        assert.fail('nothing may come');
    }, /gone/);
    const stayer = ids(source, { order: byId() });
    leaving.abort(new Error('gone'));
    await leaver;
    assert.equal((await stayer).length, 9_999);
    await source[Symbol.asyncDispose]();
    assert.equal(handlesOn(at.path), 0);
  });
});
