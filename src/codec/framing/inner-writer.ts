// Knows: what writers of all record formats have in common.
// Must not know: record formats, margins of files.

import { Fault } from '../../fault.ts';
import type { ByteSink } from '../../model/byte-sink.ts';

/** A writer without margins. `check` throws before anything is written. */
export interface InnerWriter {
  begin?(out: ByteSink): void;
  check?(record: Uint8Array): void;
  write(record: Uint8Array, out: ByteSink): void;
  finish?(out: ByteSink): void;
}

export function append(out: ByteSink, bytes: ArrayLike<number>): void {
  out.reserve(bytes.length);
  out.bytes.set(bytes, out.length);
  out.length += bytes.length;
}

/** The record cannot be written in this format. */
export function refused(code: string, message: string, hint?: string): Fault {
  return new Fault('rejected', message, { code, ...(hint === undefined ? {} : { hint }) });
}

/** No record can be written like this. */
export function misconfigured(code: string, message: string, hint?: string): Fault {
  return new Fault('invalid', message, {
    code,
    misconfigured: true,
    ...(hint === undefined ? {} : { hint }),
  });
}
