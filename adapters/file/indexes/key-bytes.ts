// Knows: how the values of a key are written as bytes that compare, byte by byte, as the values do.
// Must not know: where keys come from and where they are kept.

import type { Scalar, Value } from '#spi';

/** One part of a key. Only a part that is `nullable` may be null; null comes before every value. */
export interface KeyPart {
  readonly type: Scalar;
  readonly nullable: boolean;
}

/**
 * Each part ends by itself, so parts stand one behind the other. Bytes are meant to be followed by zeros without end: trailing zeros are
 * left out, and a shorter key is filled up with them to the width of its index.
 */
export interface KeyBytes {
  readonly parts: readonly KeyPart[];
  /** Of the first parts, as many as there are values. */
  of(values: readonly Value[]): Uint8Array;
  /** The same into `bytes`, which is written over by the next call; how many bytes. */
  write(values: readonly Value[]): number;
  readonly bytes: Uint8Array;
  /** What all keys begin with whose first parts are `values`, and whose next part, a text, begins with `text`. */
  beginning(values: readonly Value[], text: string): Uint8Array;
}

export function keyBytes(parts: readonly KeyPart[]): KeyBytes {
  const out = new Writer();
  const put = (values: readonly Value[]): void => {
    out.length = 0;
    for (let i = 0; i < values.length; i++) {
      const part = parts[i];
      if (part !== undefined) putPart(out, part, values[i] ?? null);
    }
  };
  return {
    parts,
    get bytes() {
      return out.bytes;
    },
    of(values) {
      put(values);
      return out.bytes.slice(0, out.length);
    },
    write(values) {
      put(values);
      let { length } = out;
      while (length > 0 && out.bytes[length - 1] === 0) length--;
      return length;
    },
    beginning(values, text) {
      put(values);
      if (parts[values.length]?.nullable === true) out.byte(THERE);
      putUnits(out, text);
      return out.bytes.slice(0, out.length);
    },
  };
}

/** Takes keys apart again: the bytes of each part, with the zeros at their end that were left out. */
export function keySplitter(parts: readonly KeyPart[]): (key: Uint8Array) => readonly Uint8Array[] {
  return (key) => {
    const found: Uint8Array[] = [];
    let at = 0;
    for (const part of parts) {
      const end = endOfPart(key, at, part);
      const bytes = new Uint8Array(end - at);
      bytes.set(key.subarray(at, end));
      found.push(bytes);
      at = end;
    }
    return found;
  };
}

function endOfPart(key: Uint8Array, start: number, { type, nullable }: KeyPart): number {
  if (nullable && (key[start] ?? NOTHING) === NOTHING) return start + 1;
  const at = nullable ? start + 1 : start;
  switch (type.kind) {
    case 'int32':
      return at + 4;
    case 'int64':
    case 'float64':
      return at + 8;
    case 'boolean':
      return at + 1;
    case 'decimal': {
      const sign = key[at];
      if (sign === ZERO) return at + 1;
      // The size may be anything, the pairs of digits behind it hold no end.
      const end = key.indexOf(sign === NEGATIVE ? 0xff : END, at + 3);
      return end < 0 ? key.length + 1 : end + 1;
    }
    default: {
      const end = key.indexOf(END, at);
      return Math.max(at, end < 0 ? key.length : end) + 1;
    }
  }
}

/** The least bytes above everything that begins with `bytes`; undefined: nothing is above. */
export function above(bytes: Uint8Array): Uint8Array | undefined {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const next = bytes.slice(0, length);
  next[length - 1] = (next[length - 1] ?? 0) + 1;
  return next;
}

/** With zeros behind the shorter one. */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const NOTHING = 0;
const THERE = 1;
const END = 0;

class Writer {
  bytes = new Uint8Array(256);
  length = 0;

  byte(byte: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = byte;
  }

  /** Room for `count` bytes, which are counted as written. */
  view(count: number): DataView {
    if (this.length + count > this.bytes.length) this.#grow(count);
    const view = new DataView(this.bytes.buffer, this.length, count);
    this.length += count;
    return view;
  }

  #grow(count: number): void {
    const more = new Uint8Array(2 * (this.length + count));
    more.set(this.bytes);
    this.bytes = more;
  }
}

function putPart(out: Writer, { type, nullable }: KeyPart, value: Value): void {
  if (value === null) {
    // A null that no part expects would be taken for the least of the values.
    if (!nullable) throw new TypeError('a null in a key');
    out.byte(NOTHING);
    return;
  }
  if (nullable) out.byte(THERE);
  if (typeof value === 'string') {
    if (type.kind === 'decimal') putDecimal(out, value);
    else {
      putUnits(out, type.kind === 'instant' ? value.slice(0, -1) : value);
      out.byte(END);
    }
  } else if (typeof value === 'number') {
    if (type.kind === 'float64') putFloat(out, value);
    else out.view(4).setUint32(0, (value ^ 0x8000_0000) >>> 0);
  } else if (typeof value === 'bigint') {
    const view = out.view(8);
    view.setBigInt64(0, value);
    view.setUint8(0, view.getUint8(0) ^ 0x80);
  } else if (typeof value === 'boolean') out.byte(value ? 2 : 1);
  else if (value instanceof Uint8Array) {
    // Zero is the end, so the two lowest bytes are written as two.
    for (const byte of value) {
      if (byte < 2) out.byte(1);
      out.byte(byte < 2 ? byte + 1 : byte);
    }
    out.byte(END);
  } else throw new TypeError(`a ${type.kind} in a key`);
}

/**
 * One to three bytes a UTF-16 unit, in the order of `compareText`: like UTF-8, but moved up by one where a character is one byte,
 * which keeps zero for the end; surrogates, alone or in pairs, above all other units.
 */
function putUnits(out: Writer, text: string): void {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x7f) out.byte(unit + 1);
    else if (unit < 0x800) {
      out.byte(0xc0 | (unit >> 6));
      out.byte(0x80 | (unit & 0x3f));
    } else {
      const surrogate = unit >= 0xd800 && unit <= 0xdfff;
      out.byte(surrogate ? 0xf0 : 0xe0 | (unit >> 12));
      out.byte(0x80 | ((unit >> 6) & 0x3f));
      out.byte(0x80 | (unit & 0x3f));
    }
  }
}

/** IEEE 754 with the sign turned round; −0 is 0, and there is one NaN, above all numbers. */
function putFloat(out: Writer, value: number): void {
  const view = out.view(8);
  view.setFloat64(0, value === 0 ? 0 : Number.isNaN(value) ? Number.NaN : value);
  const high = view.getUint32(0);
  if (high < 0x8000_0000) view.setUint32(0, (high | 0x8000_0000) >>> 0);
  else {
    view.setUint32(0, ~high >>> 0);
    view.setUint32(4, ~view.getUint32(4) >>> 0);
  }
}

const NEGATIVE = 1;
const ZERO = 2;
const POSITIVE = 3;
const BIAS = 0x8000;

/**
 * Sign; how many digits stand before the point (fewer than none for zeros behind it); the digits without zeros at either end, two a
 * byte; an end. Of a negative number everything behind the sign is turned round. Equal numbers of any scale give equal bytes.
 */
function putDecimal(out: Writer, text: string): void {
  const negative = text.charCodeAt(0) === MINUS;
  const point = text.indexOf('.');
  const whole = point < 0 ? text.length : point;
  let first = negative ? 1 : 0;
  while (first < text.length && isZeroOrPoint(text.charCodeAt(first))) first++;
  if (first === text.length) {
    out.byte(ZERO);
    return;
  }
  let last = text.length;
  if (point >= 0 || text.charCodeAt(last - 1) === DIGIT_0) {
    while (isZeroOrPoint(text.charCodeAt(last - 1))) last--;
  }
  const before = whole > first ? whole - first : whole - first + 1;
  const turn = negative ? 0xff : 0;
  out.byte(negative ? NEGATIVE : POSITIVE);
  const size = before + BIAS;
  if (size < 0 || size > 0xffff) throw new RangeError('a decimal with too many digits');
  out.byte((size >> 8) ^ turn);
  out.byte((size & 0xff) ^ turn);
  let pending = -1;
  for (let i = first; i < last; i++) {
    const unit = text.charCodeAt(i);
    if (unit === POINT) continue;
    const digit = unit - DIGIT_0;
    if (pending < 0) pending = digit;
    else {
      out.byte((pending * 10 + digit + 1) ^ turn);
      pending = -1;
    }
  }
  if (pending >= 0) out.byte((pending * 10 + 1) ^ turn);
  out.byte(END ^ turn);
}

const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;

function isZeroOrPoint(unit: number): boolean {
  return unit === DIGIT_0 || unit === POINT;
}
