// Lines of text: line ends, short and long lines, characters of several bytes, lines that lie across pieces.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openCharset } from '#codec/charset';
import { ByteSink, Fault, type Filter, type Scalar, type Source } from '#spi';
import { collect, faultOf, folder, hostAt, never, openFiles } from './opening.ts';

const MAP = [
  { name: 'code', start: 0, width: 3, padPosition: 'end' },
  { name: 'City Name', start: 3, width: 6, padPosition: 'end' },
  { name: 'staff', start: 9, width: 3, type: 'int', falsyFallback: 'null' },
];

async function open(
  text: string | Uint8Array,
  more: Readonly<Record<string, unknown>> = {},
  map: unknown = MAP,
): Promise<Source> {
  const at = folder({ 'b.txt': text, 'b.json': JSON.stringify(map) });
  const collections = { branches: { path: 'b.txt', parseMap: 'b.json', key: ['code'], ...more } };
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

const CODE: Scalar = { kind: 'string', length: 3 };
const byCode = [{ field: 'code', type: CODE, descending: false }];
const all = (source: Source) => collect(source, { collection: 'branches' });

describe('lines of text', () => {
  it('names of a parse map become API names, and keep their own beside', async () => {
    await using source = await open('');
    assert.deepEqual(
      source.model.collections[0]?.fields.map(({ name, legacyName, nullable }) => [
        name,
        legacyName,
        nullable,
      ]),
      [
        ['code', 'code', undefined],
        ['cityName', 'City Name', undefined],
        ['staff', 'staff', true],
      ],
    );
    assert.deepEqual(await all(source), []);
  });

  it('LF, CRLF and no line end at the end of the file are all the same', async () => {
    const rows = [
      { code: 'ab', cityName: 'Bonn', staff: 12 },
      { code: 'c', cityName: '', staff: null },
    ];
    for (const charset of ['utf-8', 'latin1']) {
      for (const text of [
        'ab Bonn   12\nc           \n',
        'ab Bonn   12\r\nc           \r\n',
        'ab Bonn   12\nc           ',
      ]) {
        await using source = await open(text, { charset });
        assert.deepEqual(await all(source), rows, JSON.stringify(text));
        assert.deepEqual(await collect(source, { collection: 'branches', order: byCode }), rows);
      }
    }
  });

  it('a line that is too short is filled up, one that is too long must be blank there', async () => {
    for (const charset of ['utf-8', 'latin1']) {
      await using source = await open(
        'ab\nc  Ulm    5   \nd  Köln\n'.replace('ö', charset === 'latin1' ? 'o' : 'ö'),
        { charset },
      );
      assert.deepEqual(
        (await all(source)).map((row) => Object.values(row)),
        [
          ['ab', '', null],
          ['c', 'Ulm', 5],
          ['d', charset === 'latin1' ? 'Koln' : 'Köln', null],
        ],
      );
      await using long = await open('ab Bonn   12\ncd Ulm     5more\n', { charset });
      const [first, second] = await all(long);
      assert.equal(first?.['staff'], 12);
      const cell = second?.['staff'];
      assert.ok(cell instanceof Fault, `${charset}: ${String(cell)}`);
      assert.deepEqual([cell.code, cell.place.record, cell.place.byteOffset], ['long-record', 2, 13]);
      await using slack = await open('ab Bonn   12\ncd Ulm     5more\n', {
        charset,
        records: { format: 'text', slack: true },
      });
      assert.equal((await all(slack))[1]?.['staff'], 5);
    }
  });

  it('in UTF-8 columns count characters, not bytes', async () => {
    await using source = await open('zü Zürich  1\nöä ÖÄÜß¾  22\n€  東京    333\n');
    assert.deepEqual(
      (await all(source)).map((row) => Object.values(row)),
      [
        ['zü', 'Zürich', 1],
        ['öä', 'ÖÄÜß¾', 22],
        ['€', '東京', 333],
      ],
    );
    const [found] = await collect(source, {
      collection: 'branches',
      where: [{ op: 'eq', field: 'code', type: CODE, value: 'öä' }],
    });
    assert.equal(found?.['cityName'], 'ÖÄÜß¾');
  });

  it('bytes that are no UTF-8 are a fault of their field, at their place in the file', async () => {
    const bytes = Buffer.concat([
      Buffer.from('zü Zürich  1\nö  '),
      Buffer.from([0x42, 0xff, 0x42]),
      Buffer.from('    22\n'),
    ]);
    await using source = await open(bytes, { key: [] });
    const [, row] = await all(source);
    assert.deepEqual([row?.['code'], row?.['staff']], ['ö', 22]);
    const cell = row?.['cityName'];
    assert.ok(cell instanceof Fault);
    assert.deepEqual(
      [cell.kind, cell.place.record, cell.place.byteOffset],
      ['corrupt', 2, bytes.indexOf(0xff) - 1],
    );
    const where = [{ op: 'eq', field: 'cityName', type: CODE, value: 'x' }] as const;
    const fault = await faultOf(() => collect(source, { collection: 'branches', where }));
    assert.equal(fault.place.byteOffset, bytes.indexOf(0xff) - 1);
    const out = new ByteSink();
    for await (const batch of source
      .access({ collection: 'branches', where: [], order: [] })
      .read({ fields: [], json: ['code', 'cityName'], signal: never })) {
      assert.throws(
        () => batch.json?.(1, out),
        (error) => error instanceof Fault && error.place.byteOffset === bytes.indexOf(0xff) - 1,
      );
      assert.equal(out.length, 0);
    }
  });

  it('a byte order mark is no part of the first column', async () => {
    await using source = await open('\ufeffab Bonn   12\n');
    assert.equal((await all(source))[0]?.['code'], 'ab');
    assert.equal((await collect(source, { collection: 'branches', order: byCode }))[0]?.['code'], 'ab');
  });

  it('lines that lie across the pieces in which a file is read are whole', async () => {
    const codes = Array.from({ length: 25_000 }, (_, i) => i.toString(36).padStart(4, '0'));
    const map = [
      { name: 'code', start: 0, width: 4 },
      { name: 'text', start: 4, width: 60, padPosition: 'end' },
    ];
    const text = codes.map((code, i) => `${code}${'ä'.repeat(i % 60)}\n`).join('');
    await using source = await open(text, {}, map);
    const rows = await all(source);
    assert.deepEqual(
      rows.map((row) => row['code']),
      codes,
    );
    assert.ok(rows.every((row, i) => row['text'] === 'ä'.repeat(i % 60)));
    const descending = await collect(source, {
      collection: 'branches',
      order: [{ field: 'code', type: CODE, descending: true }],
    });
    assert.deepEqual(
      descending.map((row) => row['code']),
      codes.toReversed(),
    );
  });

  it('a file without line ends fails before it fills the memory', async () => {
    await using source = await open(new Uint8Array(18_000_000).fill(0x41), { key: [] });
    const fault = await faultOf(() => all(source));
    assert.deepEqual([fault.kind, fault.code, fault.place.record], ['corrupt', 'line-too-long', 1]);
  });

  it('a copybook over lines of text takes overpunched signs in ASCII', async () => {
    const at = folder({
      'a.cpy':
        '       01 ACCT.\n           05 ID PIC 9(2).\n           05 BAL PIC S9(3)V99.\n           05 FILLER PIC X(9).\n',
      'a.txt': '010123D\n020123M\n',
    });
    using _ = at;
    await using source = await openFiles(hostAt(at.path), {
      collections: {
        accounts: {
          path: 'a.txt',
          copybook: 'a.cpy',
          charset: 'ascii',
          records: { format: 'text' },
          key: ['ID'],
        },
      },
    });
    assert.deepEqual(await collect(source, { collection: 'accounts' }), [
      { id: 1, bal: '12.34' },
      { id: 2, bal: '-12.34' },
    ]);
  });
});

describe('a rule over lines of text', () => {
  it('picks lines; what a short line does not have counts as blank', async () => {
    const text = 'ab Bonn   12\nc  Ulm\nd  Köln    7\n\n';
    const codes = async (when: string) => {
      await using source = await open(text, { when, key: [] });
      return (await all(source)).map((row) => row['code']);
    };
    assert.deepEqual(await codes('staff gt 5'), ['ab', 'd']);
    assert.deepEqual(await codes('isNull(staff)'), ['c', '']);
    assert.deepEqual(await codes("cityName eq ''"), ['']);
    assert.deepEqual(await codes("cityName startsWith 'K' or code eq 'ab'"), ['ab', 'd']);
  });

  it('names a column that it cannot read, at its place in the file', async () => {
    await using source = await open('ab Bonn   12\ncd Köln   x\n', { when: 'staff gt 5', key: [] });
    const fault = await faultOf(() => all(source));
    assert.deepEqual([fault.kind, fault.place.record, fault.place.byteOffset], ['corrupt', 2, 13 + 10]);
  });

  it('in a copybook’s lines tells types apart, and lines end as EBCDIC has it', async () => {
    const copybook =
      '       01 R.\n           05 KIND PIC X.\n           05 NUM PIC S9(3).\n           05 NOTE PIC X(9).\n';
    const lines = ['A00Ahello', 'B', 'A01}', 'H2024 and much more than the layout has'];
    const cp037 = openCharset('cp037');
    const bytes = Buffer.concat(
      lines.flatMap((line, i) => [cp037.encode(line), Uint8Array.from(i % 2 === 0 ? [0x15] : [0x0d, 0x25])]),
    );
    using at = folder({ 'r.cpy': copybook, 'r.txt': bytes });
    await using source = await openFiles(hostAt(at.path), {
      collections: {
        rs: {
          path: 'r.txt',
          copybook: 'r.cpy',
          charset: 'cp037',
          records: { format: 'text', ends: ['NEL', 'CRLF'] },
          when: "KIND eq 'A'",
        },
      },
    });
    assert.deepEqual(await collect(source, { collection: 'rs' }), [
      { kind: 'A', num: 1, note: 'hello' },
      { kind: 'A', num: -10, note: '' },
    ]);
  });
});

describe('hostile names and data', () => {
  const NAMES = [
    '__proto__',
    'constructor',
    'a"b',
    'a`$1`',
    "it's",
    'line\nbreak',
    'toString',
    'a b',
    'A-B',
    '日本',
  ];

  it('change nothing but the answer', async () => {
    const map = NAMES.map((name, i) => ({ name, start: i * 12, width: 12, padPosition: 'end' }));
    const cells = [
      '__proto__',
      '"}],{"',
      '$(boom)',
      "';DROP",
      '\\u0000',
      '\u0000\u0001',
      '</script>',
      'back\\slash',
      '\u2028',
      'null',
    ];
    const text = `${cells.map((cell) => cell.padEnd(12)).join('')}\n`;
    await using source = await open(text, { key: [] }, map);
    const fields = source.model.collections[0]?.fields ?? [];
    assert.deepEqual(
      fields.map(({ legacyName }) => legacyName),
      NAMES,
    );
    assert.equal(new Set(fields.map(({ name }) => name)).size, NAMES.length);
    assert.ok(fields.every(({ name }) => /^[a-z][A-Za-z0-9]*$/.test(name)));
    const [row] = await all(source);
    assert.deepEqual(Object.values(row ?? {}), cells);
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    const names = fields.map(({ name }) => name);
    const out = new ByteSink();
    const access = source.access({ collection: 'branches', where: [], order: [] });
    for await (const batch of access.read({ fields: names, json: names, signal: never }))
      batch.json?.(0, out);
    assert.deepEqual(JSON.parse(new TextDecoder().decode(out.take())), row);
    for (const [i, cell] of cells.entries()) {
      const where: Filter = [{ op: 'eq', field: names[i] ?? '', type: CODE, value: cell }];
      assert.equal((await collect(source, { collection: 'branches', where })).length, 1, cell);
    }
  });

  it('a field of 10,000 characters is read whole', async () => {
    const value = 'x"\\é'.repeat(2_500);
    await using source = await open(`${value}1\n`, { key: [] }, [
      { name: 'text', start: 0, width: 10_000, padPosition: 'end' },
      { name: 'n', start: 10_000, width: 1, type: 'int' },
    ]);
    assert.deepEqual(await all(source), [{ text: value, n: 1 }]);
  });

  it('an option that says nothing about lines or a parse map is refused, not ignored', async () => {
    const code = async (records: object) => (await faultOf(() => open('', { records }))).code;
    assert.equal(await code({ format: 'text', length: 12 }), 'length-of-text');
    assert.equal(await code({ format: 'text', tail: 'ignore-tail' }), 'tail-of-text');
    await assert.rejects(() => open('', { record: 'BRANCH' }), /Only a copybook has records/);
  });

  it('columns in a charset of pairs are refused: their characters are not counted', async () => {
    for (const charset of ['shift_jis', 'utf-16be', 'cp930']) {
      const fault = await faultOf(() => open('', { charset }));
      assert.equal(fault.code, 'multibyte-columns');
      assert.ok(fault.misconfigured);
    }
  });

  it('a fault shows the bytes of the file, not what a record is filled up with', async () => {
    const map = [
      { name: 'code', start: 0, width: 3, padPosition: 'end' },
      { name: 'open', start: 3, width: 2, type: 'bool', trueValue: 'Y', falseValue: 'N' },
      { name: 'staff', start: 5, width: 3, type: 'int' },
    ];
    for (const [charset, first] of [
      ['utf-8', 6],
      ['latin1', 3],
    ] as const) {
      const code = charset === 'utf-8' ? '\u20ac\u00fc' : 'ab';
      await using source = await open(`${code} Z   7\n${code} Y\n`, { charset, key: [] }, map);
      const [bad, short] = await all(source);
      const places = [bad?.['open'], short?.['staff']].map((cell) =>
        cell instanceof Fault ? [cell.place.record, cell.place.byteOffset, cell.place.hex] : cell,
      );
      assert.deepEqual(places, [
        [1, first, '5A20'],
        [2, 2 * first + 6 + 1, ''],
      ]);
    }
  });
});
