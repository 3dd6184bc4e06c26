// Knows: what the threads that scan files are asked and what they answer, as plain data.
// Must not know: who asks, how a scan is done, threads.

import type { FaultData, Filter } from '#spi';
import type { ByteFile } from '../store/byte-store.ts';
import type { Owner } from '../tables/place.ts';
import type { Recipe } from '../tables/recipe.ts';
import type { Span } from '../tables/rows.ts';

/** The version of a file that is scanned: open in this process, and kept open until the scan has ended. */
export interface ScannedFile extends Pick<ByteFile, 'size' | 'version' | 'modifiedAt'> {
  /** What messages call it. */
  readonly path: string;
  readonly fd: number;
}

/** One question about all records of a file, or of a stretch of it. */
export interface ScanOrder {
  readonly recipe: Recipe;
  readonly owner: Owner;
  readonly file: ScannedFile;
  /** Which rows; empty: all. */
  readonly where: Filter;
  /** Where every record is a row of one length: the first record, and the one behind the last. */
  readonly records?: readonly [from: number, end: number];
  readonly want: Want;
}

export type Want =
  | { readonly kind: 'count' }
  /** The rows, at most `limit` of them, without the first `skip`. */
  | { readonly kind: 'rows'; readonly skip: number; readonly limit: number }
  /** One bit for each row of the file, of which there are `rows`: is it one of them? */
  | { readonly kind: 'bits'; readonly rows: number };

/** An answer to the want of its kind, or a part of it. */
export type Findings =
  | { readonly kind: 'count'; readonly count: number }
  /** Rows that are records of one length: their numbers, and what is looked at of them, one behind the other. */
  | { readonly kind: 'records'; readonly numbers: Float64Array; readonly bytes: Uint8Array }
  /** Where the records of other rows stand: three numbers for each, in the file's order (see `spansIn`). */
  | { readonly kind: 'places'; readonly spans: Float64Array }
  | { readonly kind: 'bits'; readonly bits: Uint8Array };

/** `fault`: what ended the scan behind the findings. When it has ended, the file is not read any more. */
export interface Report {
  readonly findings: Findings;
  readonly ended: boolean;
  readonly fault?: FaultData;
}

/** `recipe`: equal for orders with one recipe, whose table is then made once. */
export type ToThread =
  | { readonly do: 'scan'; readonly id: number; readonly recipe: number; readonly order: ScanOrder }
  /** Further, behind a report that did not end the scan. */
  | { readonly do: 'go'; readonly id: number }
  | { readonly do: 'close'; readonly id: number };

export type FromThread =
  | { readonly tell: 'report'; readonly id: number; readonly report: Report }
  /** Answers a `close`: the file is not read any more. */
  | { readonly tell: 'closed'; readonly id: number };

/** Numbers of a span among the findings. */
const NUMBERS = 3;

export function spanNumbers(spans: readonly Span[]): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(spans.length * NUMBERS);
  for (const [i, { record, offset, length }] of spans.entries()) {
    numbers[i * NUMBERS] = record;
    numbers[i * NUMBERS + 1] = offset;
    numbers[i * NUMBERS + 2] = length;
  }
  return numbers;
}

export function spansIn(numbers: Float64Array): readonly Span[] {
  return Array.from({ length: numbers.length / NUMBERS }, (_, i) => ({
    record: numbers[i * NUMBERS] ?? 0,
    offset: numbers[i * NUMBERS + 1] ?? 0,
    length: numbers[i * NUMBERS + 2] ?? 0,
  }));
}
