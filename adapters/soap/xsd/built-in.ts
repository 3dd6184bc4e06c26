// Knows: every built-in simple type of XML Schema 1.0 and 1.1 (part 2, section 3): the model's scalar and how values are written.
// Must not know: elements, facets, documents.

import { parseDecimal, type Scalar } from '#spi';
import { resolveName } from '../xml/element.ts';
import type { Lexical, TimeReading } from './lexical.ts';
import { dateLexical, dateTimeLexical, TEXT_TIMES, textLexical, timeLexical } from './times.ts';

const STRING: Scalar = { kind: 'string' };

/** `preserve`, `replace` or `collapse` (section 4.3.6). */
export type WhiteSpace = 'preserve' | 'replace' | 'collapse';

export function spaced(text: string, how: WhiteSpace): string {
  if (how === 'preserve') return text;
  const replaced = text.replace(/[\t\n\r]/g, ' ');
  return how === 'replace' ? replaced : replaced.replace(/ +/g, ' ').replace(/^ | $/g, '');
}

function words(how: WhiteSpace, pattern?: RegExp, expected?: string): Lexical {
  const keep = (text: string): string | undefined => {
    const own = spaced(text, how);
    return pattern === undefined || pattern.test(own) ? own : undefined;
  };
  return {
    type: STRING,
    parse: keep,
    // What would not come back as it went is refused instead of changed.
    print: (value) => (typeof value === 'string' && keep(value) === value ? value : undefined),
    ...(expected === undefined ? {} : { expected }),
  };
}

const INTEGER = /^[+-]?\d+$/;

function wholeNumber(text: string): bigint | undefined {
  const trimmed = text.trim();
  return INTEGER.test(trimmed) ? BigInt(trimmed.replace(/^\+/, '')) : undefined;
}

function bounded(min: bigint | undefined, max: bigint | undefined): (value: bigint) => boolean {
  return (value) => (min === undefined || value >= min) && (max === undefined || value <= max);
}

const INT32_MIN = -(2n ** 31n);
const INT32_MAX = 2n ** 31n - 1n;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** A whole number in the narrowest scalar that holds all of its type. */
function integer(min: bigint | undefined, max: bigint | undefined): Lexical {
  const fits = bounded(min, max);
  const type = integerType(min, max);
  const read = (text: string): bigint | undefined => {
    const value = wholeNumber(text);
    return value !== undefined && fits(value) ? value : undefined;
  };
  return {
    type,
    parse: (text) => {
      const value = read(text);
      if (value === undefined) return undefined;
      return type.kind === 'int32' ? Number(value) : type.kind === 'int64' ? value : value.toString();
    },
    print: (value) => {
      const whole =
        typeof value === 'number' && !Number.isSafeInteger(value) ? undefined : read(String(value));
      return whole?.toString();
    },
    expected: rangeText(min, max),
  };
}

function integerType(min: bigint | undefined, max: bigint | undefined): Scalar {
  if (min !== undefined && max !== undefined) {
    if (min >= INT32_MIN && max <= INT32_MAX) return { kind: 'int32' };
    if (min >= INT64_MIN && max <= INT64_MAX) return { kind: 'int64' };
  }
  return { kind: 'decimal', scale: 0 };
}

function rangeText(min: bigint | undefined, max: bigint | undefined): string {
  if (min === undefined) return max === undefined ? 'a whole number' : `a whole number of at most ${max}`;
  return max === undefined ? `a whole number of at least ${min}` : `a whole number from ${min} to ${max}`;
}

const DECIMAL: Lexical = {
  type: { kind: 'decimal' },
  parse: (text) => parseDecimal(text.trim()),
  print: (value) => (typeof value === 'string' ? parseDecimal(value) : undefined),
};

const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** `INF`, `-INF` and `NaN` are spelt so (section 3.2.4). `single`: what 32 bits do not hold is refused, and printed as short as they allow. */
function float(single: boolean): Lexical {
  return {
    type: { kind: 'float64' },
    parse: (text) => {
      const own = text.trim();
      if (own === 'INF' || own === '+INF') return Number.POSITIVE_INFINITY;
      if (own === '-INF') return Number.NEGATIVE_INFINITY;
      if (own === 'NaN') return Number.NaN;
      return FLOAT.test(own) ? Number(own) : undefined;
    },
    print: (value) => {
      if (typeof value !== 'number') return undefined;
      if (Number.isNaN(value)) return 'NaN';
      if (!Number.isFinite(value)) return value > 0 ? 'INF' : '-INF';
      if (single && !Number.isFinite(Math.fround(value))) return undefined;
      return Object.is(value, -0) ? '-0' : String(value);
    },
  };
}

const BOOLEAN: Lexical = {
  type: { kind: 'boolean' },
  parse: (text) => {
    const own = text.trim();
    if (own === 'true' || own === '1') return true;
    return own === 'false' || own === '0' ? false : undefined;
  },
  print: (value) => (typeof value === 'boolean' ? String(value) : undefined),
};

function bytes(decode: (text: string) => Uint8Array, encode: (bytes: Uint8Array) => string): Lexical {
  return {
    type: { kind: 'bytes' },
    parse: (text) => {
      try {
        return decode(text);
      } catch {
        return undefined;
      }
    },
    print: (value) => (value instanceof Uint8Array ? encode(value) : undefined),
  };
}

/** `{uri}local`; the prefix that the text needs is the encoder's business. */
const QNAME: Lexical = {
  type: STRING,
  parse: (text, scope) => {
    const name = resolveName(text.trim(), scope);
    if (name === undefined || !/^[\p{L}_][\p{L}\p{N}\p{M}._·-]*$/u.test(name.local)) return undefined;
    return name.uri === '' ? name.local : `{${name.uri}}${name.local}`;
  },
  print: (value) =>
    typeof value === 'string' && /^(?:\{[^{}\s]+\})?[\p{L}_][\p{L}\p{N}\p{M}._·-]*$/u.test(value)
      ? value
      : undefined,
  expected: 'a name, with its namespace in braces before it: {urn:example}name',
};

const NCNAME = /^[\p{L}_][\p{L}\p{N}\p{M}._·-]*$/u;

const FIXED: Readonly<Record<string, Lexical>> = {
  string: words('preserve'),
  anySimpleType: words('preserve'),
  anyAtomicType: words('preserve'),
  untypedAtomic: words('preserve'),
  normalizedString: words('replace', undefined, 'text without tabs and line ends'),
  token: words('collapse', undefined, 'text with single blanks between words'),
  language: words('collapse', /^[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*$/, 'a language such as de-CH'),
  NMTOKEN: words('collapse', /^[\p{L}\p{N}\p{M}._:·-]+$/u, 'a name token'),
  Name: words('collapse', /^[\p{L}_:][\p{L}\p{N}\p{M}._:·-]*$/u, 'an XML name'),
  NCName: words('collapse', NCNAME, 'an XML name without a colon'),
  ID: words('collapse', NCNAME, 'an XML name without a colon'),
  IDREF: words('collapse', NCNAME, 'an XML name without a colon'),
  ENTITY: words('collapse', NCNAME, 'an XML name without a colon'),
  anyURI: words('collapse'),
  QName: QNAME,
  NOTATION: QNAME,
  boolean: BOOLEAN,
  decimal: DECIMAL,
  precisionDecimal: textLexical((text) => FLOAT.test(text) || /^(?:[+-]?INF|NaN)$/.test(text), 'a number'),
  integer: integer(undefined, undefined),
  nonPositiveInteger: integer(undefined, 0n),
  negativeInteger: integer(undefined, -1n),
  nonNegativeInteger: integer(0n, undefined),
  positiveInteger: integer(1n, undefined),
  long: integer(INT64_MIN, INT64_MAX),
  int: integer(INT32_MIN, INT32_MAX),
  short: integer(-32_768n, 32_767n),
  byte: integer(-128n, 127n),
  unsignedLong: integer(0n, 2n ** 64n - 1n),
  unsignedInt: integer(0n, 2n ** 32n - 1n),
  unsignedShort: integer(0n, 65_535n),
  unsignedByte: integer(0n, 255n),
  float: float(true),
  double: float(false),
  hexBinary: bytes(
    (text) => Uint8Array.fromHex(text.trim()),
    (value) => value.toHex().toUpperCase(),
  ),
  base64Binary: bytes(
    (text) => Uint8Array.fromBase64(text, { lastChunkHandling: 'strict' }),
    (value) => value.toBase64(),
  ),
  ...TEXT_TIMES,
};

const TIMES: Readonly<Record<string, (reading: TimeReading) => Lexical>> = {
  dateTime: dateTimeLexical,
  dateTimeStamp: (reading) =>
    dateTimeLexical({ ...reading, dateTime: reading.dateTime === 'text' ? 'text' : 'instant' }),
  date: dateLexical,
  time: timeLexical,
};

export const builtInNames: ReadonlySet<string> = new Set([...Object.keys(FIXED), ...Object.keys(TIMES)]);

/** A built-in simple type by its local name; undefined for another name. */
export function builtIn(local: string, reading: TimeReading): Lexical | undefined {
  const time = Object.hasOwn(TIMES, local) ? TIMES[local] : undefined;
  if (time !== undefined) return time(reading);
  return Object.hasOwn(FIXED, local) ? FIXED[local] : undefined;
}

const LISTS: Readonly<Record<string, string>> = { NMTOKENS: 'NMTOKEN', IDREFS: 'IDREF', ENTITIES: 'ENTITY' };

/** What the built-in list types hold. */
export function listItemOf(local: string): string | undefined {
  return Object.hasOwn(LISTS, local) ? LISTS[local] : undefined;
}
