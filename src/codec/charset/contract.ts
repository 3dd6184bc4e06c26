// Knows: what every charset can do, whatever it is made of.
// Must not know: any charset in particular.

import type { CodeFamily } from '../encoding.ts';

/**
 * A charset that never guesses: what has no counterpart on the other side is a fault, not a replacement character (unless its
 * name ends in `,sub`).
 */
export interface Charset {
  /** The one name that this charset has in configuration and messages: `cp037`, `iso-8859-1`, `utf-8`, `cp037,swaplfnl`. */
  readonly name: string;
  readonly family: CodeFamily;
  /**
   * The text of `bytes` from `start` up to, not including, `end`. Throws `corrupt` (`undecodable-character`); `hex` is
   * the first byte (or pair) that has no character, the message has its offset from `start`.
   */
  decode(bytes: Uint8Array, start: number, end: number): string;
  /** Throws `rejected` (`unmappable-character`); `position` is where the character stands in the text. */
  encode(text: string): Uint8Array<ArrayBuffer>;
  /** The bytes of one blank: what pads a text. In pure double-byte charsets that is 4040, U+3000: they have no U+0020. */
  readonly blank: Uint8Array<ArrayBuffer>;
  /** The blank as one byte; of a two-byte charset the last of its two bytes (in pure EBCDIC double bytes both are 40). */
  readonly space: number;
  /** The digit 0 as one byte; the others follow it. Of a two-byte charset it says nothing about its texts. */
  readonly zero: number;
  /** Every character takes two bytes (in UTF-16: every code unit). */
  readonly width?: 2;
  /** Charsets with shift-out and shift-in: the name of the charset of what stands between them, that of PIC G. */
  readonly dbcs?: string;
  /**
   * The UTF-16 code unit of each byte that is a character by itself wherever no other bytes stand before it; U+FFFD for all
   * others. A text in which only such bytes occur needs no `decode`.
   */
  readonly alone: Readonly<Uint16Array>;
  /** Single-byte charsets: the UTF-16 code unit of each byte, U+FFFD where it has none. */
  readonly toUnicode?: Readonly<Uint16Array>;
  /** Single-byte charsets: the byte of a UTF-16 code unit. */
  readonly fromUnicode?: ReadonlyMap<number, number>;
}

/** What a charset does with what has no counterpart, beside refusing it. */
export interface Leniency {
  /** Unmappable characters become the charset's substitute (SUB), undecodable bytes U+FFFD. */
  readonly sub: boolean;
  /** Characters that the page only writes (and reads as another one) are written. */
  readonly fallback: boolean;
}

/** Stands in tables for a byte or pair that has no character. */
export const NO_CHARACTER = 0xfffd;
