// Knows: what happens to a record that is not as long as its layout.
// Must not know: fields.

import { Fault } from '../../fault.ts';
import type { Row } from '../../model/value.ts';
import { openCharset } from '../charset.ts';
import type { Layout, Node } from '../layout.ts';
import type { Decode, Locate, Test, Write } from './compile.ts';

/** Puts the check of the length before generated functions, which read exactly the layout's length. */
export interface Fitter {
  decode(exact: Decode, nodes: readonly Node[]): Decode;
  write(exact: Write): Write;
  test(exact: Test): Test;
}

export function fitter(layout: Layout): Fitter {
  const { length, flexible = false } = layout;
  const { space } = openCharset(layout.charset);
  const padded = new Uint8Array(flexible ? length : 0);

  /** The record with blanks up to the layout's length; the next call overwrites it. A Fault if it is no such record. */
  function fitted(bytes: Uint8Array, start: number, end: number, locate: Locate): Uint8Array | Fault {
    const found = end - start;
    if (!flexible) return wrongLength(found < length ? 'short-record' : 'long-record', found, length, locate);
    for (let p = start + length; p < end; p++) {
      if (bytes[p] !== space) return wrongLength('long-record', found, length, locate);
    }
    padded.fill(space);
    padded.set(bytes.subarray(start, Math.min(end, start + length)));
    return padded;
  }

  return {
    decode: (exact, nodes) => (bytes, start, end, locate) => {
      if (end - start === length) return exact(bytes, start, end, locate);
      const record = fitted(bytes, start, end, locate);
      return record instanceof Fault ? rowOf(nodes, record) : exact(record, 0, length, locate);
    },
    write: (exact) => (bytes, start, end, out, locate) => {
      if (end - start === length) return exact(bytes, start, end, out, locate);
      const record = fitted(bytes, start, end, locate);
      if (record instanceof Fault) throw record;
      return exact(record, 0, length, out, locate);
    },
    test: (exact) => (bytes, start, end, locate) => {
      if (end - start === length) return exact(bytes, start, end, locate);
      const record = fitted(bytes, start, end, locate);
      if (record instanceof Fault) throw record;
      return exact(record, 0, length, locate);
    },
  };
}

/** Nothing of a record of the wrong length can be trusted. */
function rowOf(nodes: readonly Node[], fault: Fault): Row {
  return Object.fromEntries(nodes.map(({ name }) => [name, fault]));
}

function wrongLength(code: string, found: number, length: number, locate: Locate): Fault {
  const message = `The record has ${found} bytes, but its layout has ${length}`;
  return new Fault('corrupt', message, { ...locate(), code });
}
