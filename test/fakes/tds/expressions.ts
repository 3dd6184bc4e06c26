// T-SQL's expressions → SQLite's, with the type that each has: texts are compared by the key of their collation.

import { type Declared, declaredType, familyOf } from './declared.ts';
import { Problem } from './values.ts';
import type { Reading } from './words.ts';

export interface Piece {
  /** SQLite's text. */
  readonly sql: string;
  readonly type: Declared;
  readonly collation?: string;
}

/** What names in an expression mean. */
export interface Scope {
  column(name: string): Piece | undefined;
  /** Declared type of a parameter, with the `@` in front. */
  parameter(name: string): Declared | undefined;
  /** What a function of a schema returns. */
  routine?(schema: string, name: string): Declared | undefined;
}

const INT = declaredType('int');
const VARCHAR = declaredType('varchar(8000)');
const NVARCHAR = declaredType('nvarchar(4000)');
const VARBINARY = declaredType('varbinary(8000)');
const FLOAT = declaredType('float');

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function folds(collation: string | undefined): boolean {
  return collation === undefined || /_CI_/i.test(collation);
}

/** What stands for an expression where it is compared, sorted or grouped. */
export function key({ sql, type, collation }: Piece): string {
  return familyOf(type) === 'text' ? `tds_key(${sql}, ${folds(collation) ? 1 : 0})` : sql;
}

/** Decimals meet decimals: what is compared with one becomes one. */
function alike(left: Piece, right: Piece): readonly [Piece, Piece] {
  const collation = left.collation ?? right.collation;
  const decimal = [left, right].some(({ type }) => familyOf(type) === 'decimal');
  const meet = (piece: Piece): Piece => ({
    ...piece,
    ...(collation === undefined ? {} : { collation }),
    ...(decimal && familyOf(piece.type) !== 'decimal'
      ? { sql: kept(piece, 'decimal(38,18)'), type: declaredType('decimal(38,18)') }
      : {}),
  });
  return [meet(left), meet(right)];
}

function kept({ sql }: Piece, type: string): string {
  return `tds_kept(${sql}, ${literal(type)})`;
}

export function condition(from: Reading, scope: Scope): string {
  let left = conjunction(from, scope);
  while (from.take('or')) left = `(${left} or ${conjunction(from, scope)})`;
  return left;
}

function conjunction(from: Reading, scope: Scope): string {
  let left = negation(from, scope);
  while (from.take('and')) left = `${left} and ${negation(from, scope)}`;
  return left;
}

function negation(from: Reading, scope: Scope): string {
  if (from.take('not')) return `not ${negation(from, scope)}`;
  if (from.peek().text === '(' && opensCondition(from)) {
    from.expect('(');
    const inner = condition(from, scope);
    from.expect(')');
    return `(${inner})`;
  }
  return predicate(from, scope);
}

/** Whether the parenthesis that comes holds a condition: a comparison stands in it on the first level. */
function opensCondition(from: Reading): boolean {
  let depth = 0;
  for (let ahead = 0; ; ahead++) {
    const { kind, text } = from.peek(ahead);
    if (kind === 'end') return false;
    if (kind !== 'sign' && kind !== 'word') continue;
    if (text === '(') depth++;
    else if (text === ')' && --depth === 0) return false;
    else if (depth === 1 && /^(?:=|<>|<|>|<=|>=|like|is|in|and|or|not)$/i.test(text)) return true;
  }
}

const COMPARATORS = ['=', '<>', '<=', '>=', '<', '>'];

function predicate(from: Reading, scope: Scope): string {
  const left = expression(from, scope);
  if (from.take('is', 'not', 'null')) return `${left.sql} is not null`;
  if (from.take('is', 'null')) return `${left.sql} is null`;
  const opposite = from.take('not') ? 'not ' : '';
  if (from.take('like')) {
    const pattern = expression(from, scope);
    const escapedBy = from.take('escape') ? expression(from, scope).sql : "''";
    const collation = left.collation ?? pattern.collation;
    return `${opposite}tds_like(${left.sql}, ${pattern.sql}, ${escapedBy}, ${folds(collation) ? 1 : 0})`;
  }
  if (from.take('in')) {
    from.expect('(');
    const all = list(from, scope);
    from.expect(')');
    const pairs = all.map((value) => alike(left, value));
    const [first] = pairs;
    const head = first === undefined ? key(left) : key(first[0]);
    return `${head} ${opposite}in (${pairs.map(([, value]) => key(value)).join(', ')})`;
  }
  const comparator = COMPARATORS.find((sign) => from.take(sign));
  if (comparator === undefined) throw new Problem(102, `Incorrect syntax near '${from.peek().text}'.`);
  const [a, b] = alike(left, expression(from, scope));
  return `${key(a)} ${comparator} ${key(b)}`;
}

function list(from: Reading, scope: Scope): readonly Piece[] {
  const all = [expression(from, scope)];
  while (from.take(',')) all.push(expression(from, scope));
  return all;
}

export function expression(from: Reading, scope: Scope): Piece {
  let left = collated(from, scope);
  for (;;) {
    if (from.take('+')) {
      const right = collated(from, scope);
      const texts = ['text', 'bytes'].includes(familyOf(left.type));
      const collation = left.collation ?? right.collation;
      left = {
        sql: texts ? `tds_join(${left.sql}, ${right.sql})` : `(${left.sql} + ${right.sql})`,
        type: left.type,
        ...(collation === undefined ? {} : { collation }),
      };
    } else {
      const sign = ['-', '*'].find((one) => from.take(one));
      if (sign === undefined) return left;
      left = { sql: `(${left.sql} ${sign} ${collated(from, scope).sql})`, type: left.type };
    }
  }
}

function collated(from: Reading, scope: Scope): Piece {
  let piece = operand(from, scope);
  while (from.take('collate')) piece = { ...piece, collation: from.name() };
  return piece;
}

function operand(from: Reading, scope: Scope): Piece {
  const word = from.next();
  switch (word.kind) {
    case 'text':
      return { sql: literal(word.text), type: VARCHAR };
    case 'number':
      return { sql: word.text, type: /[.e]/i.test(word.text) ? FLOAT : INT };
    case 'bytes':
      return { sql: `x'${word.text.length % 2 === 1 ? '0' : ''}${word.text}'`, type: VARBINARY };
    case 'parameter': {
      const type = scope.parameter(word.text);
      if (type === undefined) throw new Problem(137, `Must declare the scalar variable "${word.text}".`);
      return { sql: word.text.replace(/^@+/, ':p_'), type };
    }
    case 'sign':
      if (word.text === '(') {
        const inner = expression(from, scope);
        from.expect(')');
        return { ...inner, sql: `(${inner.sql})` };
      }
      if (word.text === '-') {
        const inner = operand(from, scope);
        return { ...inner, sql: `-${inner.sql}` };
      }
      break;
    case 'word':
      if (word.text.toLowerCase() === 'null') return { sql: 'null', type: NVARCHAR };
      if (from.peek().text === '(' && from.peek().kind === 'sign')
        return called(word.text.toLowerCase(), from, scope);
      return column(word.text, from, scope);
    case 'name':
      return column(word.text, from, scope);
    default:
  }
  throw new Problem(102, `Incorrect syntax near '${word.text}'.`);
}

function column(first: string, from: Reading, scope: Scope): Piece {
  let name = first;
  let schema = '';
  while (from.take('.')) {
    schema = name;
    name = from.name();
  }
  const returned = scope.routine?.(schema, name);
  if (returned !== undefined && from.take('(')) {
    const given = list(from, scope);
    from.expect(')');
    const all = [literal(`${schema}.${name}`), ...given.map(({ sql }) => sql)];
    return { sql: `tds_call(${all.join(', ')})`, type: returned };
  }
  const found = scope.column(name);
  if (found === undefined) throw new Problem(207, `Invalid column name '${name}'.`);
  return found;
}

function called(name: string, from: Reading, scope: Scope): Piece {
  from.expect('(');
  const piece = functionOf(name, from, scope);
  from.expect(')');
  return piece;
}

function functionOf(name: string, from: Reading, scope: Scope): Piece {
  switch (name) {
    case 'cast': {
      const inner = expression(from, scope);
      from.expect('as');
      return converted(inner, typeText(from));
    }
    case 'convert': {
      const type = typeText(from);
      from.expect(',');
      const inner = expression(from, scope);
      if (from.take(',')) from.next();
      return converted(inner, type);
    }
    case 'count':
    case 'count_big':
      if (!from.take('*')) expression(from, scope);
      return { sql: 'count(*)', type: name === 'count' ? INT : declaredType('bigint') };
    case 'nchar':
    case 'char':
      return { sql: `char(${expression(from, scope).sql})`, type: name === 'char' ? VARCHAR : NVARCHAR };
    case 'rtrim': {
      const inner = expression(from, scope);
      return { ...inner, sql: `rtrim(${inner.sql}, ' ')` };
    }
    case 'db_name':
      return { sql: 'tds_database()', type: NVARCHAR };
    case 'db_id':
      return { sql: '1', type: INT };
    case 'object_id':
      return { sql: `tds_object(${expression(from, scope).sql})`, type: INT };
    default:
      throw new Problem(195, `'${name}' is not a recognized built-in function name.`);
  }
}

function converted(inner: Piece, text: string): Piece {
  const type = declaredType(text);
  const own = declaredText(inner.type);
  const sql =
    familyOf(type) === 'text'
      ? `tds_shown(${inner.sql}, ${literal(own)})`
      : `tds_kept(${inner.sql}, ${literal(text)})`;
  return { sql, type, ...(inner.collation === undefined ? {} : { collation: inner.collation }) };
}

export function declaredText({ name, length, precision, scale }: Declared): string {
  if (/^(?:decimal|numeric)$/.test(name)) return `${name}(${precision},${scale})`;
  if (/^(?:time|datetime2|datetimeoffset)$/.test(name)) return `${name}(${scale})`;
  if (/char$|binary$/.test(name)) return `${name}(${length === Number.POSITIVE_INFINITY ? 'max' : length})`;
  return name;
}

/** A type as it stands: `decimal(9, 2)`. */
export function typeText(from: Reading): string {
  let text = from.name();
  if (from.take('.')) text = from.name();
  if (!from.take('(')) return text;
  const parts: string[] = [];
  do parts.push(from.next().text);
  while (from.take(','));
  from.expect(')');
  return `${text}(${parts.join(',')})`;
}
