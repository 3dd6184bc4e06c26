// The row of a record read field by field through the reference reading, without generated code: the tests' oracle.

import { chooserOf } from '../../../src/codec/compile/choice.ts';
import { inElement, inGroup, inVariant, join, type Place, topOf } from '../../../src/codec/compile/place.ts';
import { cellReader, generateCount } from '../../../src/codec/compile/slot.ts';
import { compile, type Layout, type Locate, type Node } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import { type Cell, type Row, TAG } from '../../../src/model/value.ts';

/** The record is in its widest form. */
export function referenceRow(
  layout: Layout,
  names: readonly string[],
  bytes: Uint8Array,
  start: number,
  locate: Locate,
): Row {
  const chooser = chooserOf(layout, (view, fields) => compile(view).decoder(fields));
  const members = (nodes: readonly Node[], bases: readonly number[], place: Place): Row =>
    Object.fromEntries(
      nodes
        .filter(({ alternate }) => alternate !== true)
        .map((inner) => [inner.name, cellOf(inner, bases, place)]),
    );
  const cellOf = (node: Node, bases: readonly number[], place: Place): Cell => {
    const base = bases.at(-1) ?? start;
    switch (node.kind) {
      case 'scalar': {
        const path = join(place.path, node.name);
        return cellReader(node, path, layout)(bytes, base + node.offset, start, locate);
      }
      case 'group':
        return members(node.nodes, bases, inGroup(place, node));
      case 'list': {
        // Counters in elements are for tests of their own.
        const count =
          node.dependingOn === undefined
            ? node.max
            : generateCount(node, place, layout)(bytes, start, start, locate);
        if (count instanceof Fault) return count;
        const inside = inElement(place, node);
        return Array.from({ length: count }, (_, i) => {
          const here = [...bases, base + node.offset + i * node.stride];
          return node.of.kind === 'group'
            ? members(node.of.nodes, here, inside)
            : cellOf(node.of, here, inside);
        });
      }
      case 'union': {
        const chosen = chooser(node, place).choose(bytes, base, start, start + layout.length, locate);
        const variant = typeof chosen === 'number' ? node.variants[chosen] : undefined;
        if (typeof chosen !== 'number' || variant === undefined) return chosen;
        return { [TAG]: variant.tag, ...members(variant.node.nodes, bases, inVariant(place, node, chosen)) };
      }
    }
  };
  const nodes = names.flatMap((name) => layout.nodes.filter((node) => node.name === name));
  return Object.fromEntries(nodes.map((node) => [node.name, cellOf(node, [start], topOf(layout))]));
}

/** A cell with its faults as plain data, to be compared. */
export function comparable(cell: Cell): unknown {
  if (cell instanceof Fault)
    return { kind: cell.kind, code: cell.code, message: cell.message, place: cell.place };
  if (Array.isArray(cell)) return cell.map(comparable);
  if (typeof cell === 'object' && cell !== null && !(cell instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(cell).map(([name, inner]) => [name, comparable(inner)]));
  }
  return cell;
}
