// Knows: which records can be measured, and which fields read, where the record stands, without its widest form.
// Must not know: what becomes of the others.

import type { ListNode, Node } from '../layout.ts';
import type { Locate } from './codec.ts';
import type { Part, Shape, Table } from './shape.ts';

/**
 * Does the record end where its fields do? False also for a counter or rule that is a fault, and for whatever else needs a closer
 * look. Reads nothing outside `bytes[start, end)`.
 */
export type Measure = (bytes: Uint8Array, start: number, end: number, locate: Locate) => boolean;

/** Undefined where a counter or rule can only be read in the widest form. `slack`: see `Layout`. */
export function measureOf(shape: Shape, slack: boolean): Measure | undefined {
  const [first] = shape.parts;
  if (first?.kind === 'choice' && shape.parts.length === 1) {
    const variants = first.variants.map((variant) => measureOf(variant, true));
    if (!first.last || variants.includes(undefined)) return undefined;
    const widest = first.offset + first.length;
    const most = slack ? Number.POSITIVE_INFINITY : widest;
    const isPlain = first.variants.every(({ parts }) => parts.length === 0);
    return (bytes, start, end, locate) => {
      if (end - start < first.offset || end - start > most) return false;
      const chosen = first.choose(bytes, start, start, end, locate);
      // Nobody knows which variant it is, but the record has room for each: the fault is the union's alone.
      if (typeof chosen !== 'number') return isPlain && end - start >= widest;
      return variants[chosen]?.(bytes, start, end, locate) === true;
    };
  }
  const tables = shape.parts.filter(isPlainTable);
  const settled = Math.min(shape.end, ...tables.map(({ offset }) => offset));
  if (tables.length < shape.parts.length || tables.some(({ counter }) => (counter?.end ?? 0) > settled)) {
    return undefined;
  }
  return (bytes, start, end, locate) => {
    const found = end - start;
    if (found < settled) return false;
    let needed = shape.end;
    for (const { counter, max, stride } of tables) {
      const count = counter === undefined ? max : counter.count(bytes, start, start, locate);
      if (typeof count !== 'number') return false;
      needed -= (max - count) * stride;
    }
    return slack ? needed <= found : needed === found;
  };
}

/** Elements of one length that are counted outside of every list. */
function isPlainTable(part: Part): part is Table {
  return part.kind === 'table' && part.element.parts.length === 0 && part.counter?.depth === 0;
}

/** Do these nodes have the same offsets in a measured record as in its widest form? */
export function areInPlace(nodes: readonly Node[], shape: Shape): boolean {
  return nodes.every((node) => isInPlace(node, shape));
}

function isInPlace(node: Node, shape: Shape): boolean {
  const isSettled = node.offset + node.length <= (shape.parts[0]?.offset ?? shape.end);
  // Another reading of what varies may go on behind the record's end.
  if (node.alternate === true && !isSettled) return false;
  const only = shape.parts.length === 1 ? shape.parts[0] : undefined;
  switch (node.kind) {
    case 'scalar':
      return isSettled;
    case 'group':
      return areInPlace(node.nodes, shape);
    case 'list':
      // Elements of a last table stand where they do in the widest form, only not all of them.
      return (
        isSettled ||
        (only?.kind === 'table' && only.offset + only.length === shape.end && isListOf(node, only))
      );
    case 'union':
      // A rule of another union may look at what has moved.
      return (
        only?.kind === 'choice' &&
        only.offset === node.offset &&
        node.variants.every((variant, i) => {
          const form = only.variants[i];
          return form !== undefined && areInPlace(variant.node.nodes, form);
        })
      );
  }
}

function isListOf({ offset, stride, max }: ListNode, table: Table): boolean {
  return table.offset === offset && table.stride === stride && table.max === max;
}
