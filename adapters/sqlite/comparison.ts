// Knows: how SQLite compares the values of a column, and where that is not how we compare them.
// Must not know: statements, connections. Sections 3 and 4 of https://www.sqlite.org/datatype3.html.

import { digitsOf, type Value } from '#spi';
import type { Comparison, Condition, PatternOp, RangeOp } from '../sql/dialect.ts';
import type { Parameter } from '../sql/driver.ts';
import {
  both,
  bound,
  call,
  cast,
  collated,
  columnNamed,
  compare,
  constant,
  type Expression,
  either,
  isOneOf,
  text,
} from '../sql/expression.ts';
import type { Column } from '../sql/table.ts';
import { clockOperand, notAClockTime, notADate } from './clock.ts';
import { affinityOf } from './types.ts';

const BINARY = 'binary';

export function comparisonOf(column: Column, utf8: boolean): Comparison {
  switch (column.type.kind) {
    case 'boolean':
    case 'int32':
    case 'int64':
    case 'float64':
    case 'decimal':
      return numbers(column);
    case 'date':
      return dates(column);
    case 'time':
    case 'timestamp':
      return clockTimes(column, column.type.kind);
    case 'bytes':
      return {
        operand: columnNamed(column.name),
        equality: 'exact',
        order: 'exact',
        bind: (value) => (value instanceof Uint8Array ? { value, column } : undefined),
      };
    case 'string':
      return texts(column, utf8);
    // Equal instants have many texts, and documents are not compared.
    case 'enum':
    case 'instant':
    case 'json':
      return {
        operand: columnNamed(column.name),
        equality: 'none',
        order: 'none',
        bind: () => undefined,
      };
  }
}

/**
 * SQLite compares INTEGER with REAL exactly; every text and blob in the column sorts above all numbers. A number that
 * the declared type cannot hold (5.5 in an INTEGER) compares as the number that it is.
 */
function numbers(column: Column): Comparison {
  const operand = columnNamed(column.name);
  const affinity = affinityOf(column.declared);
  // Numbers kept as texts compare as texts.
  const comparable = affinity !== 'text' && !(affinity === 'blob' && column.type.kind === 'decimal');
  const coverage = comparable ? 'exact' : 'none';
  return {
    operand,
    equality: coverage,
    order: coverage,
    bind(value, use) {
      const number = numberFor(column, value, use);
      return number === undefined ? undefined : { value: number, column };
    },
    ...(column.trusted
      ? {}
      : {
          widen: (op: RangeOp | PatternOp, condition: Expression) =>
            op === 'gt' || op === 'ge'
              ? condition
              : either([condition, compare(operand, '>=', constant(''))]),
        }),
  };
}

/** The number that SQLite holds for the value: an integer where it is one, else the nearest binary fraction. */
function numberFor(column: Column, value: Value, use: 'equality' | 'order'): number | bigint | undefined {
  const { type } = column;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') {
    if (type.kind !== 'float64') return BigInt(value);
    return Number.isNaN(value) ? undefined : value;
  }
  if (typeof value !== 'string' || type.kind !== 'decimal') return undefined;
  const [whole, fraction] = digitsOf(value);
  if (fraction === 0) {
    const integer = BigInt(value.replace(/\..*$/, ''));
    if (BigInt.asIntN(64, integer) === integer) return integer;
  }
  // Up to 15 digits, different decimals are different binary fractions, in the same order. Beyond that the nearest
  // one may be shared: harmless for equality of two values of the scale, where a shared one does not decode, but not
  // for an order, and not for a finer value, which would equal the stored one that is nearest to it.
  if (fraction > (type.scale ?? 0)) return undefined;
  return use === 'equality' || whole + fraction <= 15 ? Number(value) : undefined;
}

/** ISO texts of four-digit years sort as their days do. */
function dates(column: Column): Comparison {
  const operand = columnNamed(column.name);
  return {
    operand,
    equality: 'exact',
    order: 'exact',
    bind: (value) => fourDigitYear(column, value),
    ...widening(column, notADate(operand)),
  };
}

function fourDigitYear(column: Column, value: Value): Parameter | undefined {
  return typeof value === 'string' && /^\d{4}-/.test(value) ? { value, column } : undefined;
}

/** One moment has several texts (blank or T, seconds or none): compared by one canonical form of them. */
function clockTimes(column: Column, kind: 'time' | 'timestamp'): Comparison {
  const stored = columnNamed(column.name);
  const operand = clockOperand(kind, stored);
  return {
    operand,
    equality: 'exact',
    order: 'exact',
    bind: (value) =>
      kind === 'timestamp'
        ? fourDigitYear(column, value)
        : typeof value === 'string'
          ? { value, column }
          : undefined,
    ...(kind === 'timestamp'
      ? {
          narrow: (op: 'eq' | RangeOp, [first, ...more]: readonly Parameter[]) =>
            first === undefined || more.length > 0 ? undefined : within(stored, op, first),
        }
      : {}),
    ...widening(column, notAClockTime(kind, stored)),
  };
}

/** By the day alone, which all texts of a moment begin with; `U` sorts behind both the blank and the T. */
function within(stored: Expression, op: 'eq' | RangeOp, { value, column }: Parameter): Expression {
  const day = String(value).slice(0, 10);
  const parameter = (text: string): Expression =>
    bound({ value: text, ...(column === undefined ? {} : { column }) });
  const from = compare(stored, '>=', parameter(day));
  const to = compare(stored, '<', parameter(`${day}U`));
  if (op === 'eq') return both([from, to]);
  return op === 'gt' || op === 'ge' ? from : to;
}

function widening(column: Column, misfit: Expression): Pick<Comparison, 'widen'> {
  return column.trusted ? {} : { widen: (_op, condition) => either([condition, misfit]) };
}

/** BINARY compares the bytes of the file's encoding: in UTF-8 that is the order of code points. */
function texts(column: Column, utf8: boolean): Comparison {
  const stored = columnNamed(column.name);
  const affinity = affinityOf(column.declared);
  // `+` takes the affinity away, which would turn a text parameter into a number.
  const bare = affinity === 'text' || affinity === 'blob' ? stored : text(['+', ''], stored);
  const trimmed = column.padded ? call('rtrim', bare, constant(' ')) : bare;
  const binary = column.collation === undefined || column.collation.toLowerCase() === BINARY;
  const operand = binary ? trimmed : collated(trimmed, BINARY);
  const bind = (value: Value): Parameter | undefined =>
    typeof value === 'string' && value.isWellFormed() ? { value, column } : undefined;
  const narrow = narrowing(column, stored, bare === stored && utf8, binary);
  return {
    operand,
    equality: 'exact',
    order: utf8 ? 'exact' : 'none',
    bind,
    ...(utf8 ? { match: (op: PatternOp, value: string) => matching(operand, op, value, column) } : {}),
    ...(narrow === undefined ? {} : { narrow }),
    ...widening(column, foreign(bare, affinity === 'text')),
  };
}

/** Blobs sort above all texts, numbers below. */
function foreign(bare: Expression, textOnly: boolean): Expression {
  const blob = compare(bare, '>=', text(["x''"]));
  return textOnly ? blob : either([compare(bare, '<', constant('')), blob]);
}

const MOST_RANGES = 50;

/** What lets an index of the column's own collation, or of unpadded texts, find equal values. */
function narrowing(
  column: Column,
  stored: Expression,
  plain: boolean,
  binary: boolean,
): Comparison['narrow'] | undefined {
  if (!plain) return undefined;
  if (column.padded && binary) {
    return (op, values) => {
      if (op !== 'eq' || values.length > MOST_RANGES) return undefined;
      // What begins with the value and goes on with blanks lies below the value followed by "!", the next character.
      return either(
        values.map(({ value }) =>
          both([
            compare(stored, '>=', bound({ value, column })),
            compare(stored, '<', bound({ value: `${value}!`, column })),
          ]),
        ),
      );
    };
  }
  if (!column.padded && /^(nocase|rtrim)$/i.test(column.collation ?? '')) {
    return (op, values) => (op === 'eq' ? isOneOf(stored, values) : undefined);
  }
  return undefined;
}

/** LIKE and GLOB fold case or have wildcards of their own; these forms have neither. */
function matching(operand: Expression, op: PatternOp, value: string, column: Column): Condition {
  if (!value.isWellFormed()) return { coverage: 'none' };
  const exact = (expression: Expression): Condition => ({ coverage: 'exact', expression });
  // Not "is not null", because the negation must not be true for null either.
  if (value === '') return exact(compare(operand, '>=', constant('')));
  switch (op) {
    case 'contains':
      return exact(compare(call('instr', operand, bound({ value, column })), '>', constant(0)));
    case 'startsWith': {
      const from = compare(operand, '>=', bound({ value, column }));
      const next = following(value);
      return exact(
        next === undefined ? from : both([from, compare(operand, '<', bound({ value: next, column }))]),
      );
    }
    case 'endsWith': {
      // As bytes, because substr on a text ends at its first NUL. Of no bytes it gives null: that is said in front.
      const bytes = new TextEncoder().encode(value);
      const end = call('substr', cast(operand, 'blob'), bound({ value: BigInt(-bytes.length) }));
      return exact(
        both([compare(operand, '<>', constant('')), compare(end, '=', bound({ value: bytes, column }))]),
      );
    }
  }
}

/** The first text behind all texts that begin with the prefix; undefined if there is none. */
function following(prefix: string): string | undefined {
  let rest = prefix;
  while (rest !== '') {
    const last = rest.codePointAt(rest.length - 1) ?? 0;
    const isPair = last >= 0xdc00 && last <= 0xdfff;
    const start = rest.length - (isPair ? 2 : 1);
    const point = rest.codePointAt(start) ?? 0;
    rest = rest.slice(0, start);
    // Surrogates are no characters: U+E000 comes behind U+D7FF.
    if (point < 0x10ffff) return rest + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}
