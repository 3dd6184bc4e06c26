// Knows: how Oracle compares texts, by their bytes and with blanks where a column is filled up with them, and by what
// expression they compare as we do. An empty text is null there: no stored one equals it.
// Must not know: statements, connections. CHR(0), the lowest character, ends what was padded: nothing in Oracle is left of a text
// that was blanks alone, and it would be null.

import type { Comparison, Condition, PatternOp } from '../sql/dialect.ts';
import {
  both,
  bound,
  call,
  columnNamed,
  constant,
  type Expression,
  isNull,
  isOneOf,
  text,
} from '../sql/expression.ts';
import type { Column } from '../sql/table.ts';
import { type Charset, sortsAsWe } from './charset.ts';
import { type BindType, isOracleParameter, type OracleParameter } from './parameter.ts';
import { type KnownType, knownType } from './types.ts';

const END = '\0';
const MOST_BYTES = 4_000;
/** With MAX_STRING_SIZE = EXTENDED. */
const MOST_BYTES_EXTENDED = 32_767;
/** A text of an older set has to fit into NVARCHAR2 before it compares as Unicode. */
const MOST_UNITS = 2_000;
/** A national text has to fit into VARCHAR2 before it compares by code points. */
const MOST_NATIONAL = 1_333;

const utf8 = new TextEncoder();

/**
 * `trusted` on a column whose bytes need not sort as we do is the word of the configuration: its texts are of ASCII, and without
 * control characters where they are padded. Then the column itself is compared, and its index serves.
 */
export function textComparison(column: Column, own: KnownType, charset: Charset): Comparison {
  const national = own.storage === 'nvarchar' || own.storage === 'nchar';
  const set = column.trusted && (national || !sortsAsWe(charset)) ? 'ascii' : charset;
  if (national) return own.padded ? nchars(column, own, set) : nvarchars(column, own, set);
  if (set === 'bmp' || set === 'wide') return converted(column, own, set);
  return own.padded ? chars(column, own, set) : varchars(column, own, set);
}

/** The column compared by the bytes of its texts, whatever collation it has of its own. */
function binary({ name, collation }: Column): Expression {
  const stored = columnNamed(name);
  return collation === undefined ? stored : text(['', ' collate binary'], stored);
}

function varchars(column: Column, own: KnownType, charset: Charset): Comparison {
  const operand = binary(column);
  const bind = (value: unknown, equality: boolean): OracleParameter | undefined =>
    isHeld(value, charset) && value !== '' && fits(value, own, 'varchar', equality)
      ? { value, column, sqlType: 'varchar' }
      : undefined;
  return {
    operand,
    equality: 'exact',
    order: sortsAsWe(charset) ? 'exact' : 'none',
    bind: (value, use) => bind(value, use === 'equality'),
    match: (op, value) => like(column, operand, op, value, own, 'varchar', ''),
    ...ownCollation(column),
  };
}

/** The column's own collation calls more texts equal and has the index. */
function ownCollation({ collation, name }: Column): Pick<Comparison, 'narrow'> {
  return collation === undefined
    ? {}
    : { narrow: (op, values) => (op === 'eq' ? isOneOf(columnNamed(name), values) : undefined) };
}

/** Bound as CHAR, a text equals what is filled up with blanks. A character below the blank would sort before its end. */
function chars(column: Column, own: KnownType, charset: Charset): Comparison {
  const stored = binary(column);
  const shown = unpadded(stored, stored, 'chr');
  return {
    operand: column.trusted ? stored : shown,
    identity: stored,
    equality: 'exact',
    order: sortsAsWe(charset) ? 'exact' : 'none',
    bind(value, use): OracleParameter | undefined {
      if (!isHeld(value, charset) || !fits(value, own, 'varchar', use === 'equality')) return undefined;
      return use === 'equality' || column.trusted
        ? filledUp(column, value, 'char')
        : { value: value + END, column, sqlType: 'varchar' };
    },
    match: (op, value) => paddedLike(column, stored, shown, op, value, own, 'varchar'),
    ...ownCollation(column),
  };
}

/** Blanks at the end are never part of a padded value; blanks alone are an empty one. */
function filledUp(column: Column, value: string, sqlType: BindType): OracleParameter | undefined {
  return value.endsWith(' ') ? undefined : { value: value === '' ? ' ' : value, column, sqlType };
}

function nvarchars(column: Column, own: KnownType, charset: Charset): Comparison {
  const stored = binary(column);
  const ascii = charset === 'ascii';
  const sortable = ascii || isSortable(own, charset);
  return {
    operand: sortable && !ascii ? call('to_char', stored) : stored,
    identity: stored,
    equality: 'exact',
    order: sortable ? 'exact' : 'none',
    bind(value, use): OracleParameter | undefined {
      if (!isHeld(value, ascii ? 'ascii' : 'cesu') || value === '') return undefined;
      const sqlType = use === 'equality' || ascii ? 'nvarchar' : 'varchar';
      return fits(value, own, sqlType, use === 'equality') ? { value, column, sqlType } : undefined;
    },
    match: (op, value) => like(column, stored, op, value, own, 'nvarchar', ''),
    ...ownCollation(column),
  };
}

function nchars(column: Column, own: KnownType, charset: Charset): Comparison {
  const stored = binary(column);
  const ascii = charset === 'ascii';
  const sortable = ascii || isSortable(own, charset);
  return {
    operand: sortable && !ascii ? unpadded(stored, call('to_char', stored), 'chr') : stored,
    identity: stored,
    equality: 'exact',
    order: sortable ? 'exact' : 'none',
    bind(value, use): OracleParameter | undefined {
      if (!isHeld(value, ascii ? 'ascii' : 'cesu')) return undefined;
      if (use === 'equality' || ascii) {
        return fits(value, own, 'nvarchar', use === 'equality')
          ? filledUp(column, value, 'nchar')
          : undefined;
      }
      return fits(value, own, 'varchar', false)
        ? { value: value + END, column, sqlType: 'varchar' }
        : undefined;
    },
    match: (op, value) =>
      paddedLike(column, stored, unpadded(stored, stored, 'nchr'), op, value, own, 'nvarchar'),
    ...ownCollation(column),
  };
}

/** UTF-16 does not sort as code points; in a database of UTF-8 the national text can be turned into one of that. */
function isSortable({ longest }: KnownType, charset: Charset): boolean {
  return charset === 'unicode' && longest !== undefined && longest <= MOST_NATIONAL;
}

/**
 * In a database of an older set, what the set does not hold would be bound as another character. Compared in Unicode instead; where a
 * value is of ASCII alone, the index finds it.
 */
function converted(column: Column, own: KnownType, charset: Charset): Comparison {
  const stored = binary(column);
  if (own.longest === undefined || own.longest > MOST_UNITS) {
    return { operand: stored, equality: 'none', order: 'none', bind: () => undefined };
  }
  const unicode = call('to_nchar', stored);
  const operand = own.padded ? unpadded(stored, unicode, 'nchr') : unicode;
  const end = own.padded ? END : '';
  return {
    operand,
    equality: 'exact',
    order: charset === 'bmp' ? 'exact' : 'none',
    bind(value, use): OracleParameter | undefined {
      if (typeof value !== 'string' || (value === '' && !own.padded)) return undefined;
      if (!value.isWellFormed() || !fits(value, own, 'nvarchar', use === 'equality')) return undefined;
      if (use === 'equality' && own.padded && value.endsWith(' ')) return undefined;
      // Units of UTF-16 beyond the stored characters would sort among them.
      if (use === 'order' && /[\ud800-\udfff]/.test(value)) return undefined;
      return { value: value + end, column, sqlType: 'nvarchar' };
    },
    match: (op, value) =>
      own.padded
        ? paddedLike(column, unicode, operand, op, value, own, 'nvarchar')
        : like(column, operand, op, value, own, 'nvarchar', ''),
    narrow(op, values) {
      const plain = values
        .filter(isOracleParameter)
        .map(ownText)
        .filter((parameter) => parameter !== undefined);
      return op === 'eq' && plain.length === values.length
        ? isOneOf(columnNamed(column.name), plain)
        : undefined;
    },
  };
}

const ASCII = /^[ -~]+$/;

/** The parameter as the column itself compares it; undefined where its character set may not hold it. Others stay as they are. */
export function ownText(parameter: OracleParameter): OracleParameter | undefined {
  const { value, column, sqlType } = parameter;
  if (sqlType !== 'nvarchar' || column === undefined || typeof value !== 'string') return parameter;
  const { storage } = knownType(column.declared);
  if (storage !== 'varchar' && storage !== 'char') return parameter;
  const plain = storage === 'char' ? value.slice(0, -END.length) : value;
  return ASCII.test(plain) ? { value: plain, column, sqlType: storage } : undefined;
}

/** What is shown of a padded text, with the lowest character behind it; null of null alone. */
function unpadded(stored: Expression, words: Expression, lowest: 'chr' | 'nchr'): Expression {
  const end = lowest === 'chr' ? call('chr', constant(0)) : call('nchr', constant(0));
  const shown = call('concat', call('rtrim', words, constant(' ')), end);
  return text(['case when ', ' then ', ' end'], isNull(stored, false), shown);
}

/** A text that the database can hold and that goes there and back unchanged. */
function isHeld(value: unknown, charset: Charset): value is string {
  if (typeof value !== 'string' || !value.isWellFormed()) return false;
  if (charset === 'ascii') return /^[\0-\x7f]*$/.test(value);
  return charset !== 'latin1' || /^[\0-\xff]*$/.test(value);
}

/**
 * No longer than the column, where it is to be equal, and than a text that the server takes; for an order with room for the character
 * that ends it.
 */
function fits(
  value: string,
  { longest = MOST_BYTES }: KnownType,
  type: BindType,
  equality: boolean,
): boolean {
  const most = longest > MOST_BYTES ? MOST_BYTES_EXTENDED : MOST_BYTES;
  const bytes = type === 'nvarchar' ? value.length * 2 : utf8.encode(value).length;
  return bytes < most + (equality ? 1 : 0) && (!equality || value.length <= longest * 2);
}

/**
 * LIKE folds nothing under a binary comparison; its wildcards are escaped. Kysely writes no LIKE with an escape. `end` closes every
 * text that `operand` gives.
 */
function like(
  column: Column,
  operand: Expression,
  op: PatternOp,
  value: string,
  own: KnownType,
  sqlType: BindType,
  end: string,
): Condition {
  const escaped = value.replace(/[|%_]/g, '|$&');
  const pattern = `${op === 'startsWith' ? '' : '%'}${escaped}${op === 'endsWith' ? end : '%'}`;
  if (!value.isWellFormed() || !fits(pattern, own, sqlType, false)) return { coverage: 'none' };
  const parameter: OracleParameter = { value: pattern, column, sqlType };
  return { coverage: 'exact', expression: text(['', ' like ', " escape '|'"], operand, bound(parameter)) };
}

function paddedLike(
  column: Column,
  stored: Expression,
  shown: Expression,
  op: PatternOp,
  value: string,
  own: KnownType,
  sqlType: BindType,
): Condition {
  // It would match the character that ends the text.
  if (value.includes(END)) return { coverage: 'none' };
  const exact = like(column, shown, op, value, own, sqlType, END);
  if (op !== 'startsWith' || value === '' || exact.expression === undefined) return exact;
  const { expression: candidates } = like(column, stored, op, value, own, sqlType, '');
  return candidates === undefined
    ? exact
    : { coverage: 'exact', expression: both([candidates, exact.expression]) };
}
