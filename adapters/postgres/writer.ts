// Knows: which values a column of PostgreSQL keeps as they are, and how they are written into it: without a cast, so that the
// server takes them for the column's own type and refuses what is too long, where a cast would cut it.
// Must not know: statements, connections.

import { digitsOf, rescale, toJson, toScaled, type Value } from '#spi';
import type { Writer } from '../sql/dialect.ts';
import type { Parameter } from '../sql/driver.ts';
import { isHeldIn32Bits } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import { type KnownType, knownType } from './types.ts';

const NUMBERS = new Set(['int32', 'int64', 'decimal']);

/** Undefined where the column's values mean something else here, or depend on settings of the server. */
export function writerOf(column: Column): Writer | undefined {
  const { type, declared, padded } = column;
  const own = knownType(declared, type.kind === 'enum' ? type.values : undefined);
  const meantSo = own.type.kind === type.kind || (own.storage === 'numeric' && NUMBERS.has(type.kind));
  const write = meantSo && own.padded === padded ? writeOf(declared, own) : undefined;
  if (write === undefined) return undefined;
  return (value) => {
    const written = write(value);
    return written === undefined ? undefined : { value: written, column };
  };
}

type Write = (value: Value) => Exclude<Parameter['value'], null> | undefined;

function writeOf(declared: string, own: KnownType): Write | undefined {
  switch (own.storage) {
    case 'integer':
      return (value) => {
        if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
        return SMALL.test(declared) && BigInt.asIntN(16, BigInt(value)) !== BigInt(value) ? undefined : value;
      };
    case 'numeric':
      return (value) => numeric(String(value), declared, own);
    case 'real':
      return (value) => (typeof value === 'number' && isHeldIn32Bits(value) ? value : undefined);
    case 'double':
      return (value) => (typeof value === 'number' ? value : undefined);
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : undefined);
    case 'bytea':
      return (value) => (value instanceof Uint8Array ? value : undefined);
    case 'date':
    case 'time':
    case 'timestamp':
    case 'timestamptz': {
      const digits = Number(/\((\d)\)/.exec(declared)?.[1] ?? 6);
      return (value) => moment(value, digits, own.storage !== 'time');
    }
    case 'uuid':
      return (value) => (typeof value === 'string' && UUID.test(value) ? value : undefined);
    case 'text':
    case 'bpchar':
    case 'citext':
    case 'enum': {
      const longest = own.type.kind === 'string' ? own.type.length : undefined;
      return (value) => {
        const text = sound(value);
        const long = text !== undefined && longest !== undefined && [...text].length > longest;
        return long || (declared === 'name' && bytesOf(text) > NAME_BYTES) ? undefined : text;
      };
    }
    case 'json':
      return (value) => JSON.stringify(toJson({ kind: 'json' }, value));
    case 'other':
      // These are cut or rounded without a word.
      if (CUT.test(declared)) return undefined;
      return declared === '"char"'
        ? (value) => (bytesOf(sound(value)) === 1 ? sound(value) : undefined)
        : sound;
    // How many digits a sum of money has is a setting of the server.
    case 'money':
    case 'array':
      return undefined;
  }
}

const SMALL = /^(?:smallint|int2)$/;
const CUT = /^(?:interval\b.+|(?!bit).*\(\d+\)(?: with(?:out)? time zone)?)$/;
const NAME_BYTES = 63;
/** The one form in which a UUID is shown. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A numeric has no more than 16383 digits behind its point and 131072 before it; a negative scale rounds before the point. */
function numeric(value: string, declared: string, { type }: KnownType): string | undefined {
  const [whole, fraction] = digitsOf(value);
  if (whole > 100_000 || fraction > 16_000 || type.kind !== 'decimal') return undefined;
  if (type.scale === undefined) return value;
  const [, zeros] = /,-(\d+)\)$/.exec(declared) ?? [];
  if (zeros !== undefined && (toScaled(value, 0) ?? 1n) % 10n ** BigInt(zeros) !== 0n) return undefined;
  return rescale(value, type.scale);
}

/** Years 1 to 9999 are read as they stand; finer fractions than the column's would be rounded. */
function moment(value: Value, digits: number, dated: boolean): string | undefined {
  if (typeof value !== 'string' || (dated && !/^(?!0000)\d{4}-/.test(value))) return undefined;
  const [, fraction = ''] = /\.(\d+)/.exec(value) ?? [];
  return fraction.length <= digits ? value : undefined;
}

/** A text that PostgreSQL can hold. */
function sound(value: Value): string | undefined {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0') ? value : undefined;
}

function bytesOf(text: string | undefined): number {
  return text === undefined ? 0 : new TextEncoder().encode(text).length;
}
