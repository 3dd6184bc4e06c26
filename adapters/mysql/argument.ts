// Knows: how one of our values goes to MySQL and MariaDB as an argument that is declared with a type: the server converts it as it
// does for a column. Must not know: statements. What the server would round or change is no argument.

import type { Value } from '#spi';
import type { Column } from '../sql/table.ts';
import type { TypedParameter } from '../sql/typed-parameter.ts';
import { type KnownType, knownType } from './types.ts';

export function argumentOf(column: Column, value: Value): TypedParameter | undefined {
  const { type } = column;
  if (type.kind === 'json') return textual(column, JSON.stringify(value));
  if (typeof value === 'boolean') return integral(column, BigInt(value));
  if (typeof value === 'bigint') return integral(column, value);
  if (typeof value === 'number') {
    if (type.kind !== 'float64') return Number.isInteger(value) ? integral(column, BigInt(value)) : undefined;
    return Number.isFinite(value) ? { value, column } : undefined;
  }
  if (value instanceof Uint8Array) return { value, column };
  if (typeof value !== 'string') return undefined;
  const own = knownType(column.declared);
  if (own.storage === 'unsigned' && /^\d+$/.test(value)) return integral(column, BigInt(value));
  switch (type.kind) {
    case 'date':
    case 'time':
    case 'timestamp':
    case 'instant':
      return moment(column, own, value);
    default:
      return textual(column, value);
  }
}

function integral(column: Column, value: bigint): TypedParameter | undefined {
  if (BigInt.asIntN(64, value) === value) return { value, column, sqlType: 'signed' };
  return BigInt.asUintN(64, value) === value ? { value, column, sqlType: 'unsigned' } : undefined;
}

/** Half of a character would be sent as another one. */
function textual(column: Column, value: string): TypedParameter | undefined {
  return value.isWellFormed() ? { value, column } : undefined;
}

/** Years of four digits, and as many digits of a second as are declared: more would be rounded. */
function moment(column: Column, { storage }: KnownType, value: string): TypedParameter | undefined {
  const digits = /\.(\d+)/.exec(value)?.[1]?.length ?? 0;
  const timed = storage === 'time' || storage === 'datetime' || storage === 'timestamp';
  const kept = timed ? Number(/\((\d)\)/.exec(column.declared)?.[1] ?? 0) : digits;
  if (digits > kept || /^(?:0000-|[+-])/.test(value)) return undefined;
  return { value: value.replace('T', ' ').replace(/Z$/, ''), column };
}
