// How values of the database are kept in SQLite, so that it compares and sorts them as SQL Server does: decimals as texts that sort by
// value, moments as ISO texts with seven digits, GUIDs in capitals; and the texts that CONVERT makes of them.

import { type Declared, familyOf } from './declared.ts';

export type Kept = null | bigint | number | string | Uint8Array;

const WIDE = 40;

/** A decimal as a text of fixed width: sign, then digits, which are turned round for negative numbers. */
export function decimalKey(text: string, scale: number): string {
  const [, sign = '', whole = '', fraction = ''] = /^([-+]?)(\d*)\.?(\d*)$/.exec(text.trim()) ?? [];
  if (whole === '' && fraction === '')
    throw new Problem(8114, 'Error converting data type varchar to numeric.');
  const unit = 10n ** BigInt(WIDE - scale);
  const exact = BigInt(whole + fraction.padEnd(WIDE, '0').slice(0, WIDE));
  const rounded = ((exact + unit / 2n) / unit) * unit;
  const digits = rounded.toString().padStart(WIDE * 2, '0');
  const negative = sign === '-' && rounded !== 0n;
  return negative ? `0${digits.replace(/\d/g, (digit) => String(9 - Number(digit)))}` : `1${digits}`;
}

export function decimalText(key: string, scale: number): string {
  const negative = key.startsWith('0');
  const digits = negative ? key.slice(1).replace(/\d/g, (digit) => String(9 - Number(digit))) : key.slice(1);
  const whole = digits.slice(0, WIDE).replace(/^0+(?=\d)/, '');
  const fraction = digits.slice(WIDE, WIDE + scale);
  return `${negative ? '-' : ''}${whole}${scale === 0 ? '' : `.${fraction}`}`;
}

/** An error as SQL Server numbers it. */
export class Problem extends Error {
  readonly number: number;
  constructor(number: number, message: string) {
    super(message);
    this.number = number;
  }
}

/** A value as a column or CAST of this type keeps it. */
export function kept(value: unknown, type: Declared): Kept {
  if (value === null || value === undefined) return null;
  switch (familyOf(type)) {
    case 'decimal':
      return isDecimalKey(value)
        ? decimalKey(decimalText(value, WIDE), type.scale)
        : decimalKey(plain(value), type.scale);
    case 'integer':
      return integer(value, type);
    case 'float':
      return type.name === 'real' ? Math.fround(Number(value)) : Number(value);
    case 'moment':
      return moment(String(value), type);
    case 'guid':
      return String(value).toUpperCase();
    case 'bytes':
      return value instanceof Uint8Array
        ? padded(cut(value, type), type)
        : new TextEncoder().encode(String(value));
    case 'text': {
      const text = shown(value, undefined);
      if (text.length > type.length && !/text$|^xml$/.test(type.name)) {
        throw new Problem(8152, 'String or binary data would be truncated.');
      }
      return /^n?char$/.test(type.name) ? text.padEnd(type.length) : text;
    }
    case 'other':
      return value instanceof Uint8Array ? value : String(value);
  }
}

function plain(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(20) : String(value);
}

export function isDecimalKey(value: unknown): value is string {
  return typeof value === 'string' && value.length === WIDE * 2 + 1 && /^[01]\d+$/.test(value);
}

const LIMITS: Readonly<Record<string, bigint>> = { tinyint: 8n, smallint: 15n, int: 31n, bigint: 63n };

function integer(value: unknown, { name }: Declared): bigint {
  if (name === 'bit') return value === 0 || value === 0n || value === '0' || value === false ? 0n : 1n;
  const number = typeof value === 'boolean' ? BigInt(value) : BigInt(String(value).trim());
  const bits = LIMITS[name] ?? 63n;
  const low = name === 'tinyint' ? 0n : -(2n ** bits);
  if (number < low || number >= 2n ** bits) throw new Problem(8115, 'Arithmetic overflow error.');
  return number;
}

function cut(value: Uint8Array, type: Declared): Uint8Array {
  return value.length > type.length && type.name !== 'image' ? value.slice(0, type.length) : value;
}

function padded(value: Uint8Array, type: Declared): Uint8Array {
  if (type.name !== 'binary' || value.length >= type.length) return value;
  const full = new Uint8Array(type.length);
  full.set(value);
  return full;
}

/** Ticks of datetime end in 0, 3 and 7 thousandths. */
function moment(text: string, { name, scale }: Declared): string {
  const [, day = '1900-01-01', clock = '00:00:00', fraction = '', offset = ''] =
    /^(\d{4}-\d\d-\d\d)?[T ]?(\d\d:\d\d(?::\d\d)?)?(?:\.(\d+))?\s*(Z|[+-]\d\d:\d\d)?$/.exec(text.trim()) ??
    fail();
  if (name === 'date') return day;
  const seconds = clock.length === 5 ? `${clock}:00` : clock;
  const digits = fraction.padEnd(7, '0').slice(0, 7);
  if (name === 'time') return `${seconds}.${digits.slice(0, scale).padEnd(7, '0')}`;
  if (name === 'datetimeoffset') {
    const shift = offset === '' ? '+00:00' : offset;
    const utc = Temporal.Instant.from(`${day}T${seconds}.${digits}${shift}`).toString({
      fractionalSecondDigits: 7,
    });
    return utc.slice(0, -1);
  }
  if (name === 'datetime') {
    const ticks = Math.round((Number(digits) / 1e7) * 300);
    const ms = Math.round((ticks * 10) / 3);
    return `${Temporal.PlainDateTime.from(`${day}T${seconds}`).add({ milliseconds: ms }).toString({ fractionalSecondDigits: 3 })}0000`;
  }
  if (name === 'smalldatetime') return `${day}T${seconds.slice(0, 5)}:00.0000000`;
  return `${day}T${seconds}.${digits.slice(0, scale).padEnd(7, '0')}`;
}

function fail(): never {
  throw new Problem(241, 'Conversion failed when converting date and/or time from character string.');
}

/** The text that CONVERT(varchar, …) writes of a kept value; of moments that of style 121. */
export function shown(value: unknown, type: Declared | undefined): string {
  if (type !== undefined && isDecimalKey(value)) return decimalText(value, type.scale);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (type === undefined || familyOf(type) !== 'moment') return String(value);
  const text = String(value).replace('T', ' ');
  const digits = type.name === 'datetime' || type.name === 'smalldatetime' ? 3 : type.scale;
  const [whole = '', fraction = ''] = text.split('.');
  const cutOff = digits === 0 || type.name === 'date' ? whole : `${whole}.${fraction.slice(0, digits)}`;
  return type.name === 'datetimeoffset' ? `${cutOff} +00:00` : cutOff;
}

const PADDED = 320;

/**
 * What stands for a text where it is compared or sorted: blanks at the end are as none, `fold` takes letters of both cases for the same,
 * otherwise UTF-16 units count. SQLite compares code points, so units from U+D800 on are moved to where both orders are one.
 */
export function textKey(text: string, fold: boolean): string {
  const same = fold ? text.toLowerCase().normalize('NFC') : text;
  const units = same.replace(/ +$/, '').padEnd(PADDED);
  return units.replace(/[\ud800-\uffff]/g, (unit) => {
    const code = unit.charCodeAt(0);
    return String.fromCodePoint(code < 0xe000 ? 0xf0000 + code - 0xd800 : 0x100000 + code - 0xe000);
  });
}

/** LIKE with an escape character: trailing blanks count. */
export function like(text: string, pattern: string, escapedBy: string, fold: boolean): boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const unit = pattern.charAt(i);
    if (unit === escapedBy) source += quoted(pattern.charAt(++i));
    else if (unit === '%') source += '[\\s\\S]*';
    else if (unit === '_') source += '[\\s\\S]';
    else if (unit === '[') {
      const end = pattern.indexOf(']', i);
      source += `[${pattern.slice(i + 1, end).replaceAll('\\', '\\\\')}]`;
      i = end;
    } else source += quoted(unit);
  }
  return new RegExp(`^${source}$`, fold ? 'i' : '').test(text);
}

function quoted(unit: string): string {
  return unit.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
