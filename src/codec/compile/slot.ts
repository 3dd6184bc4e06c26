// Knows: one scalar or counter at work: its reading with the fault that tells field, byte and record.
// Must not know: generated code, which only takes shortcuts for the regular bytes of what is read here.

import { Fault, type FaultPlace } from '../../fault.ts';
import type { Cell } from '../../model/value.ts';
import { type Flaw, isFlaw } from '../flaw.ts';
import type { Layout, ListNode, ScalarNode } from '../layout.ts';
import { counterAt } from '../paths.ts';
import { readerOf } from '../scalar.ts';
import type { Locate } from './compile.ts';

/** The cell of a field whose first byte is at `at`, in the record whose first byte is at `start`. */
export type ReadCell = (bytes: Uint8Array, at: number, start: number, locate: Locate) => Cell;

/** How many elements of a list count, or the fault of its counter. */
export type Count = (bytes: Uint8Array, start: number, locate: Locate) => number | Fault;

/** Most bytes that a fault shows. */
const SHOWN_BYTES = 256;

export function cellReader(node: ScalarNode, path: string, layout: Layout): ReadCell {
  const read = readerOf(node, layout.charset);
  return (bytes, at, start, locate) => {
    const value = read(bytes, at);
    return isFlaw(value) ? faultOf(value, node, path, bytes, at, start, locate()) : value;
  };
}

function faultOf(
  { flaw, message }: Flaw,
  { length }: ScalarNode,
  path: string,
  bytes: Uint8Array,
  at: number,
  start: number,
  place: FaultPlace,
): Fault {
  const hex = bytes.subarray(at, at + Math.min(length, SHOWN_BYTES)).toHex();
  return new Fault('corrupt', `The field ${path} cannot be decoded: ${message}`, {
    ...place,
    code: flaw,
    field: path,
    byteOffset: (place.byteOffset ?? 0) + at - start,
    hex: hex.toUpperCase(),
  });
}

/** The counter of OCCURS DEPENDING ON, held to the minimum and maximum that the copybook declares. */
export function counter(list: ListNode, path: string, layout: Layout): Count {
  const { dependingOn = '', min, max } = list;
  const node = counterAt(layout.nodes, dependingOn);
  if (node === undefined)
    throw new TypeError(`${path} depends on ${dependingOn}, which is no whole number of the layout`);
  const read = cellReader(node, dependingOn, layout);
  return (bytes, start, locate) => {
    const at = start + node.offset;
    const count = read(bytes, at, start, locate);
    if (count instanceof Fault) return count;
    if (Number(count) >= min && Number(count) <= max && count !== null) return Number(count);
    const flaw = {
      flaw: 'bad-counter',
      message: `it counts the elements of ${path} and is ${count}, not ${min} to ${max}`,
    };
    return faultOf(flaw, node, dependingOn, bytes, at, start, locate());
  };
}
