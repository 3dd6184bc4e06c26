// Knows: how a key and the values of a change hold the same fields: by dotted paths, and nested.
// Must not know: records, files.

import { isRecord, type Operand, type Value } from '#spi';
import type { Values } from './record.ts';

/** The value at a dotted path; null where there is none. */
export function keyValue(values: Values, path: string): Value {
  let value: Value = values;
  for (const step of path.split('.')) {
    if (!isValues(value)) return null;
    value = Object.hasOwn(value, step) ? (value[step] ?? null) : null;
  }
  return value;
}

/** The values with the key among them, unless they say something about it themselves. */
export function withKey(values: Values, fields: readonly Operand[], key: readonly Value[]): Values {
  return fields.reduce((all, { field }, i) => put(all, field.split('.'), key[i] ?? null), values);
}

function put(values: Values, [step = '', ...rest]: readonly string[], value: Value): Values {
  const held = Object.hasOwn(values, step) ? values[step] : undefined;
  if (rest.length === 0) return held === undefined ? { ...values, [step]: value } : values;
  const group = held !== undefined && isValues(held) ? held : {};
  return { ...values, [step]: put(group, rest, value) };
}

function isValues(value: Value): value is Values {
  return isRecord(value);
}
