// Knows: the text with which PostgreSQL reads one of our values as an argument of a declared type: what a column of the type would be
// written with, and beyond that lists, money, and types that the configuration means otherwise.
// Must not know: statements, which cast the text to the type. What PostgreSQL would round or change is no argument.

import type { Value } from '#spi';
import type { Parameter } from '../sql/driver.ts';
import type { Column } from '../sql/table.ts';
import { knownType } from './types.ts';
import { writerOf } from './writer.ts';

export function argumentOf(column: Column, value: Value): Parameter | undefined {
  const { storage } = knownType(
    column.declared,
    column.type.kind === 'enum' ? column.type.values : undefined,
  );
  const write = writerOf(column);
  if (write !== undefined) return write(value);
  const text = storage === 'array' ? arrayText(value) : textOf(storage === 'boolean', value);
  return text === undefined ? undefined : { value: text, column };
}

/** `flag`: the database has a boolean there, otherwise it is a number. */
function textOf(flag: boolean, value: Value): string | Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'boolean' && !flag) return String(Number(value));
  if (typeof value === 'string') return plain(value);
  return typeof value === 'object' ? plain(JSON.stringify(value)) : String(value);
}

/** No text of PostgreSQL holds a NUL, and half of a character would be sent as another one. */
function plain(text: string): string | undefined {
  return text.includes('\0') || !text.isWellFormed() ? undefined : text;
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
