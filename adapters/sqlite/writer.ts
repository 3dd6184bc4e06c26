// Knows: how a value is written into a column of SQLite so that it is read as the same value again.
// Must not know: SQL, connections. What a column makes of a value: section 3 of https://www.sqlite.org/datatype3.html.

import { digitsOf, rescale, type Value } from '#spi';
import type { Writer } from '../sql/dialect.ts';
import type { Parameter } from '../sql/driver.ts';
import type { Column } from '../sql/table.ts';
import { decoderOf } from './cells.ts';
import { type Affinity, affinityOf } from './types.ts';

type Bound = Parameter['value'];

/** Undefined where the column turns values of its meaning into others. */
export function writerOf(column: Column): Writer | undefined {
  const affinity = affinityOf(column.declared);
  const bind = bindOf(column, affinity);
  if (bind === undefined) return undefined;
  const decode = decoderOf(column.type, false);
  const { type } = column;
  return (value) => {
    const stored = bind(value);
    if (stored === undefined) return undefined;
    const same =
      type.kind === 'decimal' && typeof value === 'string' ? rescale(value, type.scale ?? 0) : value;
    const kept = affinity === 'real' && typeof stored === 'bigint' ? Number(stored) : stored;
    return type.kind === 'bytes' || decode(kept) === same ? { value: stored, column } : undefined;
  };
}

function bindOf({ type }: Column, affinity: Affinity): ((value: Value) => Bound | undefined) | undefined {
  const text = affinity === 'text' || affinity === 'blob';
  switch (type.kind) {
    case 'boolean':
    case 'int32':
    case 'int64':
      return affinity === 'text' || affinity === 'real' ? undefined : integer;
    case 'float64':
      // It has no NaN, and keeps null instead.
      return affinity === 'text'
        ? undefined
        : (value) => (typeof value === 'number' && !Number.isNaN(value) ? value : undefined);
    case 'decimal':
      return (value) => (typeof value !== 'string' ? undefined : text ? value : number(value));
    case 'bytes':
      return (value) => (value instanceof Uint8Array ? value : undefined);
    case 'timestamp':
    case 'instant':
      return (value) => (typeof value === 'string' ? value.replace('T', ' ') : undefined);
    case 'date':
    case 'time':
      return (value) => (typeof value === 'string' ? value : undefined);
    case 'string':
    case 'enum':
    case 'json':
      // What reads as a number would become one, and lose its zeros.
      return (value) => (typeof value === 'string' && (text || !NUMERAL.test(value)) ? value : undefined);
  }
}

const NUMERAL = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;

function integer(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? BigInt(value) : undefined;
}

/** An integer where it is one and has 64 bits, else the nearest binary fraction. */
function number(value: string): bigint | number {
  const [, fraction] = digitsOf(value);
  const whole = fraction === 0 ? BigInt(value.replace(/\..*$/, '')) : undefined;
  return whole !== undefined && BigInt.asIntN(64, whole) === whole ? whole : Number(value);
}
