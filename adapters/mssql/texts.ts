// Knows: how SQL Server compares texts: by collations that fold case and take characters for each other, and always without the blanks
// at the end. Must not know: statements, connections, other types.

import type { Value } from '#spi';
import type { Comparison, Condition, PatternOp } from '../sql/dialect.ts';
import { both, bound, columnNamed, type Expression, isOneOf, text } from '../sql/expression.ts';
import type { Column } from '../sql/table.ts';
import { sqlTypeOf, type TypedParameter } from '../sql/typed-parameter.ts';
import { charsetOf, isPlain, survives } from './collations.ts';
import { type KnownType, knownType } from './types.ts';

/** Most characters of nvarchar(n), and of a pattern of LIKE. */
const LONGEST = 4_000;
/** Of varchar(n). */
const LONGEST_NARROW = 8_000;
/** Compares UTF-16 units; every version has it. */
const UNITS = 'Latin1_General_BIN2';
/** Stands behind both sides of a comparison, so that blanks at the end count: it is below every character. */
const END = '\0';

function wide(length: number): string {
  return length <= LONGEST ? `nvarchar(${length})` : 'nvarchar(max)';
}

/** The stored text by its UTF-16 units, padding cut off. */
function units(column: Column, { longest }: KnownType): Expression {
  const stored = text([`convert(${wide(longest)}, `, ')'], columnNamed(column.name));
  const plain = column.padded ? text(['rtrim(', ')'], stored) : stored;
  return text(['', ` collate ${UNITS}`], plain);
}

/** With the end behind it, for which a longer type has room. */
function delimited(column: Column, own: KnownType): Expression {
  return text(
    ['(', ' + nchar(0))'],
    units(column, own.longest === LONGEST ? { ...own, longest: LONGEST + 1 } : own),
  );
}

/**
 * The column's own `=` finds the candidates by its index, and the units decide. The order is that of UTF-16 units: beyond U+FFFF it is
 * not that of code points where texts also have characters from U+E000 to U+FFFF.
 */
export function textComparison(column: Column, own: KnownType, charset: string | undefined): Comparison {
  return {
    operand: delimited(column, own),
    equality: 'exact',
    order: 'exact',
    bind(value, use) {
      if (typeof value !== 'string' || !value.isWellFormed()) return undefined;
      const cannot = value.length > own.longest || (column.padded && value.endsWith(' '));
      if (cannot && use === 'equality') return undefined;
      // The end is below every character but this one.
      if (use === 'order' && value.includes(END)) return undefined;
      return { value: value + END, column, sqlType: wide(Math.max(own.longest, value.length) + 1) };
    },
    match: (op, value) => matching(column, own, op, value, charset),
    narrow(op, values) {
      const plain = values.map((parameter) => candidate(parameter, charset));
      return op === 'eq' && plain.every((parameter) => parameter !== undefined)
        ? isOneOf(columnNamed(column.name), plain)
        : undefined;
    },
  };
}

/** A parameter of a comparison above, as the column's own type and collation compare it; undefined where that could lose it. */
export function candidate(
  { value, column }: TypedParameter,
  charset: string | undefined,
): TypedParameter | undefined {
  if (typeof value !== 'string' || column === undefined) return undefined;
  const plain = value.endsWith(END) ? value.slice(0, -END.length) : value;
  const sqlType = ownType(column, plain, charset);
  return sqlType === undefined ? undefined : { value: plain, column, sqlType };
}

/** Whether a parameter is one of a comparison of texts. */
export function isDelimited(parameter: TypedParameter): boolean {
  const { value } = parameter;
  return (
    typeof value === 'string' && value.endsWith(END) && sqlTypeOf(parameter)?.startsWith('nvarchar') === true
  );
}

/** The driver writes texts of char and varchar in the code page of the database, and the server turns that into the column's. */
function ownType(column: Column, value: string, charset: string | undefined): string | undefined {
  const { storage, longest, uncomparable } = knownType(column.declared);
  if (uncomparable || value.length > longest) return undefined;
  if (storage === 'wide text') return wide(longest);
  const own = column.collation === undefined ? charset : charsetOf(column.collation);
  if (!survives(value, charset) || !survives(value, own)) return undefined;
  return longest <= LONGEST_NARROW ? `varchar(${longest})` : 'varchar(max)';
}

const ESCAPED = /[|%_[\]]/g;

/** LIKE over units folds nothing; its wildcards are escaped. Kysely writes no LIKE with an escape. */
function matching(
  column: Column,
  own: KnownType,
  op: PatternOp,
  value: string,
  charset: string | undefined,
): Condition {
  const escaped = value.replace(ESCAPED, '|$&');
  const pattern = `${op === 'startsWith' ? '' : '%'}${escaped}${op === 'endsWith' ? '' : '%'}`;
  // The server knows no character 0 in a pattern.
  if (!value.isWellFormed() || value.includes('\0') || pattern.length > LONGEST) return { coverage: 'none' };
  const parameter: TypedParameter = { value: pattern, column, sqlType: wide(LONGEST) };
  const like = (left: Expression, right: TypedParameter): Expression =>
    text(['', ' like ', " escape '|'"], left, bound(right));
  const exact = like(units(column, own), parameter);
  const wider = op === 'startsWith' ? beginning(column, own, value, pattern, charset) : undefined;
  const expression = wider === undefined ? exact : both([like(columnNamed(column.name), wider), exact]);
  return { coverage: 'exact', expression };
}

/** By the column's collation, whose index then serves: only where no character joins with the one behind it. */
function beginning(
  column: Column,
  own: KnownType,
  value: string,
  pattern: string,
  charset: string | undefined,
): TypedParameter | undefined {
  const { collation } = column;
  if (value === '' || collation === undefined || !isPlain(collation) || own.storage !== 'text')
    return undefined;
  if (ownType(column, value, charset) === undefined) return undefined;
  return { value: pattern, column, sqlType: `varchar(${LONGEST_NARROW})` };
}

const GUID = /^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

/** The server sorts them by their last bytes first: their texts have our order. It writes them in capitals. */
export function guids(column: Column): Comparison {
  const stored = columnNamed(column.name);
  return {
    operand: text(['convert(char(36), ', `) collate ${UNITS}`], stored),
    identity: stored,
    equality: 'exact',
    order: 'exact',
    bind: (value: Value, use): TypedParameter | undefined => {
      if (typeof value !== 'string') return undefined;
      if (use === 'equality')
        return GUID.test(value) ? { value, column, sqlType: 'uniqueidentifier' } : undefined;
      return /^[ -~]*\S$/.test(value) ? { value, column, sqlType: 'varchar(8000)' } : undefined;
    },
  };
}
