// Knows: how likely each record format and charset is for some bytes.
// Must not know: where the bytes come from, and how an answer is shown.

import type { Layout } from '../layout.ts';
import { familyOf, histogramOf } from './evidence/bytes.ts';
import { scoreCharsets } from './evidence/charsets.ts';
import { scoreDescriptors } from './evidence/descriptors.ts';
import { scoreFixed } from './evidence/fixed-length.ts';
import { scoreLines } from './evidence/line-ends.ts';
import type { Sample, Scored } from './evidence/sample.ts';
import type { RecordFormatOptions } from './framing-of.ts';

export type { Scored };

export interface CharsetGuess {
  /** A name that `openCharset` takes. */
  readonly charset: string;
}

export interface DetectOptions {
  /** Bytes of the whole file; the sample is its beginning. */
  readonly fileSize: number;
  readonly layout?: Layout;
}

export interface Detection {
  /** Best first; the options are those of `framingOf`. */
  readonly framings: readonly Scored<RecordFormatOptions>[];
  /** Best first. Pages of one family that the bytes cannot tell apart have about the same score, and the evidence says so. */
  readonly charsets: readonly Scored<CharsetGuess>[];
}

/** `sample`: the beginning of the file, best 64 KiB or more. Scores below 0.05 are left out. */
export function detect(sample: Uint8Array, options: DetectOptions): Detection {
  const of: Sample = {
    bytes: sample,
    whole: options.fileSize <= sample.length,
    fileSize: options.fileSize,
    ebcdic: familyOf(histogramOf(sample)).leaning > 0.5,
    ...(options.layout === undefined ? {} : { layout: options.layout }),
  };
  const framings = [...scoreDescriptors(of), ...scoreLines(of), ...scoreFixed(of)];
  const charsets = scoreCharsets(sample, of.whole).map(({ charset, score, evidence }) => ({
    score,
    options: { charset },
    evidence,
  }));
  return { framings: best(framings), charsets: best(charsets) };
}

function best<T>(scored: readonly Scored<T>[]): readonly Scored<T>[] {
  return scored
    .map((one) => ({ ...one, score: Math.round(100 * Math.min(1, one.score)) / 100 }))
    .filter(({ score }) => score >= 0.05)
    .toSorted((a, b) => b.score - a.score);
}
