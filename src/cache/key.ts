// Knows: what makes two questions the same question.
// Must not know: what is kept under a key.

import type { Value } from '../model/value.ts';
import type { Ask, Query } from '../spi.ts';

/** Stands before what JSON has no form for, and before a text that begins with it. */
const MARK = '\u0000';

/** Text of data that holds values: equal for equal data, different for different data, infinities and bytes included. */
function textOf(data: unknown): string {
  return JSON.stringify(data, (_name, value: unknown) => {
    switch (typeof value) {
      case 'string':
        return value.startsWith(MARK) ? `${MARK}s${value}` : value;
      case 'bigint':
        return `${MARK}i${value}`;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : `${MARK}n${Object.is(value, -0) ? '-0' : value}`;
      default:
        return value instanceof Uint8Array ? `${MARK}b${value.toBase64()}` : value;
    }
  });
}

const texts = new WeakMap<Query, string>();

/** A query that is asked again is mostly the same object. */
export function queryText(query: Query): string {
  const known = texts.get(query);
  if (known !== undefined) return known;
  const { collection, where, order, version } = query;
  const text = textOf([collection, where, order, version]);
  texts.set(query, text);
  return text;
}

/**
 * Of a read: what restricts its rows is in it, also where it comes from the rights of who asks, and so is every field that is answered. Who
 * asks is not: callers who may see the same get the same answer.
 */
export function readKey(query: Query, { fields, json, limit }: Ask): string {
  return `${textOf([fields, json, limit])}${queryText(query)}`;
}

export function callKey(operation: string, input: Readonly<Record<string, Value>>): string {
  return textOf([operation, input]);
}
