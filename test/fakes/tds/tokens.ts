// The tokens of a response: [MS-TDS] 2.2.7.

import { longText, shortText, u8, u16, u32, u64 } from './bytes.ts';
import type { Declared } from './declared.ts';
import { COLLATION, cell, columnInfo, type ResultColumn, returned } from './type-info.ts';
import type { Kept } from './values.ts';

export const DONE = { last: 0, more: 0x01, error: 0x02, count: 0x10, attention: 0x20 } as const;
const TOKEN = { done: 0xfd, doneProc: 0xfe, doneInProc: 0xff } as const;

export function done(kind: keyof typeof TOKEN, status: number, rows = 0): Buffer {
  return Buffer.concat([u8(TOKEN[kind]), u16(status), u16(0xc1), u64(BigInt(rows))]);
}

export function columns(all: readonly ResultColumn[]): Buffer {
  return Buffer.concat([u8(0x81), u16(all.length), ...all.map(columnInfo)]);
}

/** A row with nulls says by bits which they are (NBCROW). */
export function row(values: readonly Kept[], all: readonly ResultColumn[]): Buffer {
  const nulls = Buffer.alloc(Math.ceil(all.length / 8));
  for (const [i, value] of values.entries()) {
    if (value === null) nulls.writeUInt8(nulls.readUInt8(i >> 3) | (1 << (i & 7)), i >> 3);
  }
  const some = values.includes(null);
  const cells = all.flatMap((column, i) => {
    const value = values[i] ?? null;
    return value === null && some ? [] : [cell(value, column)];
  });
  return Buffer.concat([some ? Buffer.concat([u8(0xd2), nulls]) : u8(0xd1), ...cells]);
}

function told(token: number, number: number, severity: number, message: string): Buffer {
  const body = Buffer.concat([
    u32(number),
    u8(1),
    u8(severity),
    longText(message),
    shortText('stand-in'),
    shortText(''),
    u32(1),
  ]);
  return Buffer.concat([u8(token), u16(body.length), body]);
}

export function error(number: number, message: string, severity = 16): Buffer {
  return told(0xaa, number, severity, message);
}

export function info(number: number, message: string): Buffer {
  return told(0xab, number, 0, message);
}

function change(kind: number, body: Buffer): Buffer {
  return Buffer.concat([u8(0xe3), u16(body.length + 1), u8(kind), body]);
}

export function databaseChange(name: string): Buffer {
  return change(1, Buffer.concat([shortText(name), shortText('master')]));
}

export function packetSizeChange(size: number): Buffer {
  return change(4, Buffer.concat([shortText(String(size)), shortText('4096')]));
}

export function collationChange(): Buffer {
  return change(7, Buffer.concat([u8(COLLATION.length), COLLATION, u8(0)]));
}

/** Begin, commit, rollback; a begin tells the name of the transaction, the others the one that is over. */
export function transactionChange(kind: 'begin' | 'commit' | 'rollback', descriptor: Buffer): Buffer {
  const named = Buffer.concat([u8(descriptor.length), descriptor]);
  const body = kind === 'begin' ? [named, u8(0)] : [u8(0), named];
  return change({ begin: 8, commit: 9, rollback: 10 }[kind], Buffer.concat(body));
}

export function loginAck(): Buffer {
  const body = Buffer.concat([
    u8(1),
    Buffer.of(0x74, 0, 0, 4),
    shortText('stand-in'),
    Buffer.of(15, 0, 0, 0),
  ]);
  return Buffer.concat([u8(0xad), u16(body.length), body]);
}

export function returnStatus(value: number): Buffer {
  return Buffer.concat([u8(0x79), u32(value)]);
}

export function returnValue(ordinal: number, name: string, value: Kept, type: Declared): Buffer {
  return Buffer.concat([u8(0xac), u16(ordinal), shortText(name), u8(1), returned(value, type)]);
}
