// Knows: what can be found wrong with a file.
// Must not know: how it is found.

import type { Layout } from '../layout.ts';
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
