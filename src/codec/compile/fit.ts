// Knows: which records fit a layout, and which of them must be rearranged before generated code reads them.
// Must not know: how they are rearranged; what is read of them.

import { Fault, type FaultPlace } from '../../fault.ts';
import type { Row } from '../../model/value.ts';
import { openCharset } from '../charset.ts';
import type { Layout, Node } from '../layout.ts';
import type { Decode, Locate, Test, Write } from './codec.ts';
import type { Shape } from './shape.ts';
import { areInPlace, measureOf } from './standing.ts';
import { widener } from './widen.ts';

/** A record as generated code reads it: in the layout's widest form, or so far in it as it is read. */
export interface Fitted {
  readonly bytes: Uint8Array;
  readonly start: number;
  /** What the record has of its widest form; a rule must not look behind it. */
  readonly end: number;
  readonly locate: Locate;
  /** Bytes of the record that follow its fields, and how many there may be. */
  readonly tail: number;
  readonly spare: number;
}

/** Valid until the next call. A Fault for what is no record of the layout. */
export type Fit = (bytes: Uint8Array, start: number, end: number, locate: Locate) => Fitted | Fault;

/** Puts the check of the length before generated functions. `nodes`: what they look at. */
export interface Fitter {
  decode(exact: Decode, nodes: readonly Node[]): Decode;
  write(exact: Write, nodes: readonly Node[]): Write;
  test(exact: Test, nodes: readonly Node[]): Test;
  /** The whole record in its widest form. */
  readonly fit: Fit;
}

/** `initial`: a new record in its widest form. */
export function fitter(layout: Layout, shape: Shape, initial: () => Uint8Array): Fitter {
  const { length, slack = false, flexible = false } = layout;
  const fit = shape.parts.length === 0 ? fixedFit(layout) : varyingFit(layout, shape, initial);
  const measured = flexible ? undefined : measureOf(shape, slack);
  /** A record of this length is read where it stands. Not a function: for most layouts nothing else is asked of a record. */
  const whole = shape.parts.length === 0 ? length : Number.NaN;
  /** May these nodes be read where another record stands? */
  const standing = (nodes: readonly Node[]) =>
    measured !== undefined && shape.parts.length > 0 && areInPlace(nodes, shape) ? measured : never;
  return {
    fit,
    decode(exact, nodes) {
      const stands = standing(nodes);
      return (bytes, start, end, locate) => {
        if (end - start === whole || stands(bytes, start, end, locate))
          return exact(bytes, start, end, locate);
        const record = fit(bytes, start, end, locate);
        if (record instanceof Fault) return rowOf(nodes, record);
        return exact(record.bytes, record.start, record.end, record.locate);
      };
    },
    write(exact, nodes) {
      const stands = standing(nodes);
      return (bytes, start, end, out, locate) => {
        if (end - start === whole || stands(bytes, start, end, locate)) {
          exact(bytes, start, end, out, locate);
          return;
        }
        const record = fit(bytes, start, end, locate);
        if (record instanceof Fault) throw record;
        exact(record.bytes, record.start, record.end, out, record.locate);
      };
    },
    test(exact, nodes) {
      const stands = standing(nodes);
      return (bytes, start, end, locate) => {
        if (end - start === whole || stands(bytes, start, end, locate))
          return exact(bytes, start, end, locate);
        const record = fit(bytes, start, end, locate);
        if (record instanceof Fault) throw record;
        return exact(record.bytes, record.start, record.end, record.locate);
      };
    },
  };
}

function never(): boolean {
  return false;
}

/** A layout whose records all have its length, but for what `slack` and `flexible` allow. */
function fixedFit(layout: Layout): Fit {
  const { length, slack = false, flexible = false } = layout;
  const filled = flexible ? filler(layout) : undefined;
  return (bytes, start, end, locate) => {
    const found = end - start;
    if (found === length) return { bytes, start, end, locate, tail: 0, spare: 0 };
    if (filled !== undefined) {
      const record = filled(bytes, start, end);
      if (record === undefined) return wrongLength(found, layout, locate(0));
      return { bytes: record, start: 0, end: length, locate, tail: 0, spare: 0 };
    }
    if (found < length) return wrongLength(found, layout, locate(found));
    if (!slack) return wrongLength(found, layout, locate(length));
    return {
      bytes,
      start,
      end: start + length,
      locate,
      tail: found - length,
      spare: Number.POSITIVE_INFINITY,
    };
  };
}

/** A layout with tables that slide or a last union with shorter variants. */
function varyingFit(layout: Layout, shape: Shape, initial: () => Uint8Array): Fit {
  const { length, slack = false, flexible = false } = layout;
  const wide = widener(layout, shape, initial);
  const filled = flexible ? filler(layout) : undefined;
  const { space } = openCharset(layout.charset);
  return (bytes, start, end, locate) => {
    const found = end - start;
    const record = filled === undefined ? bytes : filled(bytes, start, end);
    if (record === undefined) return wrongLength(found, layout, locate(0));
    const [from, to] = filled === undefined ? [start, end] : [0, length];
    const fault = wide.widen(record, from, to, locate);
    if (fault !== undefined) return fault;
    const needed = to - from - wide.tail;
    const isBlank = filled !== undefined && allAre(space, record, from + needed, to);
    if (!slack && !isBlank && wide.tail > wide.spare) return wide.wrongLength(found);
    return {
      bytes: wide.wide,
      start: 0,
      end: wide.end,
      locate: wide.locate,
      tail: wide.tail,
      spare: slack ? Number.POSITIVE_INFINITY : wide.spare,
    };
  };
}

/** The record with blanks up to the layout's length; the next call overwrites it. Undefined if there are other bytes behind that. */
function filler({ length, charset }: Layout) {
  const { space } = openCharset(charset);
  const padded = new Uint8Array(length);
  return (bytes: Uint8Array, start: number, end: number): Uint8Array | undefined => {
    if (!allAre(space, bytes, start + length, end)) return undefined;
    padded.fill(space);
    padded.set(bytes.subarray(start, Math.min(end, start + length)));
    return padded;
  };
}

function allAre(byte: number, bytes: Uint8Array, from: number, to: number): boolean {
  for (let p = from; p < to; p++) if (bytes[p] !== byte) return false;
  return true;
}

/** Nothing of a record of the wrong length can be trusted. */
function rowOf(nodes: readonly Node[], fault: Fault): Row {
  return Object.fromEntries(nodes.map(({ name }) => [name, fault]));
}

function wrongLength(found: number, { length, nodes }: Layout, place: FaultPlace): Fault {
  const message = `The record has ${found} bytes, but its layout has ${length}`;
  const code = found < length ? 'short-record' : 'long-record';
  const hint =
    found < length && nodes.some(hasFullTable)
      ? 'A table that depends on a counter takes its maximum here. Where only the elements that count are in the file, set "odo" to "slide".'
      : undefined;
  return new Fault('corrupt', message, { ...place, code, ...(hint === undefined ? {} : { hint }) });
}

/** A table that depends on a counter and takes its maximum all the same. */
function hasFullTable(node: Node): boolean {
  switch (node.kind) {
    case 'scalar':
      return false;
    case 'group':
      return node.nodes.some(hasFullTable);
    case 'list':
      return (node.dependingOn !== undefined && node.slides !== true) || hasFullTable(node.of);
    case 'union':
      return node.variants.some((variant) => hasFullTable(variant.node));
  }
}
