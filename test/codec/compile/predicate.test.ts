import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compile, type Layout, type LayoutOptions } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import { type Scalar, scalarPaths } from '../../../src/model/type.ts';
import { cellAt, type Row, type Value } from '../../../src/model/value.ts';
import { type Conjunct, type Filter, fieldsOf, matches } from '../../../src/query/filter.ts';
import { type Random, random } from '../../random.ts';
import { codecOf, everything, layoutFor, mutate, nowhere, randomRow, topFields } from '../records.ts';

const LAYOUTS: readonly (readonly [string, Partial<LayoutOptions>])[] = [
  ['every policy fail', {}],
  ['null for bad data and blanks', { charset: 'cp273', onBad: 'null', blank: 'null' }],
  ['raw, latin1', { charset: 'latin1', onBad: 'raw', trim: 'both' }],
  ['enums, untrimmed', { conditions: 'enum', onBad: 'null', trim: 'none' }],
  ['null for blanks of numbers only', { charset: 'cp1047', onBad: 'null' }],
];

/** Filters over values that occur in the rows and values near them. */
function randomFilter(layout: Layout, rows: readonly Row[], generator: Random): Filter {
  const { int, pick, chance } = generator;
  const paths = scalarPaths(layout.fields);
  const someValue = (path: string, type: Scalar): Value => {
    for (let tries = 0; tries < 20; tries++) {
      const cell = cellAt(pick(rows), path);
      if (cell === null || cell instanceof Fault || typeof cell === 'object') continue;
      return near(cell, type);
    }
    return fallback(type);
  };
  const near = (cell: Value, type: Scalar): Value => {
    if (chance(0.6)) return cell;
    switch (type.kind) {
      case 'int32':
        return Number(cell) + pick([-1, 1, 1_000_000]);
      case 'int64':
        return BigInt(String(cell)) + pick([-1n, 1n, 10n ** 18n]);
      case 'decimal':
        return pick([`${cell}5`, `${cell}0`, '0.001', '-0.001', '123456789012345678.9', '0']);
      case 'string':
        return pick([`${cell}x`, String(cell).slice(0, -1), ` ${cell}`, `${cell} `, '', '中']);
      default:
        return cell;
    }
  };
  const fallback = (type: Scalar): Value => {
    if (type.kind === 'int32') return 5;
    if (type.kind === 'int64') return 5n;
    if (type.kind === 'decimal') return '5.5';
    if (type.kind === 'boolean') return true;
    return type.kind === 'enum' ? (type.values[0] ?? '') : 'A';
  };
  const conjunct = (depth: number): Conjunct => {
    const nesting = depth < 2 ? int(12) : 99;
    if (nesting === 0) return { op: 'any', of: Array.from({ length: int(4) }, () => conjuncts(depth + 1)) };
    if (nesting === 1) return { op: 'not', of: conjuncts(depth + 1) };
    const [field, type] = pick(paths);
    const value = () => someValue(field, type);
    switch (pick(['compare', 'compare', 'in', 'text', 'null', 'keys', 'keys2', 'after'])) {
      case 'in': {
        const values = Array.from({ length: int(8) }, () => (chance(0.1) ? null : value()));
        return { op: 'in', field, type, values };
      }
      case 'text': {
        const [path, string] = pick(paths.filter(([, one]) => one.kind === 'string'));
        const text = String(someValue(path, string));
        const from = int(2);
        return {
          op: pick(['startsWith', 'endsWith', 'contains']),
          field: path,
          type: string,
          value: text.slice(from, from + int(5)),
        };
      }
      case 'null':
        return { op: 'null', field, type, is: chance(0.5) };
      case 'keys':
        return {
          op: 'keys',
          fields: [{ field, type }],
          keys: Array.from({ length: int(9) }, () => [value()]),
        };
      case 'keys2': {
        const [other, otherType] = pick(paths);
        return {
          op: 'keys',
          fields: [
            { field, type },
            { field: other, type: otherType },
          ],
          keys: Array.from({ length: int(5) }, () => [value(), someValue(other, otherType)]),
        };
      }
      case 'after':
        return {
          op: 'after',
          order: [{ field, type, descending: chance(0.5) }],
          values: [chance(0.1) ? null : value()],
        };
      default:
        return { op: pick(['eq', 'ne', 'lt', 'le', 'gt', 'ge']), field, type, value: value() };
    }
  };
  const conjuncts = (depth: number): readonly Conjunct[] =>
    Array.from({ length: int(4) }, () => conjunct(depth));
  return conjuncts(0);
}

/** True, false, or the code of the fault. */
function outcome(run: () => boolean): boolean | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.place.field ?? ''}`;
    throw error;
  }
}

describe('a generated predicate', () => {
  for (const [what, options] of LAYOUTS) {
    it(`agrees with the reference on random records and filters: ${what}`, () => {
      const layout = everything(options);
      const codec = compile(layout);
      const generator = random(17);
      const records = Array.from({ length: 150 }, () =>
        mutate(codec.encode(randomRow(layout, generator)), generator, generator.pick([0, 0, 2, 8, 40])),
      );
      const decode = codec.decoder(topFields(layout, true));
      const rows = records.map((record) => decode(record, 0, record.length, nowhere));
      const counts = { true: 0, false: 0, fault: 0 };
      for (let round = 0; round < 250; round++) {
        const filter = randomFilter(layout, rows, generator);
        const { coverage, test } = codec.predicate(filter);
        assert.deepEqual(
          coverage,
          filter.map(() => 'exact'),
        );
        for (let tries = 0; tries < 20; tries++) {
          const i = generator.int(records.length);
          const record = records[i] ?? new Uint8Array(0);
          const found = outcome(() => test(record, 0, record.length, nowhere));
          const expected = outcome(() => matches(filter, rows[i] ?? {}));
          assert.equal(
            found,
            expected,
            JSON.stringify(filter, (_n, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v)),
          );
          counts[found === true ? 'true' : found === false ? 'false' : 'fault']++;
        }
      }
      assert.ok(counts.true > 200 && counts.false > 200, JSON.stringify(counts));
    });
  }

  it('covers nothing of a conjunct that names a field it does not have', () => {
    const codec = codecOf('PIC 9(4)');
    const number = { field: 'f', type: { kind: 'int32' } } as const;
    const file = { field: '_file', type: { kind: 'string' } } as const;
    const { coverage, test } = codec.predicate([
      { op: 'gt', ...number, value: 5 },
      { op: 'eq', ...file, value: 'x' },
      { op: 'any', of: [[{ op: 'eq', ...file, value: 'x' }], [{ op: 'eq', ...number, value: 7 }]] },
    ]);
    assert.deepEqual(coverage, ['exact', 'none', 'none']);
    assert.equal(test(Uint8Array.of(0xf0, 0xf0, 0xf0, 0xf7), 0, 4, nowhere), true);
    assert.equal(test(Uint8Array.of(0xf0, 0xf0, 0xf0, 0xf5), 0, 4, nowhere), false);
  });

  it('compares with literals finer and greater than the field', () => {
    const codec = codecOf('PIC S9(3)V9 COMP-3');
    const type = { kind: 'decimal', precision: 4, scale: 1 } as const;
    const test = (op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', value: string, text: string) =>
      codec.predicate([{ op, field: 'f', type, value }]).test(Uint8Array.fromHex(text), 0, 3, nowhere);
    for (const [op, value, text, expected] of [
      ['eq', '12.30', '00123c', true],
      ['eq', '12.31', '00123c', false],
      ['ne', '12.31', '00123c', true],
      ['gt', '12.29', '00123c', true],
      ['ge', '12.31', '00123c', false],
      ['lt', '12.31', '00123c', true],
      ['le', '12.29', '00123c', false],
      ['lt', '-12.29', '00123d', true],
      ['gt', '-12.31', '00123d', true],
      ['gt', '-12.29', '00123d', false],
      ['lt', '99999999999999999999999.99', '09999c', true],
      ['gt', '-99999999999999999999999.99', '09999d', true],
      ['lt', '-99999999999999999999999.99', '09999d', false],
    ] as const) {
      assert.equal(test(op, value, text), expected, `${text} ${op} ${value}`);
    }
  });

  it('knows that no trimmed text ends in a blank', () => {
    const codec = codecOf('PIC X(3)');
    const type = { kind: 'string' } as const;
    const bytes = Uint8Array.of(0xc1, 0x40, 0x40);
    const holds = (conjunct: Conjunct) => codec.predicate([conjunct]).test(bytes, 0, 3, nowhere);
    for (const value of ['A ', 'A  ', 'A   ', ' ']) {
      assert.equal(holds({ op: 'eq', field: 'f', type, value }), false);
      assert.equal(holds({ op: 'in', field: 'f', type, values: [value] }), false);
      assert.equal(holds({ op: 'startsWith', field: 'f', type, value }), false);
    }
    assert.equal(holds({ op: 'eq', field: 'f', type, value: 'A' }), true);
    assert.equal(holds({ op: 'startsWith', field: 'f', type, value: '' }), true);
  });

  it('does not look at a field behind a conjunct that is already false', () => {
    const codec = compile(layoutFor('       01 R.\n          05 A PIC 9.\n          05 B PIC 9.\n'));
    const type = { kind: 'int32' } as const;
    const a: Conjunct = { op: 'eq', field: 'a', type, value: 1 };
    const b: Conjunct = { op: 'eq', field: 'b', type, value: 1 };
    const bytes = Uint8Array.of(0xf2, 0xff);
    assert.equal(codec.predicate([a, b]).test(bytes, 0, 2, nowhere), false);
    assert.throws(() => codec.predicate([b, a]).test(bytes, 0, 2, nowhere), { code: 'bad-zoned-digit' });
    assert.deepEqual(fieldsOf([a, b]), ['a', 'b']);
  });

  it('takes hostile literals as data', () => {
    const codec = codecOf('PIC X(30)', { charset: 'latin1' });
    const type = { kind: 'string' } as const;
    for (const value of ["'); throw 1; ('", '"\\\n\u2028', '__proto__', '*/']) {
      const bytes = new TextEncoder().encode(value.replace('\u2028', '?').padEnd(30));
      for (const op of ['eq', 'startsWith', 'contains', 'lt'] as const) {
        const { test } = codec.predicate([{ op, field: 'f', type, value }]);
        const expected = matches(
          [{ op, field: 'f', type, value }],
          codec.decoder(['f'])(bytes, 0, 30, nowhere),
        );
        assert.equal(test(bytes, 0, 30, nowhere), expected);
      }
    }
  });
});
