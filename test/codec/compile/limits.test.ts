import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteSink, type LayoutOptions, type ScalarNode } from '../../../src/codec/index.ts';
import { isFlaw } from '../../../src/codec/scalars/flaw.ts';
import { readerOf } from '../../../src/codec/scalars/scalar.ts';
import { Fault } from '../../../src/fault.ts';
import { fromScaled } from '../../../src/model/decimal.ts';
import type { Scalar } from '../../../src/model/type.ts';
import { type Cell, settled, toJson, type Value } from '../../../src/model/value.ts';
import { type Conjunct, matches } from '../../../src/query/filter.ts';
import { type Random, random } from '../../random.ts';
import { codecOf, nowhere } from '../records.ts';
import { comparable } from './reference.ts';

/** About the ends of 32 and 64 bits, of JavaScript's whole numbers, and of kernels that make such numbers. */
const DIGITS = [1, 2, 4, 5, 9, 10, 15, 16, 17, 18, 19, 31];
const USAGES = [
  '',
  'SIGN LEADING',
  'SIGN TRAILING SEPARATE',
  'SIGN LEADING SEPARATE',
  'COMP-3',
  'COMP-3',
  'COMP-6',
  'COMP',
  'COMP-5',
  'COMP-5',
];
const WHOLE = ['PIC X(8) COMP-X', 'PIC X(5) COMP-X', 'BINARY-DOUBLE UNSIGNED', 'BINARY-LONG', 'COMP-2'];
const ENDS = [0n, 1n, 2n ** 31n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n];

function pictureOf({ int, pick, chance }: Random): string {
  if (chance(0.1)) return pick(WHOLE);
  const digits = pick(DIGITS);
  const usage = pick(USAGES);
  const signed = usage.startsWith('SIGN') || (usage !== 'COMP-6' && chance(0.6));
  const behind = int(digits + 1);
  const picture = pick([
    `9(${digits})`,
    behind === digits ? `V9(${digits})` : `9(${digits - behind})V9(${behind})`,
    `9(${digits})P(${1 + int(12)})`,
    `VP(${1 + int(6)})9(${digits})`,
  ]);
  return `PIC ${signed ? 'S' : ''}${picture} ${usage}`;
}

function optionsOf({ pick }: Random): Partial<LayoutOptions> {
  return {
    charset: pick(['cp037', 'latin1']),
    dialect: pick(['ibm', 'gnucobol', 'mf']),
    trunc: pick(['std', 'bin']),
    zones: pick(['strict', 'ignore']),
    onBad: pick(['fail', 'null']),
    blank: pick(['fail', 'null']),
    lowValues: pick(['keep', 'blank']),
  };
}

/** A field with a number at an end of something, or with bytes of any kind where it has no room for that. */
function bytesOf(node: ScalarNode, encode: (cell: Cell) => Uint8Array, random: Random): Uint8Array {
  const { encoding, type, length } = node;
  const { int, pick, chance } = random;
  let field: Uint8Array = Uint8Array.from({ length }, () => int(256));
  if ('scale' in encoding && chance(0.7)) {
    const power = 10n ** BigInt(pick([int(encoding.digits + 1), encoding.digits]));
    const magnitude = pick([...ENDS, power, power - 1n]);
    const unscaled = encoding.signed && chance(0.5) ? -magnitude : magnitude;
    const whole = unscaled * 10n ** BigInt(Math.max(0, -encoding.scale));
    const decimal = fromScaled(encoding.scale < 0 ? whole : unscaled, Math.max(0, encoding.scale));
    try {
      field = encode(type.kind === 'decimal' ? decimal : type.kind === 'int64' ? whole : Number(whole));
    } catch (error) {
      assert.ok(error instanceof Fault && error.kind === 'rejected');
    }
  }
  if (chance(0.3)) field[pick([0, length - 1, int(length)])] = int(256);
  return field;
}

function near(value: Value, type: Scalar, { pick }: Random): Value {
  if (typeof value === 'bigint') return value + pick([0n, 0n, 1n, -1n, 10n ** 18n]);
  if (typeof value === 'number' && type.kind === 'int32') return value + pick([0, 0, 1, -1]);
  if (typeof value !== 'string') return value;
  const finer = value.includes('.') ? value : `${value}.`;
  return pick([value, value, `${finer}0`, `${finer}1`, value.startsWith('-') ? value.slice(1) : value]);
}

function conjunctOf(type: Scalar, value: Value, { pick }: Random): Conjunct {
  const operand = { field: 'f', type };
  const op = pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in', 'keys'] as const);
  if (op === 'in') return { op, ...operand, values: [value] };
  return op === 'keys' ? { op, fields: [operand], keys: [[value]] } : { op, ...operand, value };
}

/** What was answered, or the code of the fault. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Fault) return error.code;
    throw error;
  }
}

describe('a number at the limits of its kernel', () => {
  it('is decoded, written as JSON and compared as the reference does, alone and in a table', () => {
    const generator = random(91);
    let compared = 0;
    for (let round = 0; round < 600; round++) {
      const picture = pictureOf(generator);
      const options = optionsOf(generator);
      let codec: ReturnType<typeof codecOf>;
      let inTable: typeof codec;
      try {
        codec = codecOf(picture, options);
        inTable = codecOf(`${picture} OCCURS 1`, options);
      } catch (error) {
        assert.ok(error instanceof Fault, 'not every picture goes with every usage');
        continue;
      }
      const [node] = codec.layout.nodes;
      assert.ok(node?.kind === 'scalar');
      const { type, length } = node;
      const read = readerOf(node, codec.layout.charset);
      const records = Array.from({ length: 12 }, () => bytesOf(node, (f) => codec.encode({ f }), generator));
      const rows = records.map((bytes) => codec.decoder(['f'])(bytes, 0, length, nowhere));
      const what = `${picture} ${JSON.stringify(options)}`;
      for (const [i, bytes] of records.entries()) {
        const f = rows[i]?.['f'] ?? null;
        const value = read(bytes, 0);
        const found = f instanceof Fault ? f.code : f;
        const expected = isFlaw(value) ? value.flaw : value;
        assert.ok(
          Object.is(found, expected),
          `${what} ${bytes.toHex()}: ${String(found)}, not ${String(expected)}`,
        );
        assert.deepEqual(comparable(inTable.decoder(['f'])(bytes, 0, length, nowhere)), {
          f: [comparable(f)],
        });
        const sink = new ByteSink();
        const json = outcome(() => {
          codec.writer(['f'])(bytes, 0, length, sink, nowhere);
          return new TextDecoder().decode(sink.take());
        });
        assert.equal(
          json,
          outcome(() => JSON.stringify({ f: toJson(type, f) })),
          `${what} ${bytes.toHex()}`,
        );
      }
      const values = rows.flatMap(({ f = null }): Value[] =>
        f instanceof Fault || f === null ? [] : [settled(f)],
      );
      for (let tries = 0; tries < 12 && values.length > 0; tries++) {
        const conjunct = conjunctOf(type, near(generator.pick(values), type, generator), generator);
        const { test } = codec.predicate([conjunct]);
        for (const [i, bytes] of records.entries()) {
          const found = outcome(() => test(bytes, 0, length, nowhere));
          const expected = outcome(() => matches([conjunct], rows[i] ?? {}));
          assert.equal(found, expected, `${what} ${bytes.toHex()} ${conjunct.op}`);
          compared++;
        }
      }
    }
    assert.ok(compared > 30_000, `only ${compared} comparisons`);
  });

  it('with P and all bits of its bytes is greater than JavaScript counts, and compared exactly', () => {
    const codec = codecOf('PIC 9(10)P(4) COMP-5', {});
    const type = { kind: 'decimal', precision: 24, scale: 0 } as const;
    const record = codec.encode({ f: '90071992547409910000' });
    const holds = (op: 'eq' | 'lt' | 'ge', value: string) =>
      codec.predicate([{ op, field: 'f', type, value }]).test(record, 0, record.length, nowhere);
    assert.equal(holds('eq', '90071992547409910000'), true);
    assert.equal(holds('lt', '90071992547409920000'), true);
    assert.equal(holds('ge', '90071992547409920000'), false);
  });
});
