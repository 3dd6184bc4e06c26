// Knows: what transfers do to mainframe files, and which findings there are.
// Must not know: where the bytes come from, and what is done about it.

import type { Layout } from '../layout.ts';
import { framingDamage } from './damage-framing.ts';
import { textDamage } from './damage-text.ts';
import type { Framing } from './framing.ts';

/** Something that probably happened to a file, or is configured wrongly, for people. */
export interface Finding {
  /**
   * `ascii-translated` `replaced-characters` `charset-mismatch` `ebcdic-ascii-mix` `newlines-changed` `rdws-stripped` `rdws-present`
   * `blocks-present` `blocks-missing` `records-padded` `line-ends-inserted` `file-cut`.
   */
  readonly code: string;
  readonly message: string;
  /** What to do. */
  readonly hint: string;
  /** What was seen, with numbers. */
  readonly evidence: string;
}

export interface DiagnoseOptions {
  readonly layout?: Layout;
  /** As the file is configured. */
  readonly framing?: Framing;
  /** Bytes of the whole file; without it the sample is not known to end with the file. */
  readonly fileSize?: number;
}

/** `sample`: the beginning of the file, best 64 KiB or more. None for a file that looks sound; those about characters come first. */
export function diagnose(sample: Uint8Array, options: DiagnoseOptions = {}): readonly Finding[] {
  if (sample.length === 0) return [];
  const { header = 0 } = options.framing ?? {};
  return [...textDamage(sample.subarray(header), options), ...framingDamage(sample, options)];
}
