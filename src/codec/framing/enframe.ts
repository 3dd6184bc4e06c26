// Knows: how records are written one behind the other in every record format.
// Must not know: what is inside a record, and where the bytes go.

import type { ByteSink } from '../../model/byte-sink.ts';
import { prefixLength } from './compilers.ts';
import { rdwWriter } from './enframe-rdw.ts';
import type { CompilerFraming, FixedFraming, Framing, LineFraming } from './framing.ts';
import { hexOf } from './framing-faults.ts';
import { append, type InnerWriter, misconfigured, refused } from './inner-writer.ts';
import { ALIGNMENT, aligned, FILE_HEADER, LONG_RECORDS, openingOf, USER_DATA } from './micro-focus.ts';

/** What a Framing does not say because readers do not need it. */
export interface WriterOptions {
  /** F: the byte that fills up a shorter record (a blank of the charset). Without it a shorter record is `rejected`. */
  readonly pad?: number;
  /** VB, VBS: most bytes of a block, its descriptor word included; 27,998 unless told otherwise (half a track of a 3390). */
  readonly blockSize?: number;
  /** Lines: the bytes that end each; the shortest of the framing's (of those the last) unless told otherwise. */
  readonly end?: Uint8Array;
  /** mf: length of the longest record that will be written; the file header says it. */
  readonly longest?: number;
  /** Written before the first record and behind the last: of the lengths that the framing's margins have. */
  readonly header?: Uint8Array;
  readonly trailer?: Uint8Array;
}

/** Writes one file. */
export interface RecordWriter {
  /** Appends a record. `rejected` Fault: the format cannot hold it (too long, contains a line end); nothing was written. */
  write(record: Uint8Array, out: ByteSink): void;
  /** Appends what is still held back (the last block) and the trailer. Once, at the end, for an empty file too. */
  finish(out: ByteSink): void;
}

/** `invalid` (misconfigured) Fault for options that fit no such file. */
export function recordWriter(framing: Framing, options: WriterOptions = {}): RecordWriter {
  const header = margin('header', framing.header, options.header);
  const trailer = margin('trailer', framing.trailer, options.trailer);
  const inner = writerOf(framing, options);
  let begun = false;
  const begin = (out: ByteSink): void => {
    if (begun) return;
    begun = true;
    append(out, header);
    inner.begin?.(out);
  };
  return {
    write(record, out) {
      inner.check?.(record);
      begin(out);
      inner.write(record, out);
    },
    finish(out) {
      begin(out);
      inner.finish?.(out);
      append(out, trailer);
    },
  };
}

function writerOf(framing: Framing, options: WriterOptions): InnerWriter {
  switch (framing.kind) {
    case 'fixed':
      return fixedWriter(framing, options);
    case 'lines':
      return lineWriter(framing, options);
    case 'rdw':
      return rdwWriter(framing, options.blockSize);
    case 'gnucobol':
      return gnuCobolWriter(framing);
    case 'mf':
      return microFocusWriter(options);
    case 'undefined':
    case 'measured':
      return { write: (record, out) => append(out, record) };
  }
}

function margin(
  what: 'header' | 'trailer',
  length = 0,
  bytes: Uint8Array = new Uint8Array(length),
): Uint8Array {
  if (bytes.length === length) return bytes;
  throw misconfigured(
    `${what}-length`,
    `The ${what} to be written has ${bytes.length} bytes, and the record format says ${length}`,
  );
}

function fixedWriter({ length }: FixedFraming, { pad }: WriterOptions): InnerWriter {
  return {
    check(record) {
      if (record.length === length || (record.length < length && pad !== undefined)) return;
      throw refused(
        'record-length',
        `The record has ${record.length} bytes, and records of this file have ${length}`,
      );
    },
    write(record, out) {
      append(out, record);
      if (record.length === length) return;
      const missing = length - record.length;
      out.reserve(missing);
      out.bytes.fill(pad ?? 0, out.length, out.length + missing);
      out.length += missing;
    },
  };
}

function lineWriter({ ends }: LineFraming, options: WriterOptions): InnerWriter {
  const shortest = ends.reduce((best, end) => (end.length <= best.length ? end : best));
  const end = options.end ?? shortest;
  if (!ends.some((one) => one.length === end.length && one.every((byte, i) => byte === end[i]))) {
    throw misconfigured('line-end', `${hexOf(end, 0, end.length)} is none of the line ends of this file`);
  }
  return {
    check(record) {
      for (const other of ends) {
        const at = indexOf(record, other);
        if (at < 0) continue;
        throw refused(
          'line-end-in-record',
          `The record has the line end ${hexOf(other, 0, other.length)} in it, at offset ${at}: it would be two lines`,
        );
      }
      // "…CR" before LF would be read as CR LF, and the CR would be lost.
      const [last = -1] = record.subarray(-1);
      if (ends.some((other) => other.length > 1 && other[0] === last && other[1] === end[0])) {
        throw refused(
          'line-end-in-record',
          `The record ends with ${hexOf(record, record.length - 1, record.length)}, which with its line end would be another line end`,
        );
      }
    },
    write(record, out) {
      append(out, record);
      append(out, end);
    },
  };
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  const [first = 0] = wanted;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  return -1;
}

function gnuCobolWriter({ variant }: CompilerFraming): InnerWriter {
  const prefix = prefixLength(variant);
  const long = variant === 1 || variant === 2;
  return {
    check(record) {
      if (long || record.length <= 0xffff) return;
      throw refused('record-too-long', `The record has ${record.length} bytes, and 65535 is the most here`);
    },
    write(record, out) {
      const { length } = record;
      out.reserve(prefix);
      const view = new DataView(out.bytes.buffer, out.length, prefix);
      if (long) view.setUint32(0, length, variant === 2);
      else {
        if (prefix === 4) view.setUint32(0, 0);
        view.setUint16(0, length);
      }
      out.length += prefix;
      append(out, record);
    },
  };
}

function microFocusWriter({ longest }: WriterOptions): InnerWriter {
  if (longest === undefined) {
    throw misconfigured(
      'longest-record',
      'The header of a file of Micro Focus says how long its longest record is: give "longest"',
    );
  }
  const headerBytes = longest < LONG_RECORDS ? 2 : 4;
  return {
    begin(out) {
      const header = new Uint8Array(FILE_HEADER);
      header.set(openingOf(headerBytes));
      header[37] = 62;
      header[39] = SEQUENTIAL;
      header[48] = VARIABLE;
      new DataView(header.buffer).setUint32(54, longest);
      append(out, header);
    },
    check(record) {
      if (record.length <= longest) return;
      throw refused(
        'record-too-long',
        `The record has ${record.length} bytes, and the file header says that ${longest} is the most`,
      );
    },
    write(record, out) {
      const taken = Math.max(2 * ALIGNMENT, aligned(headerBytes + record.length));
      out.reserve(taken);
      const view = new DataView(out.bytes.buffer, out.length, taken);
      if (headerBytes === 2) view.setUint16(0, (USER_DATA << 12) | record.length);
      else view.setUint32(0, ((USER_DATA << 28) | record.length) >>> 0);
      out.bytes.set(record, out.length + headerBytes);
      out.bytes.fill(0x20, out.length + headerBytes + record.length, out.length + taken);
      out.length += taken;
    },
  };
}

/** Of the file header: organization, recording mode. */
const SEQUENTIAL = 1;
const VARIABLE = 1;
