// Knows: what a new record holds where nobody says anything.
// Must not know: rows; VALUE clauses, which are in the layout's template.

import { openCharset } from '../charset.ts';
import type { Layout, ListNode, Node, UnionNode } from '../layout.ts';
import { readerOf } from '../scalars/scalar.ts';
import { initialWriter, writerOf } from '../scalars/scalar-writer.ts';
import { counterOf, inElement, inGroup, inVariant, type Place, topOf } from './place.ts';

/**
 * Fills the bytes of some nodes. `bases`: what their offsets count from, the record first and the innermost list's element last.
 * Without `fresh` only counters that no list allows are set to the least that it does.
 */
export type Start = (bytes: Uint8Array, bases: readonly number[], fresh: boolean) => void;

/** A new record in its widest form: the template, or blanks in text and FILLER and zero in numbers. The caller gets a copy. */
export function initialOf(layout: Layout): () => Uint8Array {
  let made: Uint8Array | undefined;
  const make = () => {
    const { length, template, charset } = layout;
    const bytes = template?.slice() ?? new Uint8Array(length).fill(openCharset(charset).space);
    startAll(layout.nodes, topOf(layout), layout)(bytes, [0], template === undefined);
    return bytes;
  };
  return () => {
    made ??= make();
    return made.slice();
  };
}

/** First readings, before alternates. */
function startAll(nodes: readonly Node[], place: Place, layout: Layout): Start {
  const starts = nodes
    .filter(({ alternate }) => alternate !== true)
    .map((node) => startOne(node, place, layout));
  return (bytes, bases, fresh) => {
    for (const start of starts) start(bytes, bases, fresh);
  };
}

function startOne(node: Node, place: Place, layout: Layout): Start {
  switch (node.kind) {
    case 'group':
      return startAll(node.nodes, inGroup(place, node), layout);
    case 'list':
      return startList(node, place, layout);
    case 'union':
      return startVariant(node, 0, place, layout);
    case 'scalar': {
      const fill = initialWriter(node, layout.charset);
      return (bytes, bases, fresh) => {
        if (fresh) fill(bytes, (bases.at(-1) ?? 0) + node.offset);
      };
    }
  }
}

/** Of a union the variant that comes first, or the one that is asked for. */
export function startVariant(union: UnionNode, index: number, place: Place, layout: Layout): Start {
  const variant = union.variants[index];
  if (variant === undefined) return () => {};
  const { node, template } = variant;
  const start = startAll(node.nodes, inVariant(place, union, index), layout);
  return (bytes, bases, fresh) => {
    if (fresh && template !== undefined) bytes.set(template, (bases.at(-1) ?? 0) + node.offset);
    start(bytes, bases, fresh && template === undefined);
  };
}

function startList(node: ListNode, place: Place, layout: Layout): Start {
  const { offset, stride, min, max, of, dependingOn } = node;
  const inside = inElement(place, node);
  const start = of.kind === 'group' ? startAll(of.nodes, inside, layout) : startOne(of, inside, layout);
  const startElements: Start = (bytes, bases, fresh) => {
    const from = (bases.at(-1) ?? 0) + offset;
    for (let i = 0; i < max; i++) start(bytes, [...bases, from + i * stride], fresh);
  };
  if (dependingOn === undefined) return startElements;
  const counter = counterOf(node, place);
  const read = readerOf(counter.node, layout.charset);
  const write = writerOf(counter.node, layout.charset);
  return (bytes, bases, fresh) => {
    startElements(bytes, bases, fresh);
    const at = (bases[counter.depth] ?? 0) + counter.node.offset;
    const count = read(bytes, at);
    if (typeof count !== 'bigint' || count < min || count > max) write(BigInt(min), bytes, at);
  };
}
