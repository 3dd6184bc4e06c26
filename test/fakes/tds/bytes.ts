// How numbers and texts stand in TDS.

export function u8(value: number): Buffer {
  return Buffer.of(value);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value));
  return bytes;
}

export function utf16(text: string): Buffer {
  return Buffer.from(text, 'utf16le');
}

/** With its length in characters in front, in one byte or in two. */
export function shortText(text: string): Buffer {
  return Buffer.concat([u8(text.length), utf16(text)]);
}

export function longText(text: string): Buffer {
  return Buffer.concat([u16(text.length), utf16(text)]);
}

/** Reads one value after the other. */
export interface Cursor {
  readonly left: number;
  bytes(length: number): Buffer;
  u8(): number;
  u16(): number;
  u32(): number;
  u64(): bigint;
  text(characters: number): string;
}

export function cursor(data: Buffer): Cursor {
  let at = 0;
  const bytes = (length: number): Buffer => {
    if (at + length > data.length) throw new RangeError('the message is cut off');
    at += length;
    return data.subarray(at - length, at);
  };
  return {
    get left() {
      return data.length - at;
    },
    bytes,
    u8: () => bytes(1).readUInt8(),
    u16: () => bytes(2).readUInt16LE(),
    u32: () => bytes(4).readUInt32LE(),
    u64: () => bytes(8).readBigUInt64LE(),
    text: (characters) => bytes(characters * 2).toString('utf16le'),
  };
}
