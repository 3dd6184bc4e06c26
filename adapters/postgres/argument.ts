// Knows: the text with which PostgreSQL reads one of our values as a declared type.
// Must not know: statements, which cast the text to the type. What PostgreSQL would round or change is no argument.

import type { Value } from '#spi';
import type { Parameter } from '../sql/driver.ts';
import type { Column } from '../sql/table.ts';
import { knownType } from './types.ts';

export function argumentOf(column: Column, value: Value): Parameter | undefined {
  const { storage } = knownType(
    column.declared,
    column.type.kind === 'enum' ? column.type.values : undefined,
  );
  const text = storage === 'array' ? arrayText(value) : textOf(column, storage === 'boolean', value);
  return text === undefined ? undefined : { value: text, column };
}

function textOf({ type }: Column, flag: boolean, value: Value): string | Uint8Array | undefined {
  switch (type.kind) {
    case 'json':
      return plain(JSON.stringify(value));
    case 'bytes':
      return value instanceof Uint8Array ? value : undefined;
    case 'date':
    case 'time':
    case 'timestamp':
    case 'instant':
      return moment(value);
    default:
      if (typeof value === 'boolean') return flag ? String(value) : String(Number(value));
      if (typeof value === 'string') return plain(value);
      return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
  }
}

/** No text of PostgreSQL holds a NUL, and half of a character would be sent as another one. */
function plain(text: string): string | undefined {
  return text.includes('\0') || !text.isWellFormed() ? undefined : text;
}

/** Of years with four digits, and microseconds: finer ones would be rounded. */
function moment(value: Value): string | undefined {
  if (typeof value !== 'string' || /\.\d{7}/.test(value) || /^(?:0000-|[+-])/.test(value)) return undefined;
  return value;
}

/** A JSON array as the literal of an array: `{1,"a ""b""",NULL}`. */
function arrayText(value: Value): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item: Value) => itemText(item));
  return items.includes(undefined) ? undefined : `{${items.join(',')}}`;
}

function itemText(item: Value): string | undefined {
  if (item === null) return 'NULL';
  if (Array.isArray(item)) return arrayText(item);
  if (item instanceof Uint8Array) return undefined;
  const text = plain(typeof item === 'object' ? JSON.stringify(item) : String(item));
  return text === undefined ? undefined : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
