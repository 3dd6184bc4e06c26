// Fields of EBCDIC digits and letters by hand, and the bytes of their values.

import type { Node } from '../../../src/codec/index.ts';

export const digit = (name: string, offset: number, length: number): Node => ({
  kind: 'scalar',
  name,
  type: { kind: 'int32' },
  offset,
  length,
  encoding: { kind: 'zoned', digits: length, scale: 0, signed: false, sign: 'trailing', family: 'ebcdic' },
});
export const digitBytes = (value: number, length: number) =>
  Array.from(String(value).padStart(length, '0'), (one) => 0xf0 + Number(one));

export const letters = (name: string, offset: number, length: number): Node => ({
  kind: 'scalar',
  name,
  type: { kind: 'string', length },
  offset,
  length,
  encoding: { kind: 'text', charset: 'cp037', trim: 'right' },
});
export const letterBytes = (text: string, length: number) =>
  Array.from(text.padEnd(length), (one) => (one === ' ' ? 0x40 : 0xc1 + one.charCodeAt(0) - 65));
