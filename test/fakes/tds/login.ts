// What a client says before it asks: PRELOGIN (2.2.6.5) and LOGIN7 (2.2.6.4) of [MS-TDS].

import { cursor } from './bytes.ts';

export const ENCRYPT = { off: 0, on: 1, notSupported: 2, required: 3 } as const;

const ENCRYPTION = 1;
const TERMINATOR = 0xff;

/** The encryption that the client asks for. */
export function wantedEncryption(prelogin: Buffer): number {
  for (let at = 0; prelogin.readUInt8(at) !== TERMINATOR; at += 5) {
    if (prelogin.readUInt8(at) === ENCRYPTION) return prelogin.readUInt8(prelogin.readUInt16BE(at + 1));
  }
  return ENCRYPT.notSupported;
}

export function preloginAnswer(encryption: number): Buffer {
  const version = Buffer.of(15, 0, 0, 0, 0, 0);
  // Token, offset and length of each option, then their data.
  const head = Buffer.of(0, 0, 11, 0, version.length, ENCRYPTION, 0, 11 + version.length, 0, 1, TERMINATOR);
  return Buffer.concat([head, version, Buffer.of(encryption)]);
}

export interface Login {
  readonly user: string;
  readonly password: string;
  readonly application: string;
  readonly database: string;
  readonly readOnlyIntent: boolean;
  readonly packetSize: number;
  readonly secure: boolean;
}

export function readLogin(data: Buffer, secure: boolean): Login {
  const at = (offset: number): Buffer => {
    const start = data.readUInt16LE(offset);
    return data.subarray(start, start + data.readUInt16LE(offset + 2) * 2);
  };
  // Scrambled, not encrypted: nibbles changed round, then exclusive or.
  const password = at(44).map((byte) => {
    const plain = byte ^ 0xa5;
    return ((plain << 4) | (plain >> 4)) & 0xff;
  });
  return {
    user: at(40).toString('utf16le'),
    password: Buffer.from(password).toString('utf16le'),
    application: at(48).toString('utf16le'),
    database: at(68).toString('utf16le'),
    readOnlyIntent: (data.readUInt8(26) & 0x20) !== 0,
    packetSize: cursor(data.subarray(8)).u32(),
    secure,
  };
}
