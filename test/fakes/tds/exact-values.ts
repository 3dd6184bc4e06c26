// Decimals, money and moments as bytes: [MS-TDS] 2.2.5.5.1. They come as the texts that CONVERT makes of them.

import { u8, u16, u32 } from './bytes.ts';
import { type Declared, familyOf } from './declared.ts';

/** TYPE_INFO of these types; undefined for all others. */
export function exactInfo(type: Declared): Buffer | undefined {
  const { name, precision, scale } = type;
  switch (name) {
    case 'decimal':
    case 'numeric':
      return Buffer.of(0x6a, 17, precision, scale);
    case 'money':
    case 'smallmoney':
      return Buffer.of(0x6e, 8);
    case 'date':
      return Buffer.of(0x28);
    case 'time':
      return Buffer.of(0x29, scale);
    case 'datetime2':
      return Buffer.of(0x2a, scale);
    case 'datetimeoffset':
      return Buffer.of(0x2b, scale);
    case 'datetime':
      return Buffer.of(0x6f, 8);
    case 'smalldatetime':
      return Buffer.of(0x6f, 4);
    default:
      return undefined;
  }
}

/** A value with its length in front. */
export function exactCell(value: string | null, type: Declared): Buffer {
  if (value === null) return u8(0);
  const bytes = familyOf(type) === 'decimal' ? decimal(value, type) : moment(value, type);
  return Buffer.concat([u8(bytes.length), bytes]);
}

function decimal(value: string, { name, scale }: Declared): Buffer {
  const negative = value.startsWith('-');
  const [whole = '', fraction = ''] = value.replace('-', '').split('.');
  const units = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
  if (name.endsWith('money')) {
    const signed = BigInt.asUintN(64, negative ? -units : units);
    return Buffer.concat([u32(Number(signed >> 32n)), u32(Number(signed & 0xffffffffn))]);
  }
  return Buffer.concat([u8(negative ? 0 : 1), ascending(units, 16)]);
}

function ascending(number: bigint, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => Number((number >> BigInt(8 * i)) & 0xffn)));
}

function daysSince(start: string, day: string): number {
  return Temporal.PlainDate.from(start).until(Temporal.PlainDate.from(day), { largestUnit: 'days' }).days;
}

/** `2024-02-29 10:00:00.500 +00:00`: offsets are always none here. */
function moment(value: string, { name, scale }: Declared): Buffer {
  const [first = '', second = ''] = value.split(' ');
  const day = name === 'time' ? '0001-01-01' : first;
  const clock = name === 'time' ? first : second;
  const [hours = 0, minutes = 0, seconds = 0] = clock.split(/[:.]/).map(Number);
  const [, fraction = ''] = clock.split('.');
  const whole = hours * 3600 + minutes * 60 + seconds;
  if (name === 'smalldatetime') {
    return Buffer.concat([u16(daysSince('1900-01-01', day)), u16(hours * 60 + minutes)]);
  }
  if (name === 'datetime') {
    const ticks = whole * 300 + Math.round(Number(`0.${fraction || '0'}`) * 300);
    return Buffer.concat([u32(daysSince('1900-01-01', day)), u32(ticks)]);
  }
  const date = ascending(BigInt(daysSince('0001-01-01', day)), 3);
  if (name === 'date') return date;
  const units =
    BigInt(whole) * 10n ** BigInt(scale) + BigInt(fraction.padEnd(scale, '0').slice(0, scale) || '0');
  const time = ascending(units, scale <= 2 ? 3 : scale <= 4 ? 4 : 5);
  if (name === 'time') return time;
  return Buffer.concat(name === 'datetimeoffset' ? [time, date, u16(0)] : [time, date]);
}
