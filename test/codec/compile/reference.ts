// The row of a record read field by field through the reference reading, without generated code: the tests' oracle.

import { cellReader, counter } from '../../../src/codec/compile/slot.ts';
import type { Layout, Locate, Node } from '../../../src/codec/index.ts';
import { Fault } from '../../../src/fault.ts';
import type { Cell, Row } from '../../../src/model/value.ts';

export function referenceRow(
  layout: Layout,
  names: readonly string[],
  bytes: Uint8Array,
  start: number,
  locate: Locate,
): Row {
  const cellOf = (node: Node, base: number, path: string): Cell => {
    switch (node.kind) {
      case 'scalar':
        return cellReader(node, path, layout)(bytes, base + node.offset, start, locate);
      case 'group':
        return Object.fromEntries(
          node.nodes
            .filter(({ alternate }) => alternate !== true)
            .map((inner) => [inner.name, cellOf(inner, base, `${path}.${inner.name}`)]),
        );
      case 'list': {
        const count =
          node.dependingOn === undefined ? node.max : counter(node, path, layout)(bytes, start, locate);
        if (count instanceof Fault) return count;
        return Array.from({ length: count }, (_, i) =>
          cellOf(node.of, base + node.offset + i * node.stride, path),
        );
      }
    }
  };
  const nodes = names.flatMap((name) => layout.nodes.filter((node) => node.name === name));
  return Object.fromEntries(nodes.map((node) => [node.name, cellOf(node, start, node.name)]));
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
