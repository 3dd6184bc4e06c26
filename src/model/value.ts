// Knows: the JavaScript value of each type, its one JSON form and its text, and the way back.
// Must not know: where values come from, how they compare. No JavaScript Date, no decimal in a number.

import { Fault } from '../fault.ts';
import { digitsOf, parseDecimal, rescale } from './decimal.ts';
import { type Field, type Scalar, type Type, typeText } from './type.ts';

/**
 * int32, float64: number · int64: bigint · decimal: canonical text (`decimal`) with the scale of its type ·
 * date `2024-02-29`, time `23:59:59.5`, timestamp `2024-02-29T23:59:59.5`, instant the same in UTC with `Z`:
 * canonical ISO text, no trailing zeros in the fraction · bytes: Uint8Array · string, enum: string.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value };

/** A value in a row, or the fault that says why the field could not be decoded. */
export type Cell =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Fault
  | readonly Cell[]
  | { readonly [name: string]: Cell };

/** Member of a union's row, and of its JSON, that holds the tag of the union's member. No API name has an `@`. */
export const TAG = '@type';

/** API field name → cell. */
export type Row = { readonly [name: string]: Cell };

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The cell at a dotted path; null inside a null group. A fault on the way is the answer. */
export function cellAt(row: Row, path: string): Cell {
  if (!path.includes('.')) return memberOf(row, path) ?? null;
  let cell: Cell = row;
  for (const step of path.split('.')) {
    if (!isRecord(cell)) return cell instanceof Fault ? cell : null;
    cell = memberOf(cell, step) ?? null;
  }
  return cell;
}

/** The group's own member: a field may be called `constructor`, which every object inherits. */
export function memberOf(group: Row, name: string): Cell | undefined {
  return Object.hasOwn(group, name) ? group[name] : undefined;
}

/** The scalar at a dotted path; a field that could not be decoded throws its fault. */
export function valueAt(row: Row, path: string): Value {
  return settled(cellAt(row, path));
}

/** The cell without faults in it; the first fault found is thrown. */
export function settled(cell: Cell): Value {
  if (cell instanceof Fault) throw cell;
  if (isList(cell)) return cell.map(settled);
  if (isRecord(cell)) {
    return Object.fromEntries(Object.entries(cell).map(([name, inner]) => [name, settled(inner)]));
  }
  if (cell === null || typeof cell !== 'object' || cell instanceof Uint8Array) return cell;
  throw new TypeError('not a cell');
}

/** `Array.isArray` for the readonly lists of cells. */
export function isList(cell: Cell): cell is readonly Cell[] {
  return Array.isArray(cell);
}

/** True for a group; false for null, scalars, bytes, lists and faults. */
export function isRecord(cell: Cell): cell is { readonly [name: string]: Cell } {
  return (
    typeof cell === 'object' &&
    cell !== null &&
    !isList(cell) &&
    !(cell instanceof Uint8Array) &&
    !(cell instanceof Fault)
  );
}

/** The one JSON form of a value, for both surfaces. Throws the fault of a cell that could not be decoded. */
export function toJson(type: Type, cell: Cell): Json {
  if (cell instanceof Fault) throw cell;
  if (cell === null) return null;
  switch (type.kind) {
    case 'int64':
      return String(cell);
    case 'bytes':
      return cell instanceof Uint8Array ? cell.toBase64() : mismatch(type, cell);
    case 'list':
      return isList(cell) ? cell.map((element) => toJson(type.of, element)) : mismatch(type, cell);
    case 'object': {
      if (!isRecord(cell)) return mismatch(type, cell);
      return membersToJson(type.fields, cell);
    }
    case 'union': {
      if (!isRecord(cell)) return mismatch(type, cell);
      const member = type.of.find((candidate) => candidate.tag === cell[TAG]);
      return member === undefined
        ? mismatch(type, cell)
        : { [TAG]: member.tag, ...membersToJson(member.fields, cell) };
    }
    case 'json':
      return plain(cell);
    case 'float64':
      // JSON has no NaN and no infinity; a source that holds one says so as text rather than as null.
      return typeof cell === 'number' && !Number.isFinite(cell) ? String(cell) : plain(cell);
    default:
      return plain(cell);
  }
}

/** A group's members that are there, in declared order. */
function membersToJson(fields: readonly Field[], group: Row): { readonly [name: string]: Json } {
  const out: Record<string, Json> = {};
  for (const { name, type } of fields) {
    const cell = memberOf(group, name);
    if (cell !== undefined) setMember(out, name, toJson(type, cell));
  }
  return out;
}

/** Assigning to `__proto__` would set the prototype; every other name is assigned, which is quicker. */
function setMember(out: Record<string, Json>, name: string, json: Json): void {
  if (name !== '__proto__') out[name] = json;
  else
    Object.defineProperty(out, name, { value: json, enumerable: true, writable: true, configurable: true });
}

function plain(cell: Cell): Json {
  const value = settled(cell);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return value.toBase64();
  if (isList(value)) return value.map(plain);
  if (isRecord(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  }
  return value === null || typeof value !== 'object' ? value : null;
}

function mismatch(type: Type, cell: Cell): never {
  throw new Fault('internal', `A value does not have its declared type ${typeText(type)}`, {
    cause: new TypeError(`got ${typeof cell}`),
  });
}

const INTEGER = /^[+-]?\d+$/;
const INT32 = { min: -2_147_483_648n, max: 2_147_483_647n } as const;
const INT64 = { min: -(2n ** 63n), max: 2n ** 63n - 1n } as const;

/**
 * Text → value, for filter literals, key segments of a URL and cursors. Undefined if the text is no value of
 * the type; a number that the type cannot hold is none either.
 */
export function parseScalar(type: Scalar, text: string): Value | undefined {
  switch (type.kind) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined;
    case 'int32':
      return within(text, INT32) === undefined ? undefined : Number(text);
    case 'int64':
      return within(text, INT64);
    case 'float64': {
      const number = text.trim() === '' ? Number.NaN : Number(text);
      // What is too large for it would become infinity in silence.
      const beyond = !Number.isFinite(number) && /\d/.test(text);
      return Number.isNaN(number) || beyond ? undefined : number;
    }
    case 'decimal': {
      // Filters may compare with finer numbers than the field holds, so the literal keeps its own scale.
      const decimal = parseDecimal(text);
      if (decimal === undefined || type.scale === undefined) return decimal;
      return rescale(decimal, type.scale) ?? decimal;
    }
    case 'date':
    case 'time':
    case 'timestamp':
    case 'instant':
      return parseTemporal(type.kind, text);
    case 'bytes':
      return parseBase64(text);
    case 'enum':
      return type.values.includes(text) ? text : undefined;
    case 'string':
      return text;
    case 'json':
      return undefined;
  }
}

function within(text: string, range: { readonly min: bigint; readonly max: bigint }): bigint | undefined {
  if (!INTEGER.test(text) || text.length > 25) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return value >= range.min && value <= range.max ? value : undefined;
}

function parseBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    return undefined;
  }
}

type TemporalKind = 'date' | 'time' | 'timestamp' | 'instant';

const DAY = String.raw`\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])`;
const CLOCK = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{0,8}[1-9])?`;

/** What `Temporal` would give back as it is: each year has these days. Sources send little else. */
const CANONICAL: Readonly<Record<TemporalKind, RegExp>> = {
  date: new RegExp(`^${DAY}$`),
  time: new RegExp(`^${CLOCK}$`),
  timestamp: new RegExp(`^${DAY}T${CLOCK}$`),
  instant: new RegExp(`^${DAY}T${CLOCK}Z$`),
};

/** Canonical ISO text, or undefined: days and times that do not exist are refused, not moved. */
export function parseTemporal(kind: TemporalKind, text: string): string | undefined {
  if (CANONICAL[kind].test(text)) return text;
  // `Temporal` accepts more than ISO's plain forms (calendars, zones in brackets); the plain forms are ours.
  // It also takes a leap second for the second before it, which would move a time in silence.
  if (!/^[\d:T.Z+-]+$/.test(text) || /:\d\d:60/.test(text)) return undefined;
  const zoned = /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  try {
    switch (kind) {
      case 'date':
        return /^[+-]?\d{4,6}-\d\d-\d\d$/.test(text) ? Temporal.PlainDate.from(text).toString() : undefined;
      case 'time':
        return /^\d\d:/.test(text) ? Temporal.PlainTime.from(text).toString() : undefined;
      case 'timestamp':
        return zoned ? undefined : Temporal.PlainDateTime.from(text).toString();
      case 'instant':
        return Temporal.Instant.from(text).toString();
    }
  } catch {
    return undefined;
  }
}

/**
 * JSON → value, for GraphQL variables and request bodies. A JSON number is taken for an exact decimal or a
 * 64-bit integer only while JavaScript's reading of it is certain to be what was written.
 */
export function fromJson(type: Scalar, json: unknown): Value | undefined {
  if (json === null) return null;
  if (typeof json === 'bigint') return parseScalar(type, json.toString());
  if (typeof json === 'boolean') return type.kind === 'boolean' ? json : undefined;
  if (typeof json === 'number') {
    switch (type.kind) {
      case 'int32':
      case 'int64':
        return Number.isSafeInteger(json) ? parseScalar(type, String(json)) : undefined;
      case 'float64':
        // 1e400 was too large for JavaScript.
        return Number.isFinite(json) ? json : undefined;
      case 'decimal': {
        const decimal = parseDecimal(String(json));
        if (decimal === undefined) return undefined;
        const [whole, fraction] = digitsOf(decimal);
        return whole + fraction <= 15 ? parseScalar(type, decimal) : undefined;
      }
      default:
        return undefined;
    }
  }
  if (typeof json !== 'string') return undefined;
  return type.kind === 'boolean' ? undefined : parseScalar(type, json);
}

/** Canonical text of a scalar: `parseScalar` reads it back. Equal values of one family give equal text. */
export function scalarText(type: Scalar, value: Value): string {
  if (value instanceof Uint8Array) return value.toBase64();
  const text = String(value);
  if (type.kind !== 'decimal') return text;
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
