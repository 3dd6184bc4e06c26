import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteSink, compile, layoutFrom, type Node } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import type { Cell } from '../../../src/model/value.ts';
import { random } from '../../random.ts';
import { everything, mutate, nowhere, randomRow, topFields } from '../records.ts';

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '"quoted"',
  "it's",
  ['`$', '{exit(3)}`'].join(''),
  'a\\',
  'a\nb',
  '\u2028',
  '*/ throw 1 /*',
  '];exit(3);[',
  'x'.repeat(10_000),
  'ключ',
];

describe('hostile names', () => {
  const nodes: readonly Node[] = NAMES.map((name, i) => ({
    kind: 'scalar',
    name,
    type: { kind: 'string', length: 1 },
    offset: i,
    length: 1,
    encoding: { kind: 'text', charset: 'latin1', trim: 'right' },
  }));
  const group: Node = {
    kind: 'group',
    name: '__proto__',
    typeName: 'G',
    offset: 0,
    length: NAMES.length,
    nodes,
  };
  const codec = compile(
    layoutFrom({ name: 'R', charset: 'latin1', length: NAMES.length, minLength: NAMES.length, nodes }),
  );
  const nested = compile(
    layoutFrom({
      name: 'R',
      charset: 'latin1',
      length: NAMES.length,
      minLength: NAMES.length,
      nodes: [group],
    }),
  );
  const bytes = new TextEncoder().encode('ABCDEFGHIJKLM');
  const expected = Object.fromEntries(NAMES.map((name, i) => [name, 'ABCDEFGHIJKLM'[i] ?? '']));

  it('are plain names of a row', () => {
    const row = codec.decoder(NAMES)(bytes, 0, bytes.length, nowhere);
    assert.deepEqual(Object.entries(row), Object.entries(expected));
    assert.equal(Object.getPrototypeOf(row), Object.prototype);
    const outer = nested.decoder(['__proto__'])(bytes, 0, bytes.length, nowhere);
    assert.deepEqual(Object.keys(outer), ['__proto__']);
  });

  it('are plain names of JSON', () => {
    const sink = new ByteSink();
    codec.writer(NAMES)(bytes, 0, bytes.length, sink, nowhere);
    assert.equal(new TextDecoder().decode(sink.take()), JSON.stringify(expected));
  });

  it('are written by the encoder', () => {
    assert.equal(new TextDecoder().decode(codec.encode(expected)), 'ABCDEFGHIJKLM');
    assert.equal(
      new TextDecoder().decode(codec.encode({})),
      ' '.repeat(13),
      'and left out where they are not given',
    );
  });

  it('are plain names of a filter', () => {
    for (const [i, name] of NAMES.entries()) {
      const value = 'ABCDEFGHIJKLM'[i] ?? '';
      const { test } = codec.predicate([{ op: 'eq', field: name, type: { kind: 'string' }, value }]);
      assert.equal(test(bytes, 0, bytes.length, nowhere), true, name.slice(0, 20));
    }
  });
});

describe('20,000 mutated records', () => {
  /** The record in the middle of a buffer whose other bytes must not be looked at. */
  const assertOnlyFaults = (cell: Cell): void => {
    if (cell instanceof Fault) {
      assert.equal(cell.kind, 'corrupt');
      assert.ok(
        cell.place.field !== undefined && cell.place.byteOffset !== undefined && cell.place.hex !== undefined,
      );
    } else if (typeof cell === 'object' && cell !== null && !(cell instanceof Uint8Array)) {
      for (const inner of Object.values(cell)) assertOnlyFaults(inner);
    }
  };

  it('give faults in cells and nothing else, and no byte outside of the record matters', () => {
    const layout = everything({ blank: 'null' });
    const codec = compile(layout);
    const generator = random(41);
    const names = topFields(layout, true);
    const decode = codec.decoder(names);
    const write = codec.writer(topFields(layout));
    const good = Array.from({ length: 50 }, () => codec.encode(randomRow(layout, generator)));
    const sink = new ByteSink();
    const faults = new Set<string>();
    const text = (buffer: Uint8Array, start: number): string => {
      sink.length = 0;
      try {
        write(buffer, start, start + layout.length, sink, nowhere);
      } catch (error) {
        assert.ok(error instanceof Fault);
        assert.equal(sink.length, 0);
        faults.add(error.code);
        return error.message;
      }
      return new TextDecoder().decode(sink.take());
    };
    for (let round = 0; round < 20_000; round++) {
      const record = mutate(generator.pick(good), generator, generator.int(6));
      const zeros = new Uint8Array(layout.length + 20);
      const nines = new Uint8Array(layout.length + 20).fill(0xf9);
      zeros.set(record, 10);
      nines.set(record, 10);
      assert.equal(text(zeros, 10), text(nines, 10));
      if (round % 10 === 0) assertOnlyFaults(decode(zeros, 10, 10 + layout.length, nowhere));
    }
    assert.ok(faults.size >= 5, [...faults].join());
  });
});
