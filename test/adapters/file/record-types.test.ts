// Files that hold records of several types: one of them as a collection, all of them as a union, parents with their children.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openCharset } from '#codec/charset';
import { recordWriter } from '#codec/framing/enframe';
import { ByteSink, Fault, type Row, type Source } from '#spi';
import { collect, faultOf, folder, handlesOn, hostAt, never, openFiles } from './opening.ts';

const cp037 = openCharset('cp037');

const COPYBOOK = `
       01  HEADER-REC.
           05  REC-TYPE    PIC X.
               88  IS-HEADER VALUE 'H'.
           05  RUN-DATE    PIC 9(8).
       01  ORDER-REC.
           05  REC-TYPE    PIC X.
               88  IS-ORDER  VALUE 'O'.
           05  ORDER-ID    PIC 9(3).
           05  CUSTOMER    PIC X(6).
           05  ORDER-KIND  PIC X.
           05  DETAILS.
               10  PRICE   PIC 9(3)V99.
           05  NOTES REDEFINES DETAILS.
               10  NOTE    PIC X(4).
       01  LINE-REC.
           05  REC-TYPE    PIC X.
           05  ITEM        PIC X(4).
           05  TAG-COUNT   PIC 9.
           05  TAGS OCCURS 0 TO 3 DEPENDING ON TAG-COUNT.
               10  TAG-TEXT PIC X(2).
       01  EVENT-REC.
           05  REC-TYPE    PIC X.
           05  EVENT-CODE  PIC X(2).
       01  TRAILER-REC.
           05  REC-TYPE    PIC X.
           05  REC-COUNT   PIC 9(5).
`;

const TEXTS = [
  'H20240229',
  'O001ANNA  P01050',
  'LPEN 2ABCD',
  'EXX',
  'LINK 0',
  'EYY',
  'O002BERT  NHUH? ',
  'O003CARL  P00999',
  'LCUP 1ZZ',
  'T00009',
];

function fileOf(texts: readonly string[]): Uint8Array {
  const writer = recordWriter(
    { kind: 'rdw', order: 'big', inclusive: true, adjust: 0, blocks: true, spanned: false },
    { blockSize: 64 },
  );
  const out = new ByteSink();
  for (const text of texts) writer.write(cp037.encode(text), out);
  writer.finish(out);
  return out.take();
}

/** A source over a folder of its own, which goes with it. */
async function open(options: object, texts: readonly string[] = TEXTS): Promise<Source> {
  const at = folder({ 'ORDERS.BIN': fileOf(texts), 'orders.cpy': COPYBOOK });
  const collections = {
    orders: {
      path: 'ORDERS.BIN',
      copybook: 'orders.cpy',
      charset: 'cp037',
      records: { format: 'VB' },
      ...options,
    },
  };
  try {
    const source = await openFiles(hostAt(at.path), { collections });
    return {
      ...source,
      async [Symbol.asyncDispose]() {
        await source[Symbol.asyncDispose]();
        at[Symbol.dispose]();
      },
    };
  } catch (error) {
    at[Symbol.dispose]();
    throw error;
  }
}

const all = (source: Source, query: Partial<Parameters<Source['access']>[0]> = {}) =>
  collect(source, { collection: 'orders', ...query });

/** Rows as JSON, as it is written from the bytes. */
async function written(source: Source): Promise<readonly unknown[]> {
  const json = source.model.collections[0]?.fields.map(({ name }) => name) ?? [];
  const rows: unknown[] = [];
  const out = new ByteSink();
  const access = source.access({ collection: 'orders', where: [], order: [] });
  for await (const batch of access.read({ fields: [], json, signal: never })) {
    for (let i = 0; i < batch.length; i++) {
      batch.json?.(i, out);
      rows.push(JSON.parse(new TextDecoder().decode(out.take())));
    }
  }
  return rows;
}

const ID = { kind: 'int32' } as const;
const WHAT = { DETAILS: { name: 'what', when: { DETAILS: "orderKind eq 'P'", NOTES: 'otherwise' } } };

describe('one record type as a collection', () => {
  const ORDERS = { record: 'ORDER-REC', when: "recType eq 'O'", key: ['ORDER-ID'], redefines: WHAT };

  it('has the records of which the rule is true, in every read, count and index', async () => {
    await using source = await open(ORDERS);
    const ids = async (query: object) => (await all(source, query)).map((row) => row['orderId']);
    const order = [{ field: 'orderId', type: ID, descending: true }];
    assert.deepEqual(await ids({}), [1, 2, 3]);
    assert.deepEqual(await ids({ order }), [3, 2, 1]);
    assert.deepEqual(await ids({ where: [{ op: 'eq', field: 'orderId', type: ID, value: 2 }] }), [2]);
    const where = [{ op: 'ge', field: 'orderId', type: ID, value: 2 }] as const;
    for (const query of [
      { where: [], order: [] },
      { where, order: [] },
      { where, order },
    ]) {
      const rows = await ids(query);
      assert.equal(
        await source.access({ collection: 'orders', ...query }).count?.({ signal: never }),
        rows.length,
      );
    }
    await source.check(never);
  });

  it('may be told by a level-88 name, and by COBOL names', async () => {
    for (const when of ['IS-ORDER', 'isOrder', "REC-TYPE eq 'O'", "recType in ('O','o') and orderId gt 0"]) {
      await using source = await open({ ...ORDERS, when });
      assert.equal((await all(source)).length, 3, when);
    }
  });

  it('a fault names the number of the record in the file, not in the collection', async () => {
    await using source = await open(ORDERS, TEXTS.with(7, 'O003CARL  P00?99'));
    const fault = findFault((await all(source))[2]);
    assert.deepEqual([fault?.place.record, fault?.place.field], [8, 'what.price']);
  });

  it('a record whose rule cannot be decided is a fault, not left out', async () => {
    await using source = await open({ ...ORDERS, when: 'orderId gt 0' }, [
      'O001ANNA  P01050',
      'O0X2BERT  P00000',
    ]);
    const fault = await faultOf(() => all(source));
    assert.deepEqual([fault.kind, fault.place.record, fault.place.field], ['corrupt', 2, 'orderId']);
  });

  it('a field behind a record’s end is null for the rule: the record is no member, whatever is asked of the field', async () => {
    const texts = ['O001ANNA  P01050', 'O', 'O00', 'E2', ''];
    const found = async (when: string) => {
      await using source = await open({ ...ORDERS, key: [], when }, texts);
      return await source.access({ collection: 'orders', where: [], order: [] }).count?.({ signal: never });
    };
    assert.equal(await found("recType eq 'O'"), 3);
    assert.equal(await found('orderId eq 1'), 1);
    assert.equal(await found('orderId ne 7'), 1);
    assert.equal(await found('not orderId eq 7'), 1);
    assert.equal(await found("recType eq 'O' or orderId eq 1"), 3);
    assert.equal(await found("recType eq 'O' and orderId eq 1"), 1);
  });

  it('a member that is too short is a fault, like every short record', async () => {
    await using source = await open({ ...ORDERS, key: [] }, ['O001ANNA  P01050', 'O002']);
    const fault = findFault((await all(source))[1]);
    assert.deepEqual([fault?.code, fault?.place.record], ['short-record', 2]);
  });

  it('a rule about what is no field, or stands behind a table of varying length, is refused with the nearest name', async () => {
    const message = async (options: object) => {
      const fault = await faultOf(() => open(options));
      assert.ok(fault.misconfigured);
      assert.equal(fault.code, 'bad-rule');
      return fault.message;
    };
    assert.match(await message({ ...ORDERS, when: "recTyp eq 'O'" }), /recType/);
    assert.match(await message({ ...ORDERS, when: 'IS-ORDR' }), /IS-ORDER|isOrder/);
    assert.match(await message({ ...ORDERS, when: 'recType eq' }), /The rule of "orders"/);
    const at = `
       01 R.
          05 N PIC 9.
          05 T OCCURS 0 TO 9 DEPENDING ON N PIC X.
          05 KIND PIC X.
`;
    using files = folder({ 'r.cpy': at, 'r.bin': '' });
    const fault = await faultOf(() =>
      openFiles(hostAt(files.path), {
        collections: {
          rs: {
            path: 'r.bin',
            copybook: 'r.cpy',
            charset: 'cp037',
            records: { format: 'V' },
            when: "kind eq 'A'",
          },
        },
      }),
    );
    assert.match(fault.message, /kind, which stands behind T, a table of varying length/);
  });
});

const TYPES = {
  'HEADER-REC': "recType eq 'H'",
  'ORDER-REC': 'IS-ORDER',
  'LINE-REC': "recType eq 'L'",
  'EVENT-REC': "recType eq 'E'",
  'TRAILER-REC': 'otherwise',
};

describe('record types as a union', () => {
  it('each row has the fields of its type, and says which it is', async () => {
    await using source = await open({ types: TYPES, redefines: WHAT });
    const rows = await all(source);
    assert.deepEqual(rows[0], {
      record: { '@type': 'HeaderRec', recType: 'H', isHeader: true, runDate: 20_240_229 },
    });
    assert.deepEqual(rows[2], {
      record: {
        '@type': 'LineRec',
        recType: 'L',
        item: 'PEN',
        tagCount: 2,
        tags: [{ tagText: 'AB' }, { tagText: 'CD' }],
      },
    });
    assert.deepEqual(rows.at(-1), { record: { '@type': 'TrailerRec', recType: 'T', recCount: 9 } });
    assert.deepEqual(await written(source), rows);
    const type = source.model.collections[0]?.fields[0]?.type;
    assert.ok(type?.kind === 'union');
    assert.deepEqual(
      type.of.map(({ tag }) => tag),
      ['HeaderRec', 'OrderRec', 'LineRec', 'EventRec', 'TrailerRec'],
    );
    await source.check(never);
  });

  it('types that are left out are no rows', async () => {
    await using source = await open({
      types: {
        ...TYPES,
        'HEADER-REC': { when: "recType eq 'H'", leaveOut: true },
        'TRAILER-REC': { when: 'otherwise', leaveOut: true },
      },
    });
    const rows = await all(source);
    assert.equal(rows.length, TEXTS.length - 2);
    assert.ok(
      rows.every(({ record }) => typeof record === 'object' && record !== null && 'recType' in record),
    );
    assert.equal(
      await source.access({ collection: 'orders', where: [], order: [] }).count?.({ signal: never }),
      rows.length,
    );
  });

  it('of which none fits a record is a fault of that record', async () => {
    await using source = await open({ types: { 'ORDER-REC': 'IS-ORDER' } });
    const fault = findFault((await all(source))[0]);
    assert.deepEqual([fault?.kind, fault?.place.record], ['corrupt', 1]);
  });

  it('that contradict the copybook or each other are refused by name', async () => {
    const fault = async (types: object, more: object = {}) => {
      const found = await faultOf(() => open({ types, ...more }));
      assert.ok(found.misconfigured);
      return `${found.code}: ${found.message}`;
    };
    assert.match(await fault({ 'ORDR-REC': 'otherwise' }), /unknown-record: .*ORDER-REC/);
    assert.match(await fault({ 'ORDER-REC': { when: 'otherwise', leaveOut: true } }), /no-types/);
    await assert.rejects(() => open({ types: TYPES, record: 'ORDER-REC' }), /either .*record.* or .*types/);
    await assert.rejects(() => open({ types: TYPES, when: 'IS-ORDER' }), /leaveOut/);
  });
});

const FAMILY = {
  'ORDER-REC': { when: 'IS-ORDER' },
  LINE: { record: 'LINE-REC', when: "recType eq 'L'", parent: 'ORDER-REC' },
  'EVENT-REC': { when: "recType eq 'E'", parent: 'LINE', as: 'happened' },
  'HEADER-REC': { when: 'IS-HEADER', leaveOut: true },
  'TRAILER-REC': { when: 'otherwise', leaveOut: true },
};
const WITH_RULE = {
  types: FAMILY,
  key: ['ORDER-ID'],
  redefines: WHAT,
  fields: { ITEM: { trim: 'none' }, PRICE: { blank: 'null' } },
};

const PEN = { recType: 'L', item: 'PEN ', tagCount: 2, tags: [{ tagText: 'AB' }, { tagText: 'CD' }] };
const INK = { recType: 'L', item: 'INK ', tagCount: 0, tags: [] };
const CUP = { recType: 'L', item: 'CUP ', tagCount: 1, tags: [{ tagText: 'ZZ' }] };
const ROOTS = [
  {
    recType: 'O',
    isOrder: true,
    orderId: 1,
    customer: 'ANNA',
    orderKind: 'P',
    what: { '@type': 'Details', price: '10.50' },
    lines: [
      { ...PEN, happened: [{ recType: 'E', eventCode: 'XX' }] },
      { ...INK, happened: [{ recType: 'E', eventCode: 'YY' }] },
    ],
  },
  {
    recType: 'O',
    isOrder: true,
    orderId: 2,
    customer: 'BERT',
    orderKind: 'N',
    what: { '@type': 'Notes', note: 'HUH?' },
    lines: [],
  },
  {
    recType: 'O',
    isOrder: true,
    orderId: 3,
    customer: 'CARL',
    orderKind: 'P',
    what: { '@type': 'Details', price: '9.99' },
    lines: [{ ...CUP, happened: [] }],
  },
];

describe('record types as parents with their children', () => {
  it('a row is a root with the records that follow it, nested; policies and rules reach all types', async () => {
    await using source = await open(WITH_RULE);
    assert.deepEqual(await all(source), ROOTS);
    assert.deepEqual(await written(source), ROOTS);
    await source.check(never);
  });

  it('is found by its key, paged, ordered and counted like other rows', async () => {
    await using source = await open(WITH_RULE);
    const one = await all(source, { where: [{ op: 'eq', field: 'orderId', type: ID, value: 1 }] });
    assert.deepEqual(one, ROOTS.slice(0, 1));
    const order = [{ field: 'orderId', type: ID, descending: true }];
    assert.deepEqual(await all(source, { order }), ROOTS.toReversed());
    assert.deepEqual(await all(source, { order, where: [{ op: 'after', order, values: [3] }] }), [
      ROOTS[1],
      ROOTS[0],
    ]);
    const where = [{ op: 'eq', field: 'customer', type: { kind: 'string' }, value: 'CARL' }] as const;
    assert.deepEqual(await all(source, { where }), [ROOTS[2]]);
    assert.equal(
      await source.access({ collection: 'orders', where, order: [] }).count?.({ signal: never }),
      1,
    );
  });

  it('a fault names the child’s record and its place in the file', async () => {
    const texts = TEXTS.with(2, 'LPEN 7ABCD');
    await using source = await open(WITH_RULE, texts);
    const [first, second] = await all(source);
    const fault = findFault(first?.['lines'] ?? null);
    assert.deepEqual([fault?.place.record, fault?.place.field], [3, 'tagCount']);
    const bytes = fileOf(texts);
    const at = bytes.findIndex((_, i) => bytes.subarray(i, i + 6).toHex() === cp037.encode('LPEN 7').toHex());
    assert.equal(fault?.place.byteOffset, at + 5);
    assert.deepEqual(second, ROOTS[1]);
  });

  it('a child before any root, and a record of no type, end the read', async () => {
    await using orphans = await open(WITH_RULE, TEXTS.slice(2));
    const orphan = await faultOf(() => all(orphans));
    assert.deepEqual([orphan.code, orphan.place.record], ['orphan-record', 1]);
    const { 'TRAILER-REC': _, ...rest } = FAMILY;
    await using strange = await open({ ...WITH_RULE, types: rest });
    const fault = await faultOf(() => all(strange));
    assert.deepEqual([fault.code, fault.place.record], ['no-type', TEXTS.length]);
    assert.equal((await faultOf(() => strange.check(never))).code, 'no-type');
  });

  it('types that make no hierarchy are refused by name', async () => {
    const fault = async (types: object, more: object = {}) => {
      const found = await faultOf(() => open({ ...WITH_RULE, types, ...more }));
      assert.ok(found.misconfigured);
      return `${found.code}: ${found.message}`;
    };
    const { LINE } = FAMILY;
    assert.match(
      await fault({ ...FAMILY, LINE: { ...LINE, parent: 'ORDR-REC' } }),
      /bad-parent: .*"ORDR-REC", which is no type.*ORDER-REC/,
    );
    assert.match(
      await fault({ ...FAMILY, LINE: { ...LINE, parent: 'HEADER-REC' } }),
      /bad-parent: .*left out/,
    );
    assert.match(
      await fault({ ...FAMILY, LINE: { ...LINE, parent: 'EVENT-REC' } }),
      /bad-parent: .*its own ancestor/,
    );
    assert.match(
      await fault({ ...FAMILY, 'TRAILER-REC': 'otherwise' }),
      /several-roots: .*ORDER-REC and TRAILER-REC/,
    );
    assert.match(await fault({ ...FAMILY, LINE: { ...LINE, as: 'orderId' } }), /bad-name: .*"orderId"/);
    assert.match(await fault({ ...FAMILY, LINE: { ...LINE, as: 'Order Lines' } }), /bad-name/);
    assert.match(await fault(FAMILY, { fields: { ITEN: { trim: 'none' } } }), /unknown-field: .*ITEM/);
    assert.match(await fault(FAMILY, { key: ['ITEM'] }), /unknown-key|bad-key/);
  });

  it('in records of one length a shorter type is filled up', async () => {
    const texts = TEXTS.map((text) => text.padEnd(16));
    await using source = await open({ ...WITH_RULE, records: { format: 'F', length: 16 } }, []);
    assert.deepEqual(await all(source), []);
    const at = folder({ 'ORDERS.BIN': cp037.encode(texts.join('')), 'orders.cpy': COPYBOOK });
    using _ = at;
    await using fixed = await openFiles(hostAt(at.path), {
      collections: {
        orders: {
          path: 'ORDERS.BIN',
          copybook: 'orders.cpy',
          charset: 'cp037',
          records: { format: 'F', length: 16 },
          ...WITH_RULE,
        },
      },
    });
    assert.deepEqual(await all(fixed), ROOTS);
  });
});

describe('readers of records of several types', () => {
  const many = Array.from({ length: 3_000 }, (_, i) =>
    TEXTS.map((text) => text.replace(/^O00/, `O${String(i % 100).padStart(2, '0')}`)),
  ).flat();

  for (const [name, options] of [
    ['one type', { record: 'ORDER-REC', when: "recType eq 'O'", redefines: WHAT }],
    ['a union', { types: TYPES, redefines: WHAT }],
    ['families', { ...WITH_RULE, key: [] }],
  ] as const) {
    it(`${name}: an early end, an abort and a fault each leave the file to the source, which closes it`, async () => {
      using at = folder({
        'ORDERS.BIN': Buffer.concat([fileOf(many), Buffer.from('BAD!')]),
        'orders.cpy': COPYBOOK,
      });
      await using source = await openFiles(hostAt(at.path), {
        keepVersions: { forMs: 0 },
        collections: {
          orders: {
            path: 'ORDERS.BIN',
            copybook: 'orders.cpy',
            charset: 'cp037',
            records: { format: 'VB' },
            ...options,
          },
        },
      });
      const read = (signal: AbortSignal) =>
        source.access({ collection: 'orders', where: [], order: [] }).read({ fields: [], signal });
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
      assert.equal((await faultOf(() => all(source))).kind, 'corrupt');
      await source[Symbol.asyncDispose]();
      assert.equal(handlesOn(at.path), 0);
    });
  }

  it('collections over one packed file unpack it once', async () => {
    using at = folder({ 'ORDERS.gz': gzipSync(fileOf(TEXTS)), 'orders.cpy': COPYBOOK });
    const common = {
      path: 'ORDERS.gz',
      compression: 'gzip',
      copybook: 'orders.cpy',
      charset: 'cp037',
      records: { format: 'VB' },
    };
    await using source = await openFiles(hostAt(at.path), {
      collections: {
        orders: { ...common, record: 'ORDER-REC', when: 'IS-ORDER', redefines: WHAT },
        headers: { ...common, record: 'HEADER-REC', when: 'IS-HEADER' },
        families: { ...common, ...WITH_RULE },
      },
    });
    await source.check(never);
    assert.equal((await collect(source, { collection: 'headers' })).length, 1);
    assert.deepEqual(await collect(source, { collection: 'families' }), ROOTS);
    assert.equal((await all(source)).length, 3);
  });

  it('the explanation says how records become rows, and no literal of a rule', async () => {
    for (const [options, note] of [
      [{ record: 'ORDER-REC', when: "recType eq 'O'" }, /rule of the collection/],
      [{ types: FAMILY }, /each row is a root with the records that follow it/],
    ] as const) {
      await using source = await open(options);
      const { explain } = source.access({ collection: 'orders', where: [], order: [] });
      assert.match(explain, note);
      assert.ok(!explain.includes("'O'"));
    }
  });
});

function findFault(cell: Row[string] | undefined): Fault | undefined {
  if (cell instanceof Fault) return cell;
  if (typeof cell !== 'object' || cell === null || cell instanceof Uint8Array) return undefined;
  for (const inner of Object.values(cell)) {
    const fault = findFault(inner);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
