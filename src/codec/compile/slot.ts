// Knows: one scalar or counter at work: its reading with the fault that tells field, byte and record.
// Must not know: records as a whole. Generated code takes shortcuts for the regular bytes of what is read here.

import { Fault, type FaultPlace } from '../../fault.ts';
import type { Cell } from '../../model/value.ts';
import type { Layout, ListNode, ScalarNode } from '../layout.ts';
import { type Flaw, isFlaw } from '../scalars/flaw.ts';
import { readerOf } from '../scalars/scalar.ts';
import type { Locate } from './codec.ts';
import { type Counter, counterOf, join, type Place } from './place.ts';
import { type Program, program } from './program.ts';
import { numberCode } from './shortcuts.ts';

/** The cell of a field whose first byte is at `at`, in the record whose first byte is at `start`. */
export type ReadCell = (bytes: Uint8Array, at: number, start: number, locate: Locate) => Cell;

/** How many elements of a list count, or the fault of its counter, whose offset counts from `base`. */
export type Count = (bytes: Uint8Array, base: number, start: number, locate: Locate) => number | Fault;

/** Most bytes that a fault shows. */
export const SHOWN_BYTES = 256;

export function cellReader(node: ScalarNode, path: string, layout: Layout): ReadCell {
  const read = readerOf(node, layout.charset);
  return (bytes, at, start, locate) => {
    const value = read(bytes, at);
    return isFlaw(value) ? faultOf(value, node, path, bytes, at, locate(at - start)) : value;
  };
}

function faultOf(
  { flaw, message }: Flaw,
  { length }: ScalarNode,
  path: string,
  bytes: Uint8Array,
  at: number,
  place: FaultPlace,
): Fault {
  const hex = bytes.subarray(at, at + Math.min(length, SHOWN_BYTES)).toHex();
  return new Fault('corrupt', `The field ${path} cannot be decoded: ${message}`, {
    ...place,
    code: flaw,
    field: path,
    hex: hex.toUpperCase(),
  });
}

/** The counter of OCCURS DEPENDING ON, held to the minimum and maximum that the copybook declares. `path`: of the list. */
function countReader(list: ListNode, path: string, counter: Counter, layout: Layout): Count {
  const { min, max } = list;
  const { node } = counter;
  const read = cellReader(node, counter.path, layout);
  return (bytes, base, start, locate) => {
    const at = base + node.offset;
    const count = read(bytes, at, start, locate);
    if (count instanceof Fault) return count;
    if (Number(count) >= min && Number(count) <= max && count !== null) return Number(count);
    const flaw = {
      flaw: 'bad-counter',
      message: `it counts the elements of ${path} and is ${count}, not ${min} to ${max}`,
    };
    return faultOf(flaw, node, counter.path, bytes, at, locate(at - start));
  };
}

/**
 * Code of the number of a list's elements, or of the fault of its counter; what must come before is written. `bases`: code of the
 * offsets that the fields of the record, and of the elements around the list, count from.
 */
export function countCode(
  list: ListNode,
  place: Place,
  bases: readonly string[],
  layout: Layout,
  code: Program,
): string {
  const { dependingOn, min, max } = list;
  if (dependingOn === undefined) return String(max);
  const counter = counterOf(list, place);
  const base = bases[counter.depth] ?? 'start';
  const read = countReader(list, join(place.path, list.name), counter, layout);
  const slow = `${code.constant(read)}(bytes, ${base}, start, locate)`;
  const quick = numberCode(counter.node, `${base} + ${counter.node.offset}`, code);
  const count = code.fresh();
  code.line(`let ${count} = ${quick ?? slow};`);
  if (quick !== undefined) {
    code.line(`if (!(${count} >= ${min} && ${count} <= ${max})) ${count} = ${slow};`);
  }
  return count;
}

/** The same as a function of its own. */
export function generateCount(list: ListNode, place: Place, layout: Layout): Count {
  const code = program();
  const bases = Array.from({ length: place.depth + 1 }, () => 'base');
  code.line(`return ${countCode(list, place, bases, layout, code)};`);
  // cast: the program was written with this signature.
  return code.build('bytes, base, start, locate') as Count;
}
