// Knows: which indexes a collection has: over which fields, and how these are written in keys.
// Must not know: data, and how indexes are made and kept.

import type { Operand } from '#spi';
import { type KeyBytes, keyBytes } from './key-bytes.ts';

/** An index over fields. */
export interface IndexOf {
  readonly id: string;
  readonly fields: readonly Operand[];
  /** How many of them, from the first one on, may be null. */
  readonly nullable: number;
  readonly unique: boolean;
}

/** The id of the places of rows. */
export const PLACES = 'places';

/** The id of the index of the key. */
export const KEY_INDEX = 'key';

export function keyBytesOf({ fields, nullable }: IndexOf): KeyBytes {
  return keyBytes(fields.map(({ type }, i) => ({ type, nullable: i < nullable })));
}
