// Knows: how the record that a codec reads and writes stands in the file, without descriptor words and line ends.
// Must not know: files, how records are found; columns of parse maps (line-form).

import { openCharset } from '#codec/charset';
import type { Framing } from '#codec/framing/framing';
import type { Layout } from '#codec/layout';

export interface RecordForm {
  /** A record of the file → the record of the codec's layout. */
  read(stored: Uint8Array): Uint8Array;
  /** The way back. `before`: what stood there; of it is kept what the layout does not describe. */
  write(record: Uint8Array, before?: Uint8Array): Uint8Array;
}

export function formOf(framing: Framing, { charset }: Layout): RecordForm {
  const { space } = openCharset(charset);
  switch (framing.kind) {
    case 'fixed':
      return fixedForm(framing.length, framing.shown, space);
    case 'lines':
      return lineForm(framing.shown, space);
    default:
      return { read: (stored) => stored, write: (record) => record };
  }
}

/** What the layout leaves of a record of one length stays, and is blank in a new one. */
function fixedForm(length: number, shown: number, space: number): RecordForm {
  return {
    read: (stored) => stored.subarray(0, shown),
    write(record, before) {
      const stored = new Uint8Array(length).fill(space);
      if (before !== undefined) stored.set(before.subarray(shown), shown);
      // A table that grew moved what stood behind it, which nothing describes.
      stored.set(record.subarray(0, shown));
      return stored;
    },
  };
}

/** A line keeps its length, blanks at its end included, as far as its text allows. */
function lineForm(shown: number | undefined, space: number): RecordForm {
  return {
    read: (stored) => (shown === undefined ? stored : stored.subarray(0, shown)),
    write(record, before) {
      if (before === undefined) return record;
      if (shown !== undefined && before.length > shown) return joined(record, before.subarray(shown));
      return asLongAs(record, before.length, space);
    },
  };
}

/** The line with as many blanks at its end as make it so long, or as few. */
export function asLongAs(line: Uint8Array, length: number, space: number): Uint8Array {
  if (line.length < length) return joined(line, new Uint8Array(length - line.length).fill(space));
  let end = line.length;
  while (end > length && line[end - 1] === space) end--;
  return line.subarray(0, end);
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
