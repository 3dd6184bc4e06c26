// Types and values as bytes: TYPE_INFO and TYPE_VARBYTE of [MS-TDS] 2.2.5.4 to 2.2.5.6. Decimals and
// moments are in exact-values.ts.

import { type Charset, openCharset } from '#codec/charset';
import { type Cursor, shortText, u8, u16, u32, u64, utf16 } from './bytes.ts';
import { type Declared, familyOf } from './declared.ts';
import { exactCell, exactInfo } from './exact-values.ts';
import type { Kept } from './values.ts';

/** Latin1_General_CI_AS, code page 1252: that of the database. */
export const COLLATION = Buffer.of(0x09, 0x04, 0xd0, 0x00, 0x34);
/** Cyrillic_General_CI_AS. */
const CYRILLIC = Buffer.of(0x19, 0x04, 0xd0, 0x00, 0x00);

/** The code pages that the stand-in knows, of all that there are. */
interface Page {
  readonly collation: Buffer;
  readonly charset: Charset;
}
const WESTERN: Page = { collation: COLLATION, charset: openCharset('windows-1252,sub') };
const EASTERN: Page = { collation: CYRILLIC, charset: openCharset('windows-1251,sub') };

function pageOf(collation: string | undefined): Page {
  return collation?.startsWith('Cyrillic') === true ? EASTERN : WESTERN;
}

const LONGEST = 8000;
const MAX = 0xffff;

export interface ResultColumn {
  readonly name: string;
  readonly type: Declared;
  readonly collation?: string;
}

type Form =
  | 'int'
  | 'bit'
  | 'float'
  | 'guid'
  | 'varchar'
  | 'nvarchar'
  | 'varbinary'
  | 'text'
  | 'ntext'
  | 'image'
  | 'xml';

function formOf(type: Declared): Form {
  switch (familyOf(type)) {
    case 'integer':
      return type.name === 'bit' ? 'bit' : 'int';
    case 'float':
      return 'float';
    case 'guid':
      return 'guid';
    case 'bytes':
      return type.name === 'image' ? 'image' : 'varbinary';
    case 'text':
      if (type.name === 'xml' || type.name === 'text' || type.name === 'ntext') return type.name;
      return type.name.startsWith('n') ? 'nvarchar' : 'varchar';
    default:
      return 'varchar';
  }
}

const BYTES: Readonly<Record<string, number>> = {
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  real: 4,
  float: 8,
};

function sized(type: Declared, bytesEach: number): number {
  const bytes = (familyOf(type) === 'text' || familyOf(type) === 'bytes' ? type.length : 60) * bytesEach;
  if (type.name === 'rowversion' || type.name === 'timestamp') return 8;
  return bytes <= LONGEST ? Math.max(bytes, 1) : MAX;
}

function typeInfo(type: Declared, { collation }: Page): Buffer {
  const exact = exactInfo(type);
  if (exact !== undefined) return exact;
  switch (formOf(type)) {
    case 'int':
      return Buffer.of(0x26, BYTES[type.name] ?? 8);
    case 'bit':
      return Buffer.of(0x68, 1);
    case 'float':
      return Buffer.of(0x6d, BYTES[type.name] ?? 8);
    case 'guid':
      return Buffer.of(0x24, 16);
    case 'varchar':
      return Buffer.concat([u8(type.name === 'char' ? 0xaf : 0xa7), u16(sized(type, 1)), collation]);
    case 'nvarchar':
      return Buffer.concat([u8(type.name === 'nchar' ? 0xef : 0xe7), u16(sized(type, 2)), collation]);
    case 'varbinary':
      return Buffer.concat([u8(type.name === 'varbinary' ? 0xa5 : 0xad), u16(sized(type, 1))]);
    case 'text':
      return Buffer.concat([u8(0x23), u32(0x7fffffff), collation]);
    case 'ntext':
      return Buffer.concat([u8(0x63), u32(0x7ffffffe), collation]);
    case 'image':
      return Buffer.concat([u8(0x22), u32(0x7fffffff)]);
    case 'xml':
      return Buffer.of(0xf1, 0);
  }
}

/** Column of COLMETADATA; the long types of old name a table. */
export function columnInfo({ name, type, collation }: ResultColumn): Buffer {
  const old = ['text', 'ntext', 'image'].includes(formOf(type));
  return Buffer.concat([
    u32(0),
    u16(0x09),
    typeInfo(type, pageOf(collation)),
    ...(old ? [u8(1), u16(1), utf16('t')] : []),
    shortText(name),
  ]);
}

/** User type, flags and type of a RETURNVALUE, then its value. */
export function returned(value: Kept, type: Declared): Buffer {
  return Buffer.concat([u32(0), u16(0x01), typeInfo(type, WESTERN), cell(value, { name: '', type })]);
}

export function cell(value: Kept, { type, collation }: ResultColumn): Buffer {
  if (exactInfo(type) !== undefined) return exactCell(value === null ? null : String(value), type);
  const { charset } = pageOf(collation);
  const narrow = (text: string): Buffer => Buffer.from(charset.encode(text));
  const form = formOf(type);
  switch (form) {
    case 'int': {
      if (value === null) return u8(0);
      const bytes = BYTES[type.name] ?? 8;
      return Buffer.concat([u8(bytes), u64(BigInt(value.toString())).subarray(0, bytes)]);
    }
    case 'bit':
      return value === null ? u8(0) : Buffer.of(1, Number(value));
    case 'float': {
      if (value === null) return u8(0);
      const bytes = Buffer.alloc(BYTES[type.name] ?? 8);
      if (bytes.length === 4) bytes.writeFloatLE(Number(value));
      else bytes.writeDoubleLE(Number(value));
      return Buffer.concat([u8(bytes.length), bytes]);
    }
    case 'guid':
      return value === null ? u8(0) : Buffer.concat([u8(16), guidBytes(String(value))]);
    case 'varchar':
      return sizedBytes(value === null ? null : narrow(String(value)), sized(type, 1) === MAX);
    case 'nvarchar':
      return sizedBytes(value === null ? null : utf16(String(value)), sized(type, 2) === MAX);
    case 'varbinary':
      return sizedBytes(value === null ? null : bytesOf(value), sized(type, 1) === MAX);
    case 'xml':
      return sizedBytes(value === null ? null : utf16(String(value)), true);
    case 'text':
    case 'ntext':
    case 'image': {
      if (value === null) return u8(0);
      const bytes =
        form === 'image' ? bytesOf(value) : form === 'text' ? narrow(String(value)) : utf16(String(value));
      return Buffer.concat([u8(16), Buffer.alloc(24), u32(bytes.length), bytes]);
    }
  }
}

function bytesOf(value: Kept): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value), 'latin1');
}

function sizedBytes(bytes: Buffer | null, inChunks: boolean): Buffer {
  if (!inChunks) return bytes === null ? u16(MAX) : Buffer.concat([u16(bytes.length), bytes]);
  if (bytes === null) return Buffer.alloc(8, 0xff);
  const chunk = bytes.length === 0 ? [] : [u32(bytes.length), bytes];
  return Buffer.concat([u64(BigInt(bytes.length)), ...chunk, u32(0)]);
}

function guidBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  return Buffer.concat([
    bytes.subarray(0, 4).reverse(),
    bytes.subarray(4, 6).reverse(),
    bytes.subarray(6, 8).reverse(),
    bytes.subarray(8),
  ]);
}

function guidText(bytes: Buffer): string {
  const hex = (start: number, end: number, turned: boolean): string => {
    const part = Buffer.from(bytes.subarray(start, end));
    return (turned ? part.reverse() : part).toString('hex');
  };
  const parts = [hex(0, 4, true), hex(4, 6, true), hex(6, 8, true), hex(8, 10, false), hex(10, 16, false)];
  return parts.join('-').toUpperCase();
}

/** A value with the type that was declared for it. */
export interface Typed {
  readonly declared: string;
  readonly value: Kept;
}

const SIZED: Readonly<Record<number, string>> = {
  167: 'varchar',
  175: 'char',
  231: 'nvarchar',
  239: 'nchar',
  165: 'varbinary',
  173: 'binary',
};
const INTEGERS: Readonly<Record<number, string>> = { 1: 'tinyint', 2: 'smallint', 4: 'int', 8: 'bigint' };

/** TYPE_INFO and value of a parameter. */
export function readTyped(from: Cursor): Typed {
  const id = from.u8();
  const word = SIZED[id];
  if (word !== undefined) return readSized(from, word);
  switch (id) {
    case 0x26: {
      const declared = INTEGERS[from.u8()] ?? 'int';
      const length = from.u8();
      if (length === 0) return { declared, value: null };
      const bytes = Buffer.alloc(8, 0);
      from.bytes(length).copy(bytes);
      const unsigned = bytes.readBigUInt64LE();
      return { declared, value: length === 1 ? unsigned : BigInt.asIntN(length * 8, unsigned) };
    }
    case 0x68: {
      from.u8();
      return { declared: 'bit', value: from.u8() === 0 ? null : BigInt(from.u8()) };
    }
    case 0x6d: {
      const declared = from.u8() === 4 ? 'real' : 'float';
      const length = from.u8();
      if (length === 0) return { declared, value: null };
      const bytes = from.bytes(length);
      return { declared, value: length === 4 ? bytes.readFloatLE() : bytes.readDoubleLE() };
    }
    case 0x24: {
      from.u8();
      return { declared: 'uniqueidentifier', value: from.u8() === 0 ? null : guidText(from.bytes(16)) };
    }
    case 0x6a:
    case 0x6c: {
      from.u8();
      const precision = from.u8();
      const scale = from.u8();
      const declared = `decimal(${precision},${scale})`;
      const length = from.u8();
      if (length === 0) return { declared, value: null };
      const sign = from.u8() === 0 ? '-' : '';
      let magnitude = 0n;
      for (const [i, byte] of from.bytes(length - 1).entries()) magnitude += BigInt(byte) << BigInt(8 * i);
      const digits = magnitude.toString().padStart(scale + 1, '0');
      const at = digits.length - scale;
      return { declared, value: `${sign}${digits.slice(0, at)}.${digits.slice(at)}` };
    }
    default:
      throw new RangeError(`a parameter of type 0x${id.toString(16)}`);
  }
}

function readSized(from: Cursor, word: string): Typed {
  const size = from.u16();
  if (/char$/.test(word)) from.bytes(5);
  const inChunks = size === MAX;
  const wide = word.startsWith('n') ? 2 : 1;
  const declared = `${word}(${inChunks ? 'max' : size / wide})`;
  const bytes = inChunks ? readChunks(from) : readShort(from);
  if (bytes === null || /binary$/.test(word)) return { declared, value: bytes };
  return {
    declared,
    value: wide === 2 ? bytes.toString('utf16le') : WESTERN.charset.decode(bytes, 0, bytes.length),
  };
}

function readShort(from: Cursor): Buffer | null {
  const length = from.u16();
  return length === MAX ? null : from.bytes(length);
}

function readChunks(from: Cursor): Buffer | null {
  if (from.u64() === 0xffffffffffffffffn) return null;
  const chunks: Buffer[] = [];
  for (let length = from.u32(); length !== 0; length = from.u32()) chunks.push(from.bytes(length));
  return Buffer.concat(chunks);
}
