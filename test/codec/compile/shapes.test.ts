import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteSink, type Codec, compile, layoutFrom, type Node } from '../../../src/codec/index.ts';
import { type Row, toJson } from '../../../src/model/value.ts';
import { type Random, random } from '../../random.ts';
import { nowhere, rowType, topFields } from '../records.ts';
import { digits, fixedTable, text } from './nodes.ts';
import { randomLayout, type Wanted } from './random-layouts.ts';
import { comparable } from './reference.ts';

const KINDS: readonly (readonly [string, Wanted, number])[] = [
  ['sliding tables', { tables: true, unions: false }, 51],
  ['unions', { tables: false, unions: true }, 52],
  ['sliding tables and unions', { tables: true, unions: true }, 53],
];

const LAYOUTS = 84;
const RECORDS = 40;

/** The record between bytes that belong to somebody else. */
function amidst(record: Uint8Array, byte: number): Uint8Array {
  const bytes = new Uint8Array(record.length + 20).fill(byte);
  bytes.set(record, 10);
  return bytes;
}

function jsonOf(codec: Codec, record: Uint8Array, byte: number): string {
  const sink = new ByteSink(8);
  const bytes = amidst(record, byte);
  codec.writer(topFields(codec.layout))(bytes, 10, 10 + record.length, sink, nowhere);
  return new TextDecoder().decode(sink.take());
}

function rowOf(codec: Codec, record: Uint8Array, byte = 0xf9): Row {
  const bytes = amidst(record, byte);
  return codec.decoder(topFields(codec.layout))(bytes, 10, 10 + record.length, nowhere);
}

describe('10,000 records of random layouts', () => {
  for (const [what, wanted, seed] of KINDS) {
    it(`are read, written as JSON and encoded as they were put together: ${what}`, () => {
      const generator = random(seed);
      for (let i = 0; i < LAYOUTS; i++) {
        const { layout, make } = randomLayout(generator, wanted);
        const codec = compile(layout);
        const type = rowType(layout, topFields(layout));
        for (let n = 0; n < RECORDS; n++) {
          const { bytes, row } = make();
          const where = `layout ${i}, record ${n}`;
          assert.deepEqual(rowOf(codec, bytes), row, where);
          const json = JSON.stringify(toJson(type, row));
          assert.equal(jsonOf(codec, bytes, 0xf1), json, where);
          assert.equal(jsonOf(codec, bytes, 0xc1), json, where);
          assert.equal(codec.encode(row, bytes).toHex(), bytes.toHex(), where);
          assert.deepEqual(rowOf(codec, codec.encode(row)), row, where);
        }
      }
    });
  }
});

/** Other readings of any stretch of the widest form, and of every table as one that always has all its elements. */
function otherReadings(nodes: readonly Node[], length: number, { int }: Random): readonly Node[] {
  const stretches = Array.from({ length: 3 }, (_, i) => {
    const offset = int(length);
    const wide = 1 + int(length - offset);
    return i === 0 ? digits(`view${i}`, offset, wide) : text(`view${i}`, offset, wide);
  });
  const tables = nodes.flatMap((node, i) =>
    node.kind === 'list' ? [fixedTable(`table${i}`, node.offset, node.max, text('', 0, node.stride))] : [],
  );
  return [...stretches, ...tables].map((node) => ({ ...node, alternate: true }));
}

describe('another reading of bytes whose number varies', () => {
  it('sees no byte outside of the record', () => {
    const generator = random(54);
    for (const [, wanted] of KINDS) {
      for (let i = 0; i < LAYOUTS; i++) {
        const { layout, make } = randomLayout(generator, wanted);
        const others = otherReadings(layout.nodes, layout.length, generator);
        const codec = compile(layoutFrom({ ...layout, nodes: [...layout.nodes, ...others] }));
        for (let n = 0; n < 5; n++) {
          const { bytes } = make();
          for (const name of others.map((node) => node.name)) {
            const seen = [0xf1, 0xc1].map((byte) => {
              const row = codec.decoder([name])(amidst(bytes, byte), 10, 10 + bytes.length, nowhere);
              return comparable(row);
            });
            assert.deepEqual(seen[0], seen[1], `layout ${i}: ${name} of ${bytes.toHex()}`);
          }
        }
      }
    }
  });
});
