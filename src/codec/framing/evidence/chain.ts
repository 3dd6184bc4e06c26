// Knows: how far a record format carries through the beginning of a file.
// Must not know: what is inside a record.

import { type Fault, toFault } from '../../../fault.ts';
import { Found } from '../found.ts';
import { framerOf } from '../framer-of.ts';
import type { Framing } from '../framing.ts';

export interface Chain {
  readonly records: number;
  /** Bytes from the first record to behind the last one that was found. */
  readonly bytes: number;
  readonly shortest: number;
  readonly longest: number;
  readonly empty: number;
  /** Records of several segments. */
  readonly joined: number;
  /** Why it goes no further; absent when it carries to the sample's end. */
  readonly broken?: Fault;
  /** The first records, as many as were to be kept. */
  readonly first: readonly Uint8Array[];
}

/** Records that are kept for a closer look, unless told otherwise. */
const KEPT = 50;

/** `whole`: the sample is the whole file, so the last record must end with it. */
export function chainOf(sample: Uint8Array, framing: Framing, whole: boolean, kept = KEPT): Chain {
  const { header = 0, trailer = 0 } = framing;
  const bytes = sample.slice(header, Math.max(header, sample.length - (whole ? trailer : 0)));
  const core = framerOf(framing);
  const found = new Found();
  const first: Uint8Array[] = [];
  let records = 0;
  let rest = 0;
  let shortest = Number.POSITIVE_INFINITY;
  let longest = 0;
  let empty = 0;
  let joined = 0;
  let broken: Fault | undefined;
  do {
    found.clear();
    try {
      const at = { offset: header + rest, record: records, last: whole };
      rest = core.frame(bytes, rest, bytes.length, at, found);
    } catch (error) {
      broken = toFault(error);
    }
    for (let i = 0; i < found.length; i++) {
      const [start = 0, end = 0] = [found.starts[i], found.ends[i]];
      shortest = Math.min(shortest, end - start);
      longest = Math.max(longest, end - start);
      if (start === end) empty++;
      if (first.length < kept) first.push(bytes.slice(start, end));
    }
    records += found.length;
    joined += found.joined.size;
  } while (found.length > 0 && broken === undefined);
  return {
    records,
    bytes: rest,
    shortest: records === 0 ? 0 : shortest,
    longest,
    empty,
    joined,
    first,
    ...(broken === undefined ? {} : { broken }),
  };
}

/** How certain it is that descriptor words which fit one another for so many records are no accident. `bits` are checked in each. */
export function certainty({ records, empty, broken, longest }: Chain, bits: number): number {
  const meaningful = records - empty;
  if (broken !== undefined || meaningful < 1 || longest < 2 || empty > records / 2) return 0;
  return 1 - 2 ** (-(meaningful * bits) / 12);
}
