import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteSink, type Codec, compile } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import { type Cell, toJson } from '../../../src/model/value.ts';
import { type Conjunct, matches } from '../../../src/query/filter.ts';
import { random } from '../../random.ts';
import { mutate, nowhere, rowType, topFields } from '../records.ts';
import { randomLayout } from './random-layouts.ts';
import { comparable } from './reference.ts';

const BOTH = { tables: true, unions: true };

/** The record between bytes that belong to somebody else. */
function amidst(record: Uint8Array, byte: number): Uint8Array {
  const bytes = new Uint8Array(record.length + 40).fill(byte);
  bytes.set(record, 20);
  return bytes;
}

function decode(codec: Codec, record: Uint8Array, byte = 0xf1) {
  const end = 20 + record.length;
  return codec.decoder(topFields(codec.layout))(amidst(record, byte), 20, end, nowhere);
}

function faultsIn(cell: Cell): readonly Fault[] {
  if (cell instanceof Fault) return [cell];
  if (typeof cell !== 'object' || cell === null || cell instanceof Uint8Array) return [];
  return Object.values(cell).flatMap(faultsIn);
}

/** JSON text, or the fault that was thrown. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message} at ${error.place.byteOffset}`;
    throw error;
  }
}

describe('a record whose counters and rules ask for more bytes', () => {
  it('is short, wherever it ends, and the fault names both lengths', () => {
    const generator = random(61);
    const codes = new Map<string, number>();
    for (let i = 0; i < 200; i++) {
      const { layout, make } = randomLayout(generator, BOTH);
      const codec = compile(layout);
      for (let n = 0; n < 10; n++) {
        const { bytes } = make();
        const length = generator.int(bytes.length);
        const row = decode(codec, bytes.subarray(0, length));
        assert.deepEqual(
          comparable(row),
          comparable(decode(codec, bytes.subarray(0, length), 0xc1)),
          'no byte outside of the record matters',
        );
        for (const name of topFields(layout)) {
          const fault = row[name];
          assert.ok(fault instanceof Fault, `layout ${i}: ${name} of ${length} in ${bytes.length} bytes`);
          codes.set(fault.code, (codes.get(fault.code) ?? 0) + 1);
          if (fault.code !== 'short-record') continue;
          assert.equal(fault.place.byteOffset, 1_000 + length);
          const [, found, least, needed] =
            /has (\d+) bytes, but (?:its layout has|needs) (at least )?(\d+)/.exec(fault.message) ?? [];
          assert.equal(Number(found), length);
          if (least === undefined) assert.equal(Number(needed), bytes.length, fault.message);
          else assert.ok(Number(needed) <= bytes.length, fault.message);
        }
      }
    }
    assert.ok((codes.get('short-record') ?? 0) > 1_000, JSON.stringify([...codes]));
    assert.deepEqual([...codes.keys()].toSorted(), ['no-variant', 'short-record']);
  });

  it('is long when there are more, unless the layout has slack', () => {
    const generator = random(62);
    for (let i = 0; i < 100; i++) {
      const { layout, make } = randomLayout(generator, { tables: true, unions: false });
      const codec = compile(layout);
      const lax = compile({ ...layout, slack: true });
      for (let n = 0; n < 5; n++) {
        const { bytes, row } = make();
        const longer = new Uint8Array(bytes.length + 1 + generator.int(9)).fill(0xf7);
        longer.set(bytes);
        for (const fault of Object.values(decode(codec, longer))) {
          assert.ok(fault instanceof Fault && fault.code === 'long-record');
        }
        assert.deepEqual(decode(lax, longer), row);
        assert.equal(lax.encode(row, longer).toHex(), longer.toHex());
      }
    }
  });
});

describe('mutated records of random layouts', () => {
  it('give faults that show the bytes at their offset, and the same in rows and in JSON', () => {
    const generator = random(63);
    let faults = 0;
    for (let i = 0; i < 200; i++) {
      const { layout, make } = randomLayout(generator, BOTH);
      const codec = compile(layout);
      const names = topFields(layout);
      const type = rowType(layout, names);
      const sink = new ByteSink(8);
      for (let n = 0; n < 20; n++) {
        const record = mutate(make().bytes, generator, 1 + generator.int(3));
        const row = decode(codec, record);
        assert.deepEqual(comparable(row), comparable(decode(codec, record, 0xc3)));
        for (const fault of faultsIn(row)) {
          faults++;
          assert.equal(fault.kind, 'corrupt');
          const { byteOffset = 0, hex } = fault.place;
          if (hex === undefined) continue;
          const at = byteOffset - 1_000;
          assert.equal(
            hex,
            record
              .subarray(at, at + hex.length / 2)
              .toHex()
              .toUpperCase(),
            fault.message,
          );
        }
        const expected = outcome(() => JSON.stringify(toJson(type, row)));
        const found = outcome(() => {
          codec.writer(names)(amidst(record, 0x40), 20, 20 + record.length, sink, nowhere);
          return new TextDecoder().decode(sink.take());
        });
        assert.equal(found, expected);
        assert.equal(sink.length, 0);
        if (faultsIn(row).length === 0) assert.equal(codec.encode(row, record).toHex(), record.toHex());
      }
    }
    assert.ok(faults > 1_000, `${faults} faults`);
  });

  it('are tested by predicates as by the reference', () => {
    const generator = random(64);
    const counts = { true: 0, false: 0, fault: 0 };
    for (let i = 0; i < 100; i++) {
      const { layout, make } = randomLayout(generator, BOTH);
      const codec = compile(layout);
      const scalars = layout.nodes.flatMap((node) => (node.kind === 'scalar' ? node : []));
      for (let n = 0; n < 10 && scalars.length > 0; n++) {
        const { name, type } = generator.pick(scalars);
        const value = make().row[name];
        if (typeof value !== 'string' && typeof value !== 'number') continue;
        const filter: readonly Conjunct[] = [
          { op: generator.pick(['eq', 'ge', 'lt']), field: name, type, value },
        ];
        const { test } = codec.predicate(filter);
        const record = mutate(make().bytes, generator, generator.int(2));
        const expected = outcome(() => matches(filter, decode(codec, record)));
        const found = outcome(() => test(amidst(record, 0xf5), 20, 20 + record.length, nowhere));
        assert.equal(found, expected);
        counts[found === true ? 'true' : found === false ? 'false' : 'fault']++;
      }
    }
    assert.ok(counts.true > 50 && counts.false > 50 && counts.fault > 50, JSON.stringify(counts));
  });
});
