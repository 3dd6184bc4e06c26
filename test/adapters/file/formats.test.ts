// Record formats through the adapter, what a collection is made of besides its file, and what the check tells of damage.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openCharset } from '#codec/charset';
import { recordWriter } from '#codec/framing/enframe';
import type { Framing } from '#codec/framing/framing';
import { ByteSink, Fault, type Row, type Source } from '#spi';
import { skipUnless } from '../../skip.ts';
import { collect, faultOf, folder, hostAt, never, openFiles } from './opening.ts';

const cp037 = openCharset('cp037');

const COPYBOOK = `
       01  CUSTOMER.
           05  CUST-ID   PIC 9(4).
           05  CUST-NAME PIC X(6).
           05  BALANCE   PIC S9(3)V99 COMP-3.
`;

function record(id: number, name: string, packed = '12345C'): Uint8Array {
  const text = String(id).padStart(4, '0') + name.padEnd(6);
  return Uint8Array.from([...cp037.encode(text), ...Uint8Array.fromHex(packed)]);
}

const RECORDS = Array.from({ length: 500 }, (_, i) => record((i * 7919) % 9_973, `N${i}`));

function framed(records: readonly Uint8Array[], framing: Framing, blockSize = 200): Uint8Array {
  const writer = recordWriter(
    framing,
    framing.kind === 'rdw' && framing.blocks ? { blockSize } : { longest: 13 },
  );
  const out = new ByteSink();
  for (const bytes of records) writer.write(bytes, out);
  writer.finish(out);
  return out.take();
}

const RDW = { kind: 'rdw', order: 'big', inclusive: true, adjust: 0, blocks: false, spanned: false } as const;
const FIXED = { kind: 'fixed', length: 13, shown: 13, tail: 'fail' } as const;
const ID = { kind: 'int32' } as const;

function open(at: { readonly path: string }, options: object, more: object = {}): Promise<Source> {
  const customers = {
    path: 'CUST.BIN',
    copybook: 'cust.cpy',
    charset: 'cp037',
    key: ['CUST-ID'],
    ...options,
  };
  return openFiles(hostAt(at.path), { ...more, collections: { customers } });
}

const all = (source: Source, query: Partial<Parameters<Source['access']>[0]> = {}) =>
  collect(source, { collection: 'customers', ...query });

describe('a record format', () => {
  const FORMATS: readonly (readonly [records: object, framing: Framing])[] = [
    [{ format: 'FB' }, FIXED],
    [
      { format: 'F', header: 7, trailer: 5 },
      { ...FIXED, header: 7, trailer: 5 },
    ],
    [{ format: 'V' }, RDW],
    [
      { format: 'V', rdw: 'little' },
      { ...RDW, order: 'little', inclusive: false },
    ],
    [
      { format: 'V', inclusive: false, adjust: 2 },
      { ...RDW, inclusive: false, adjust: 2 },
    ],
    [{ format: 'VB' }, { ...RDW, blocks: true }],
    [{ format: 'VS' }, { ...RDW, spanned: true }],
    [
      { format: 'VBS', header: 3 },
      { ...RDW, blocks: true, spanned: true, header: 3 },
    ],
    [
      { format: 'U', length: 13 },
      { kind: 'undefined', blockLength: 13 },
    ],
    [
      { format: 'gnucobol', variant: 0 },
      { kind: 'gnucobol', variant: 0 },
    ],
    [
      { format: 'gnucobol', variant: 2 },
      { kind: 'gnucobol', variant: 2 },
    ],
    [{ format: 'mf' }, { kind: 'mf', variant: 0 }],
    [{ format: 'length', lengthFrom: '10 + 3' }, FIXED],
  ];
  for (const [records, framing] of FORMATS) {
    it(`${JSON.stringify(records)}: the same rows in the file’s order, by key, in key order and packed`, async () => {
      const bytes = framed(RECORDS, framing);
      using at = folder({ 'CUST.BIN': bytes, 'CUST.gz': gzipSync(bytes), 'cust.cpy': COPYBOOK });
      for (const packed of [{}, { path: 'CUST.gz', compression: 'gzip' }]) {
        await using source = await open(at, { records, ...packed });
        await source.check(never);
        const rows = await all(source);
        assert.deepEqual(
          rows.map((row) => row['custName']),
          RECORDS.map((_, i) => `N${i}`),
        );
        const access = source.access({ collection: 'customers', where: [], order: [] });
        assert.equal(await access.count?.({ signal: never }), RECORDS.length);
        const order = [{ field: 'custId', type: ID, descending: true }];
        const byId = rows.toSorted((a, b) => Number(b['custId']) - Number(a['custId']));
        assert.deepEqual(await all(source, { order }), byId);
        const where = [{ op: 'in', field: 'custId', type: ID, values: [7919, 0, 4] }] as const;
        assert.deepEqual(
          (await all(source, { where })).map((row) => row['custId']).toSorted(),
          rows
            .map((row) => row['custId'])
            .filter((id) => id === 7919 || id === 0 || id === 4)
            .toSorted(),
        );
      }
    });
  }

  it('a fault in a spanned record has the offset of its byte in the file, from a scan and by key', async () => {
    const records = RECORDS.with(3, record(9_999, 'BAD', '1A345C'));
    const bytes = framed(records, { ...RDW, blocks: true, spanned: true }, 24);
    using at = folder({ 'CUST.BIN': bytes, 'cust.cpy': COPYBOOK });
    await using source = await open(at, { records: { format: 'VBS' } });
    const where = [{ op: 'eq', field: 'custId', type: ID, value: 9_999 }] as const;
    for (const row of [(await all(source))[3], (await all(source, { where }))[0]]) {
      const fault = faultIn(row?.['balance']);
      assert.equal(fault.place.record, 4);
      assert.equal(bytes[fault.place.byteOffset ?? 0], 0x1a);
    }
  });

  it('damage in the middle of a file is a fault of the read, after the rows before it', async () => {
    const bytes = framed(RECORDS, RDW);
    using at = folder({ 'CUST.BIN': bytes.with(100 * 17 + 1, 0x03), 'cust.cpy': COPYBOOK });
    await using source = await open(at, { records: { format: 'V' }, key: [] });
    let rows = 0;
    const fault = await faultOf(async () => {
      const access = source.access({ collection: 'customers', where: [], order: [] });
      for await (const batch of access.read({ fields: [], signal: never })) rows += batch.length;
    });
    assert.equal(rows, 100);
    assert.deepEqual([fault.kind, fault.place.record], ['corrupt', 101]);
  });

  it('options that contradict the format are refused, with the collection', async () => {
    using at = folder({ 'cust.cpy': COPYBOOK });
    for (const records of [
      { format: 'V', length: 13 },
      { format: 'F', rdw: 'little' },
      { format: 'text' },
      { format: 'length' },
    ]) {
      const fault = await faultOf(() => open(at, { records }));
      assert.ok(fault.misconfigured, JSON.stringify(records));
      assert.equal(fault.place.collection, 'customers');
    }
  });
});

describe('a table of varying length', () => {
  const SLIDING = `
       01  R.
           05  N      PIC 9.
           05  T OCCURS 0 TO 5 DEPENDING ON N PIC X(2).
           05  BEHIND PIC X(3).
`;

  it('in records of one length leaves bytes behind that are no part of the record', async () => {
    using at = folder({ 'CUST.BIN': cp037.encode('2AABBxyz      5AABBCCDDEExyz'), 'cust.cpy': SLIDING });
    await using source = await open(at, { key: [], records: { format: 'F' } });
    await source.check(never);
    assert.deepEqual(await all(source), [
      { n: 2, t: ['AA', 'BB'], behind: 'xyz' },
      { n: 5, t: ['AA', 'BB', 'CC', 'DD', 'EE'], behind: 'xyz' },
    ]);
  });

  it('stands still where the dialect has it so', async () => {
    using at = folder({ 'CUST.BIN': cp037.encode('2AABB      xyz'), 'cust.cpy': SLIDING });
    for (const options of [{ dialect: 'gnucobol' }, { odo: 'maximum' }]) {
      await using source = await open(at, { key: [], ...options });
      assert.deepEqual(await all(source), [{ n: 2, t: ['AA', 'BB'], behind: 'xyz' }]);
    }
  });
});

describe('what a collection is made of', () => {
  it('policies of the source hold for every collection, those of the collection and of the field lie over them', async () => {
    const bytes = Buffer.concat([
      record(1, ' ', '404040'),
      cp037.encode('0002'),
      new Uint8Array(6).fill(0xff),
      Uint8Array.fromHex('404040'),
    ]);
    using at = folder({
      'CUST.BIN': bytes,
      'cust.cpy': COPYBOOK,
      'a.txt': 'ab \n',
      'a.json': JSON.stringify([{ name: 'n', start: 0, width: 3, type: 'int' }]),
    });
    const defaults = { onBad: 'null', highValues: 'blank', trim: 'right' };
    await using ofSource = await open(at, {}, { defaults });
    assert.deepEqual(await all(ofSource), [
      { custId: 1, custName: '', balance: null },
      { custId: 2, custName: '', balance: null },
    ]);
    await using ofCollection = await open(at, { defaults: { onBad: 'raw' } }, { defaults });
    assert.deepEqual(
      (await all(ofCollection)).map((row) => row['balance']),
      ['0x404040', '0x404040'],
    );
    await using ofField = await open(
      at,
      { defaults: { onBad: 'fail' }, fields: { BALANCE: { onBad: { default: '7.00' } } } },
      { defaults },
    );
    assert.deepEqual(
      (await all(ofField)).map((row) => row['balance']),
      ['7.00', '7.00'],
    );
    // What only copybooks know is no mistake in a source that has parse maps too.
    await using lines = await openFiles(hostAt(at.path), {
      defaults,
      collections: { customers: { path: 'a.txt', parseMap: 'a.json' } },
    });
    assert.deepEqual(await all(lines), [{ n: null }]);
  });

  it('days are read by their pattern, and zones may be ignored', async () => {
    const copybook = `
       01 R.
          05 BORN PIC 9(6).
          05 SINCE PIC S9(7) COMP-3.
          05 AMOUNT PIC 9(3).
`;
    const bytes = Buffer.concat([
      cp037.encode('490102'),
      Uint8Array.fromHex('1240229C'),
      Uint8Array.fromHex('F140F2'),
      cp037.encode('000000'),
      Uint8Array.fromHex('9999999C'),
      cp037.encode('007'),
    ]);
    using at = folder({ 'CUST.BIN': bytes, 'cust.cpy': copybook });
    const fields = {
      BORN: { date: 'yyMMdd', window: 1930, noDate: ['zeros'] },
      SINCE: { date: 'cyyMMdd', noDate: ['nines'] },
      AMOUNT: { zones: 'ignore' },
    };
    await using source = await open(at, { key: [], fields });
    assert.deepEqual(await all(source), [
      { born: '1949-01-02', since: '2024-02-29', amount: 102 },
      { born: null, since: null, amount: 7 },
    ]);
  });

  it('COPY finds texts beside the copybook and in the folders of "copy"; what is not there is a mistake with its line', async () => {
    const program =
      '       01  CUSTOMER.\n           COPY IDS.\n           COPY "names" OF LIB REPLACING ==:T:== BY ==CUST==.\n';
    using at = folder({
      'CUST.BIN': record(7, 'GABI').subarray(0, 10),
      'cust.cpy': program,
      'ids.cpy': '           05  CUST-ID PIC 9(4).\n',
    });
    assert.match((await faultOf(() => open(at, {}))).message, /cust\.cpy, line 3[\s\S]*\^/);
    mkdirSync(join(at.path, 'lib'));
    at.write('lib/NAMES.CPY', '           05  :T:-NAME PIC X(6).\n');
    await using source = await open(at, { copy: ['lib'] });
    assert.deepEqual(await all(source), [{ custId: 7, custName: 'GABI' }]);
  });

  it('a table of one’s own is a charset, and two of one name are two', async () => {
    const table = (a: string) =>
      `40 U+0020\n${[...'0123456789'].map((digit, i) => `${(0xf0 + i).toString(16)} U+003${digit}`).join('\n')}\nC1 U+${a}\n`;
    using at = folder({ 'CUST.BIN': record(7, 'AAA'), 'cust.cpy': COPYBOOK, 'own.txt': table('0041') });
    mkdirSync(join(at.path, 'other'));
    at.write('other/own.txt', table('00C4'));
    for (const [file, name] of [
      ['own.txt', 'AAA'],
      ['other/own.txt', 'ÄÄÄ'],
    ] as const) {
      await using source = await open(at, { charset: { table: file } });
      assert.equal((await all(source))[0]?.['custName'], name);
    }
    at.write('own.txt', 'C1 U+004G\n');
    const fault = await faultOf(() => open(at, { charset: { table: 'own.txt' } }));
    assert.ok(fault.misconfigured);
    assert.match(fault.message, /own\.txt/);
    assert.match(
      (await faultOf(() => open(at, { charset: { table: 'none.txt' } }))).message,
      /"none.txt" does not exist/,
    );
  });

  it('a key in a list or a union is refused', async () => {
    const copybook = `
       01 R.
          05 T OCCURS 2.
             10 A PIC 9.
          05 KIND PIC X.
          05 ONE PIC 9(2).
          05 TWO REDEFINES ONE PIC X(2).
`;
    using at = folder({ 'cust.cpy': copybook });
    const redefines = { ONE: { name: 'both', when: { ONE: "kind eq '1'", TWO: 'otherwise' } } };
    for (const key of ['A', 't.a', 'ONE', 'TWO', 't', 'both']) {
      const fault = await faultOf(() => open(at, { key: [key], redefines }));
      assert.ok(fault.misconfigured, key);
      assert.match(fault.code, /-key$/);
    }
    assert.match(
      (await faultOf(() => open(at, { key: ['A'], redefines }))).message,
      /stands in a list or a union/,
    );
  });
});

describe('the check of a file', () => {
  const many = (packed: string) => Array.from({ length: 1_000 }, (_, i) => record(i, `N${i}`, packed));

  it('passes over single bad fields: they are told where they are read', async () => {
    using at = folder({
      'CUST.BIN': Buffer.concat(RECORDS.with(4, record(9_990, 'X', 'FFFFFF'))),
      'cust.cpy': COPYBOOK,
    });
    await using source = await open(at, {});
    await source.check(never);
  });

  it('names what a transfer did to the file', async () => {
    const ascii = Buffer.concat(many('12345C')).map((byte) =>
      byte === 0x40
        ? 0x20
        : byte >= 0xf0 && byte <= 0xf9
          ? byte - 0xc0
          : byte >= 0xc1 && byte <= 0xc9
            ? byte - 0x80
            : byte >= 0xd1 && byte <= 0xd9
              ? byte - 0x87
              : byte === 0x5c
                ? 0x2a
                : byte,
    );
    using at = folder({ 'CUST.BIN': ascii, 'cust.cpy': COPYBOOK });
    await using translated = await open(at, { key: [] });
    const fault = await faultOf(() => translated.check(never));
    assert.deepEqual([fault.kind, fault.code], ['corrupt', 'bad-sample']);
    assert.match(fault.message, /of 600 rows/);
    assert.match(fault.place.hint ?? '', /ASCII/);
    assert.ok(fault.errors.length > 1);

    at.write('CUST.BIN', framed(many('12345C'), RDW));
    await using descriptors = await open(at, { key: [], records: { format: 'F', tail: 'ignore-tail' } });
    assert.match((await faultOf(() => descriptors.check(never))).place.hint ?? '', /RDW|descriptor/i);
    at.write('CUST.BIN', Buffer.concat(many('12345C')));
    await using stripped = await open(at, { key: [], records: { format: 'V' } });
    assert.match((await faultOf(() => stripped.check(never))).place.hint ?? '', /RDW|descriptor/i);
    at.write('CUST.BIN', gzipSync(Buffer.concat(many('12345C'))));
    await using packed = await open(at, { key: [], records: { format: 'V' } });
    assert.match((await faultOf(() => packed.check(never))).place.hint ?? '', /compression: gzip/);
  });

  it('looks at the end of the file too', async () => {
    const rows = [...many('12345C'), ...Array.from({ length: 300 }, (_, i) => record(i, 'BAD', 'FFFFFF'))];
    for (const [records, framing] of [
      [{ format: 'F' }, FIXED],
      [{ format: 'V' }, RDW],
    ] as const) {
      using at = folder({ 'CUST.BIN': framed(rows, framing), 'cust.cpy': COPYBOOK });
      await using source = await open(at, { key: [], records });
      const fault = await faultOf(() => source.check(never));
      assert.match(fault.message, /^300 of 600 rows/);
      assert.equal(fault.place.record, 1_001);
    }
  });
});

const cobrix = resolve(import.meta.dirname, '../../../../shared/conformance/cobrix');

describe('the files of Cobrix with two record types', {
  skip: skipUnless(existsSync(cobrix), `the files of Cobrix are not at ${cobrix}`),
}, () => {
  const FILES = [
    ['test5', 'test5_data/COMP.DETAILS.SEP30.DATA.dat', 'little'],
    ['test5b', 'test5b_data/COMP.DETAILS.FEB02.DATA.RDW.BE.dat', 'big'],
  ] as const;
  const REDEFINES = {
    'STATIC-DETAILS': {
      name: 'details',
      when: { 'STATIC-DETAILS': "segmentId startsWith 'C'", CONTACTS: 'otherwise' },
    },
  };
  const options = (path: string, rdw: string) => ({
    path,
    copybook: 'test5_copybook.cob',
    charset: 'cp037',
    // The file counts an RDW's own bytes in neither order, and fills text up with x'00'.
    records: { format: 'V', rdw, inclusive: false },
    defaults: { trim: 'both', lowValues: 'blank' },
    redefines: REDEFINES,
  });

  for (const [name, path, rdw] of FILES) {
    it(`${name}: companies, people, and companies with their people`, async () => {
      const wanted = readFileSync(join(cobrix, `test5_expected/${name}.txt`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const people = { ...options(path, rdw), when: "segmentId startsWith 'P'" };
      const companies = { ...options(path, rdw), when: "segmentId startsWith 'C'", key: ['COMPANY-ID'] };
      const types = {
        COMPANY: { when: "segmentId startsWith 'C'" },
        PERSON: { when: "segmentId startsWith 'P'", parent: 'COMPANY', as: 'people' },
      };
      const families = { ...options(path, rdw), types, key: ['COMPANY-ID'] };
      await using source = await openFiles(hostAt(cobrix), { collections: { people, companies, families } });
      await source.check(never);
      const clean = (text: unknown) => String(text).replaceAll('\0', '').trim();
      const first = async (collection: string, count: number) =>
        (await collect(source, { collection })).slice(0, count);
      const ofType = (type: string) => wanted.filter((row) => row.SEGMENT_ID === type);
      const companyOf = (row: Row) => [
        clean(row['companyId']),
        clean(member(row['details'], 'companyName')),
        clean(member(row['details'], 'address')),
      ];
      const personOf = (row: Row) => [
        clean(row['companyId']),
        clean(member(row['details'], 'phoneNumber')),
        clean(member(row['details'], 'contactPerson')),
      ];
      const wantedCompany = (row: {
        COMPANY_ID: string;
        STATIC_DETAILS: { COMPANY_NAME: string; ADDRESS: string };
      }) => [row.COMPANY_ID, row.STATIC_DETAILS.COMPANY_NAME, row.STATIC_DETAILS.ADDRESS];
      const wantedPerson = (row: {
        COMPANY_ID: string;
        CONTACTS: { PHONE_NUMBER: string; CONTACT_PERSON: string };
      }) => [row.COMPANY_ID, row.CONTACTS.PHONE_NUMBER, row.CONTACTS.CONTACT_PERSON];

      const companyRows = ofType('C');
      assert.deepEqual(
        (await first('companies', companyRows.length)).map(companyOf),
        companyRows.map(wantedCompany),
      );
      assert.deepEqual(
        (await first('people', ofType('P').length)).map(personOf),
        ofType('P').map(wantedPerson),
      );
      // The last of the expected companies may go on behind the rows that are expected.
      const rows = (await first('families', companyRows.length - 1)).flatMap((row) => {
        const children = row['people'];
        assert.ok(Array.isArray(children));
        return [companyOf(row), ...children.map(personOf)];
      });
      assert.deepEqual(
        rows,
        wanted
          .slice(0, rows.length)
          .map((row) => (row.SEGMENT_ID === 'C' ? wantedCompany(row) : wantedPerson(row))),
      );
      assert.ok(rows.length > 40);
    });
  }
});

function member(cell: Row[string] | undefined, name: string): unknown {
  return typeof cell === 'object' && cell !== null && name in cell
    ? Object.entries(cell).find(([key]) => key === name)?.[1]
    : undefined;
}

function faultIn(cell: Row[string] | undefined): Fault {
  assert.ok(cell instanceof Fault);
  return cell;
}
