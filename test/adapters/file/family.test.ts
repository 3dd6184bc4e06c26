// Parents with their children as one row: how they are put together, and the codec of such a row.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compile } from '#codec/compile/compile';
import type { Block } from '#codec/framing/block';
import { type Layout, layoutFrom } from '#codec/layout';
import { ByteSink, Fault, toJson } from '#spi';
import { assembled, type Kind } from '../../../adapters/file/tables/assembly.ts';
import { type Family, familyCodec } from '../../../adapters/file/tables/family.ts';
import { placeIn } from '../../../adapters/file/tables/place.ts';
import { type Rows, spansOf } from '../../../adapters/file/tables/rows.ts';
import { random } from '../../random.ts';
import { faultOf } from './opening.ts';

/** A letter for the type, a name of two characters, and a number of three. */
function layout(name: string): Layout {
  const text = { kind: 'text', charset: 'ascii', trim: 'right' } as const;
  return layoutFrom({
    name,
    charset: 'ascii',
    length: 6,
    minLength: 6,
    nodes: [
      {
        kind: 'scalar',
        name: 'name',
        type: { kind: 'string', length: 2 },
        offset: 1,
        length: 2,
        encoding: text,
      },
      {
        kind: 'scalar',
        name: 'number',
        type: { kind: 'int32' },
        offset: 3,
        length: 3,
        encoding: { kind: 'zoned', digits: 3, scale: 0, signed: false, sign: 'trailing', family: 'ascii' },
      },
    ],
  });
}

const codec = (name: string) => compile(layout(name));

/** A: root. B and D belong to A, C to B. */
const KINDS: readonly Kind[] = [
  { name: 'A', children: [1, 3], shown: 6 },
  { name: 'B', parent: 0, children: [2], shown: 6 },
  { name: 'C', parent: 1, children: [], shown: 6 },
  { name: 'D', parent: 0, children: [], shown: 6 },
];
const leaf = (name: string): Family => ({ codec: codec(name), children: [] });
const FAMILY: Family = {
  codec: codec('A'),
  children: [
    {
      name: 'bs',
      typeName: 'AB',
      family: { codec: codec('B'), children: [{ name: 'cs', typeName: 'AC', family: leaf('C') }] },
    },
    { name: 'ds', typeName: 'AD', family: leaf('D') },
  ],
};
const CODEC = familyCodec(FAMILY);
const OWNER = { source: 'host', collection: 'families' };

/** Records of six bytes with two bytes between them, as they come in blocks of this many. */
async function* blocks(records: readonly string[], perBlock: number): AsyncGenerator<Block, void> {
  const buffer = new Uint8Array(perBlock * 8);
  for (let first = 0; first < records.length; first += perBlock) {
    const here = records.slice(first, first + perBlock);
    buffer.fill(0);
    buffer.set(Buffer.from(here.map((record) => `..${record}`).join('')));
    yield {
      length: here.length,
      bytes: buffer,
      start: (i) => i * 8 + 2,
      end: (i) => i * 8 + 8,
      offset: (i, at = 0) => (first + i) * 8 + 2 + at,
      record: (i) => first + i,
      extent: (i) => ({ offset: (first + i) * 8, length: 8 }),
    };
  }
}

const kindsOf = (block: Block) => (i: number) =>
  'ABCD'.indexOf(String.fromCharCode(block.bytes[block.start(i)] ?? 0));

/** Each row as it is decoded, as it is written, and the records that it is made of. */
async function rowsOf(records: readonly string[], perBlock = 100, fields = ['name', 'bs', 'ds', 'number']) {
  const decode = CODEC.decoder(fields);
  const write = CODEC.writer(fields);
  const rows: { row: unknown; json: unknown; records: readonly number[] }[] = [];
  for await (const block of assembled(KINDS, kindsOf)(blocks(records, perBlock))) {
    const place = placeIn(OWNER, block);
    for (place.i = 0; place.i < block.length; place.i++) {
      const [start, end] = [block.start(place.i), block.end(place.i)];
      const out = new ByteSink(8);
      out.text('[');
      write(block.bytes, start, end, out, place.locate);
      out.text(']');
      rows.push({
        row: decode(block.bytes, start, end, place.locate),
        json: JSON.parse(new TextDecoder().decode(out.take())),
        records: spansOf(block, place.i).map(({ record }) => record),
      });
    }
  }
  return rows;
}

describe('a family', () => {
  it('is a root with the records that follow it, in lists of their types, nested', async () => {
    const [first, second, third, ...more] = await rowsOf([
      'AA 001',
      'BX 002',
      'CP 003',
      'DZ 004',
      'CQ 005',
      'BY 006',
      'A2 007',
      'A3 008',
      'D  009',
    ]);
    assert.deepEqual(more, []);
    assert.deepEqual(first?.row, {
      name: 'A',
      number: 1,
      bs: [
        {
          name: 'X',
          number: 2,
          cs: [
            { name: 'P', number: 3 },
            { name: 'Q', number: 5 },
          ],
        },
        { name: 'Y', number: 6, cs: [] },
      ],
      ds: [{ name: 'Z', number: 4 }],
    });
    assert.deepEqual(second?.row, { name: '2', number: 7, bs: [], ds: [] });
    assert.deepEqual(third?.row, { name: '3', number: 8, bs: [], ds: [{ name: '', number: 9 }] });
    assert.deepEqual(first?.records, [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(third?.records, [7, 8]);
  });

  it('of random records is the same whatever the blocks they come in, and written as it is decoded', async () => {
    const dice = random(5);
    const records: string[] = [];
    for (let i = 0; i < 2_000; i++) {
      const number = String(dice.int(1_000)).padStart(3, '0');
      const type = i === 0 || records.at(-1)?.[0] === undefined ? 'A' : dice.pick(['A', 'B', 'D', 'C']);
      const mayBeC = records
        .slice(records.findLastIndex((one) => one[0] === 'A'))
        .some((one) => one[0] === 'B');
      records.push(`${type === 'C' && !mayBeC ? 'B' : type}${dice.pick(['xy', 'z '])}${number}`);
    }
    const type = { kind: 'object', name: 'A', fields: CODEC.layout.fields } as const;
    const whole = await rowsOf(records, 5_000);
    assert.equal(whole.flatMap((one) => one.records).length, records.length);
    for (const { row, json } of whole) {
      // cast: a decoded row
      assert.deepEqual(json, [toJson(type, row as never)]);
    }
    for (const perBlock of [1, 2, 7, 100]) assert.deepEqual(await rowsOf(records, perBlock), whole);
  });

  it('shows what is asked for, in the order of asking, through lists too', async () => {
    const records = ['A1 001', 'B2 002', 'C3 003', 'D4 004'];
    const json = async (fields: string[]) => (await rowsOf(records, 9, fields))[0]?.json;
    assert.equal(
      JSON.stringify(await json(['ds.name', 'number', 'bs.cs.number', 'name'])),
      '[{"ds":[{"name":"4"}],"number":1,"bs":[{"cs":[{"number":3}]}],"name":"1"}]',
    );
    assert.equal(JSON.stringify(await json(['number', 'name'])), '[{"number":1,"name":"1"}]');
    assert.equal(
      JSON.stringify(await json(['bs.cs.name', 'name', 'bs.number'])),
      '[{"bs":[{"cs":[{"name":"3"}],"number":2}],"name":"1"}]',
    );
    assert.equal(JSON.stringify(await json([])), '[{}]');
    assert.throws(() => CODEC.decoder(['bs.other']), Fault);
    assert.throws(() => CODEC.writer(['other']), Fault);
  });

  it('has a model that says all this', () => {
    assert.deepEqual(
      CODEC.layout.fields.map(({ name, type }) => [name, type.kind]),
      [
        ['name', 'string'],
        ['number', 'int32'],
        ['bs', 'list'],
        ['ds', 'list'],
      ],
    );
    const type = CODEC.layout.fields[2]?.type;
    assert.ok(type?.kind === 'list' && type.of.kind === 'object');
    assert.equal(type.of.name, 'AB');
    assert.deepEqual(
      type.of.fields.map(({ name }) => name),
      ['name', 'number', 'cs'],
    );
  });

  it('is found by fields of its root', async () => {
    const { coverage, test } = CODEC.predicate([
      { op: 'gt', field: 'number', type: { kind: 'int32' }, value: 5 },
    ]);
    assert.deepEqual(coverage, ['exact']);
    const found: boolean[] = [];
    for await (const block of assembled(KINDS, kindsOf)(blocks(['A1 001', 'B2 009', 'A2 006'], 9))) {
      const place = placeIn(OWNER, block);
      for (let i = 0; i < block.length; i++)
        found.push(test(block.bytes, block.start(i), block.end(i), place.locate));
    }
    assert.deepEqual(found, [false, true]);
  });

  it('leaves records out whose type is not shown', async () => {
    const shown = (block: Block) => {
      const kindOf = kindsOf(block);
      return (i: number) => (kindOf(i) === 3 ? -1 : kindOf(i));
    };
    const found: number[][] = [];
    for await (const block of assembled(
      KINDS,
      shown,
    )(blocks(['D0 000', 'A1 001', 'D2 002', 'B3 003', 'D4 004'], 2))) {
      for (let i = 0; i < block.length; i++) found.push(spansOf(block, i).map(({ record }) => record));
    }
    assert.deepEqual(found, [[1, 3]]);
  });
});

describe('a fault in a family', () => {
  const blocksOf = (records: readonly string[], perBlock: number): AsyncIterable<Rows> =>
    assembled(KINDS, kindsOf)(blocks(records, perBlock));

  it('names the record and the byte in the file, of a child too', async () => {
    const records = ['A1 001', 'B2 002', 'C3 0X3', 'D4 004', 'C5 00Y'];
    for (const perBlock of [1, 2, 9]) {
      const faults: (readonly [unknown, unknown, unknown, unknown])[] = [];
      for await (const block of blocksOf(records, perBlock)) {
        const place = placeIn(OWNER, block);
        const decode = CODEC.decoder(['bs']);
        const row = decode(block.bytes, block.start(0), block.end(0), place.locate);
        const see = (cell: unknown): void => {
          if (cell instanceof Fault)
            faults.push([cell.place.record, cell.place.byteOffset, cell.place.hex, cell.place.field]);
          else if (typeof cell === 'object' && cell !== null) Object.values(cell).forEach(see);
        };
        see(row);
        const out = new ByteSink();
        out.text('before');
        assert.throws(
          () => CODEC.writer(['name', 'bs'])(block.bytes, block.start(0), block.end(0), out, place.locate),
          (error) => error instanceof Fault && error.place.record === 3,
        );
        assert.equal(new TextDecoder().decode(out.take()), 'before', 'nothing is left of what was begun');
      }
      assert.deepEqual(faults, [
        [3, 2 * 8 + 2 + 3, '305833', 'number'],
        [5, 4 * 8 + 2 + 3, '303059', 'number'],
      ]);
    }
  });

  it('is a child that stands before any record that it could belong to', async () => {
    const read = (records: readonly string[]) => faultOf(() => Array.fromAsync(blocksOf(records, 9)));
    for (const [records, record, message] of [
      [['B1 001'], 1, /is a "B", and no "A" stands before it/],
      [['A1 001', 'C2 002'], 2, /is a "C", and no "B" stands before it/],
      [['A1 001', 'B1 001', 'A2 001', 'C1 001'], 4, /"C", and no "B"/],
    ] as const) {
      const fault = await read(records);
      assert.deepEqual(
        [fault.kind, fault.code, fault.place.record, fault.place.byteOffset],
        ['corrupt', 'orphan-record', record, (record - 1) * 8 + 2],
      );
      assert.match(fault.message, message);
    }
  });

  it('is a family that grows beyond what a row may have', async () => {
    const records = ['A1 001', ...Array.from({ length: 99 }, () => 'B2 002')];
    const fault = await faultOf(() => Array.fromAsync(assembled(KINDS, kindsOf, 1_000)(blocks(records, 10))));
    assert.deepEqual([fault.kind, fault.code], ['too-costly', 'family-too-large']);
    assert.match(fault.message, /"A" of record 1 has more than 1000 bytes/);
  });

  it('a record that is too short is named, and the rest of the family stands', async () => {
    const [row] = await (async () => {
      const kinds = KINDS.map((kind) => ({ ...kind, shown: kind.name === 'D' ? 4 : 6 }));
      const found: unknown[] = [];
      for await (const block of assembled(kinds, kindsOf)(blocks(['A1 001', 'D2 002'], 9))) {
        const place = placeIn(OWNER, block);
        found.push(CODEC.decoder(['name', 'ds'])(block.bytes, block.start(0), block.end(0), place.locate));
      }
      return found;
    })();
    assert.ok(typeof row === 'object' && row !== null && 'name' in row && 'ds' in row);
    assert.equal(row.name, '1');
    assert.ok(Array.isArray(row.ds));
    const cell = row.ds[0]?.name;
    assert.ok(cell instanceof Fault);
    assert.deepEqual([cell.code, cell.place.record], ['short-record', 2]);
  });
});
