// Knows: how a row becomes a record: which fields are written, over which bytes, in which order.
// Must not know: how a scalar is written; generated code, since writing is rare beside reading.

import { Fault } from '../../fault.ts';
import { type Cell, isList, isRecord, memberOf, type Row } from '../../model/value.ts';
import { openCharset } from '../charset.ts';
import { isFlaw } from '../flaw.ts';
import type { Layout, ListNode, Node, ScalarNode } from '../layout.ts';
import { counterAt } from '../paths.ts';
import { readerOf } from '../scalar.ts';
import { initialWriter, writerOf } from '../scalar-writer.ts';

type Encode = (row: Row, into?: Uint8Array) => Uint8Array;

/** A record in the making. `given`: bytes that a field of the row has already decided. */
interface Target {
  readonly bytes: Uint8Array;
  readonly given: Uint8Array;
  readonly row: Row;
}

/** Writes the cell at `base` plus the node's offset; absent cells leave the bytes. */
type Put = (target: Target, base: number, cell: Cell | undefined, path: string) => void;

export function encoderOf(layout: Layout): Encode {
  const put = putAll(layout.nodes, layout);
  const fill = initialAll(layout.nodes, layout);
  const { space } = openCharset(layout.charset);
  return (row, into) => {
    if (into !== undefined && into.length !== layout.length) {
      throw new Fault(
        'internal',
        `A record of ${into.length} bytes cannot take the place of one of ${layout.length}`,
      );
    }
    const bytes = into === undefined ? new Uint8Array(layout.length).fill(space) : into.slice();
    if (into === undefined) fill(bytes, 0);
    put({ bytes, given: new Uint8Array(layout.length), row }, 0, row, '');
    return bytes;
  };
}

function putAll(nodes: readonly Node[], layout: Layout): Put {
  const members = nodes.map((node) => ({ name: node.name, put: putOne(node, layout) }));
  const names = new Set(nodes.map(({ name }) => name));
  return (target, base, cell, path) => {
    if (cell === undefined) return;
    if (!isRecord(cell)) throw rejected(path, 'a group needs an object');
    const stranger = Object.keys(cell).find((name) => !names.has(name));
    if (stranger !== undefined) throw rejected(join(path, stranger), 'there is no such field');
    for (const { name, put } of members) put(target, base, memberOf(cell, name), join(path, name));
  };
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function putOne(node: Node, layout: Layout): Put {
  switch (node.kind) {
    case 'group':
      return putAll(node.nodes, layout);
    case 'list':
      return putList(node, layout);
    case 'scalar':
      return node.encoding.kind === 'condition' ? checkCondition(node, layout) : putScalar(node, layout);
  }
}

function putList(node: ListNode, layout: Layout): Put {
  const put = putOne(node.of, layout);
  const countNode = node.dependingOn === undefined ? undefined : counterAt(layout.nodes, node.dependingOn);
  const readCount = countNode === undefined ? undefined : readerOf(countNode, layout.charset);
  return (target, base, cell, path) => {
    if (cell === undefined) return;
    if (!isList(cell)) throw rejected(path, 'it needs a list');
    // The counter stands before the list, so what the row says of it is already in the bytes.
    const count = countNode === undefined ? node.max : readCount?.(target.bytes, countNode.offset);
    if (cell.length !== Number(count) || cell.length < node.min || cell.length > node.max) {
      const wanted = node.dependingOn === undefined ? node.max : `${String(count)} (${node.dependingOn})`;
      throw rejected(path, `the list has ${cell.length} elements, not ${wanted}`);
    }
    for (const [i, element] of cell.entries()) {
      put(target, base + node.offset + i * node.stride, element, `${path}[${i}]`);
    }
  };
}

function putScalar(node: ScalarNode, layout: Layout): Put {
  const read = readerOf(node, layout.charset);
  const write = writerOf(node, layout.charset);
  return ({ bytes, given }, base, cell, path) => {
    if (cell === undefined) return;
    if (cell instanceof Fault) throw cell;
    const at = base + node.offset;
    // Bytes that already hold the value stay: another sign code or padding is none of our business.
    if (read(bytes, at) !== cell) {
      const before = bytes.slice(at, at + node.length);
      const flaw = write(cell, bytes, at);
      if (flaw !== undefined) throw rejected(path, flaw.message, flaw.flaw);
      for (let i = 0; i < node.length; i++) {
        if (given[at + i] === 1 && bytes[at + i] !== before[i]) {
          throw rejected(
            path,
            'another field of the row says something else about the same bytes',
            'conflicting-views',
          );
        }
      }
    }
    given.fill(1, at, at + node.length);
  };
}

/** A condition is a reading of another field: it is not written, but it must not contradict. */
function checkCondition(node: ScalarNode, layout: Layout): Put {
  const read = readerOf(node, layout.charset);
  return ({ bytes }, base, cell, path) => {
    if (cell === undefined) return;
    const truth = read(bytes, base + node.offset);
    if (truth !== cell && !(isFlaw(truth) && cell === null)) {
      throw rejected(
        path,
        `the field that it describes makes it ${isFlaw(truth) ? 'undecidable' : String(truth)}`,
        'conflicting-views',
      );
    }
  };
}

/** What a new record holds where the row says nothing: blanks in text, zero in numbers, first readings before alternates. */
function initialAll(nodes: readonly Node[], layout: Layout): (bytes: Uint8Array, base: number) => void {
  const fills = nodes.filter(({ alternate }) => alternate !== true).map((node) => initialOne(node, layout));
  return (bytes, base) => {
    for (const fill of fills) fill(bytes, base);
  };
}

function initialOne(node: Node, layout: Layout): (bytes: Uint8Array, base: number) => void {
  switch (node.kind) {
    case 'group':
      return initialAll(node.nodes, layout);
    case 'list': {
      const fill = initialOne(node.of, layout);
      return (bytes, base) => {
        for (let i = 0; i < node.max; i++) fill(bytes, base + node.offset + i * node.stride);
      };
    }
    case 'scalar': {
      const fill = initialWriter(node, layout.charset);
      return (bytes, base) => fill(bytes, base + node.offset);
    }
  }
}

function rejected(path: string, message: string, code = 'unwritable-value'): Fault {
  return new Fault('rejected', `The field ${path} cannot be written: ${message}`, { code, field: path });
}
