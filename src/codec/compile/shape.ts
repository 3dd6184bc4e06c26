// Knows: in what a record's bytes differ from its widest form: tables that slide, and a last union with shorter variants.
// Must not know: bytes; the fields in between.

import { Fault } from '../../fault.ts';
import type { Layout, ListNode, Node, UnionNode } from '../layout.ts';
import type { Chooser, Choosing } from './choice.ts';
import { counterOf, inElement, inGroup, inVariant, join, type Place, topOf } from './place.ts';
import { type Count, generateCount } from './slot.ts';

/** A stretch of a record, of a list's element or of a variant, `end` bytes behind the offset that its parts count from. */
export interface Shape {
  readonly end: number;
  /** In the order of their offsets; between them bytes stand as they are. */
  readonly parts: readonly Part[];
}

export type Part = Table | Choice;

/** A table whose elements take as many bytes as there are, or have parts themselves. */
export interface Table {
  readonly kind: 'table';
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly stride: number;
  readonly max: number;
  readonly element: Shape;
  /** Absent: always `max` elements. */
  readonly counter?: Counted;
}

/** How the elements of a table are counted. */
export interface Counted {
  readonly path: string;
  readonly count: Count;
  readonly min: number;
  /** Number of lists around the counter, and the offset behind it. */
  readonly depth: number;
  readonly end: number;
}

/** A union that is the last of a record's bytes, or has variants with parts. */
export interface Choice extends Choosing {
  readonly kind: 'choice';
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  /** Nothing stands behind it: the record may end behind the variant. */
  readonly last: boolean;
  /** Outside of every list. */
  readonly single: boolean;
  /** Rules look so far ahead that they can be tested only on a record as it comes. */
  readonly late: boolean;
  readonly variants: readonly Shape[];
}

/** Throws a misconfigured `invalid` Fault where a counter or a rule would have to be read before what decides on its place. */
export function shapeOf(layout: Layout, chooser: Chooser): Shape {
  return shape(layout.nodes, layout.length, true, topOf(layout), { layout, chooser });
}

interface Setting {
  readonly layout: Layout;
  readonly chooser: Chooser;
}

function shape(nodes: readonly Node[], end: number, last: boolean, place: Place, setting: Setting): Shape {
  const found = partsOf(nodes, last ? end : undefined, place, setting);
  const parts: Part[] = [];
  for (const part of found.toSorted((a, b) => a.offset - b.offset)) {
    const before = parts.at(-1);
    if (before?.kind === 'table' && part.kind === 'table' && isSameTable(before, part)) {
      // Items of one table without a name are a list each; inner tables may be below any of them.
      parts[parts.length - 1] = merged(before, part);
    } else if (before !== undefined && before.offset + before.length > part.offset) {
      throw misplaced(part.path, `shares bytes with ${before.path}, and how many there are varies`);
    } else parts.push(part);
  }
  return { end, parts };
}

/** `end`: where a union must end to be the last; undefined where there is none. */
function partsOf(
  nodes: readonly Node[],
  end: number | undefined,
  place: Place,
  setting: Setting,
): readonly Part[] {
  // Another reading of bytes follows the first one, but a table may have none other.
  const first = (node: Node) =>
    node.alternate !== true || !nodes.some((other) => other.alternate !== true && overlap(other, node));
  return nodes.filter(first).flatMap((node) => partsOfOne(node, end, place, setting));
}

function partsOfOne(node: Node, end: number | undefined, place: Place, setting: Setting): readonly Part[] {
  switch (node.kind) {
    case 'scalar':
      return [];
    case 'group':
      return partsOf(node.nodes, end, inGroup(place, node), setting);
    case 'list':
      return tableOf(node, place, setting);
    case 'union':
      return choiceOf(node, end === node.offset + node.length, place, setting);
  }
}

function overlap(a: Node, b: Node): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}

function tableOf(node: ListNode, place: Place, setting: Setting): readonly Part[] {
  const { offset, length, stride, min, max, slides, dependingOn } = node;
  const path = join(place.path, node.name);
  const inside = inElement(place, node);
  const element = shape(node.of.kind === 'group' ? node.of.nodes : [node.of], stride, false, inside, setting);
  if (countersEnd(element, place.depth) > offset) {
    throw misplaced(path, 'holds a table whose counter stands behind it');
  }
  if (slides !== true || dependingOn === undefined) {
    if (element.parts.length === 0) return [];
    if (dependingOn !== undefined)
      throw misplaced(path, 'always takes all its bytes, but its elements do not');
    return [{ kind: 'table', path, offset, length, stride, max, element }];
  }
  const counter = counterOf(node, place);
  const end = counter.node.offset + counter.node.length;
  if (counter.depth === place.depth && end > offset) {
    throw misplaced(path, `depends on ${counter.path}, which does not stand before it`);
  }
  const count = generateCount(node, place, setting.layout);
  return [
    {
      kind: 'table',
      path,
      offset,
      length,
      stride,
      max,
      element,
      counter: { path: counter.path, count, min, depth: counter.depth, end },
    },
  ];
}

function isSameTable(a: Table, b: Table): boolean {
  return (
    a.offset === b.offset && a.stride === b.stride && a.max === b.max && a.counter?.path === b.counter?.path
  );
}

function merged(a: Table, b: Table): Table {
  const parts = [...a.element.parts, ...b.element.parts].toSorted((one, other) => one.offset - other.offset);
  return { ...a, element: { end: a.element.end, parts } };
}

function choiceOf(node: UnionNode, last: boolean, place: Place, setting: Setting): readonly Part[] {
  const { offset, length } = node;
  const path = join(place.path, node.name);
  const variants = node.variants.map((variant, i) =>
    shape(
      variant.node.nodes,
      variant.node.offset + variant.node.length,
      last,
      inVariant(place, node, i),
      setting,
    ),
  );
  const varies = variants.some(({ end, parts }) => parts.length > 0 || (last && end < offset + length));
  if (!varies) return [];
  const choosing = setting.chooser(node, place);
  const single = place.depth === 0;
  const late = choosing.reach > Math.min(...variants.map(firstTable));
  if (choosing.reach > offset + length || (late && !single)) {
    throw misplaced(path, 'has rules that look at fields behind bytes whose number varies');
  }
  return [{ kind: 'choice', path, offset, length, last, single, late, variants, ...choosing }];
}

/** Offset from which on bytes may stand elsewhere in the record. */
function firstTable({ parts }: Shape): number {
  const [first] = parts;
  if (first === undefined) return Number.POSITIVE_INFINITY;
  return first.kind === 'table' ? first.offset : Math.min(...first.variants.map(firstTable));
}

/** Choices that cannot be made again in the widest form. */
export function lateChoices({ parts }: Shape): readonly Choice[] {
  return parts.flatMap((part): readonly Choice[] => {
    if (part.kind === 'table') return [];
    return [...(part.late ? [part] : []), ...part.variants.flatMap(lateChoices)];
  });
}

/** Offset behind the last counter with so many lists around it. */
function countersEnd({ parts }: Shape, depth: number): number {
  const ends = parts.flatMap((part) => {
    if (part.kind === 'choice') return part.variants.map((variant) => countersEnd(variant, depth));
    const own = part.counter?.depth === depth ? part.counter.end : 0;
    return [own, countersEnd(part.element, depth)];
  });
  return Math.max(0, ...ends);
}

function misplaced(path: string, what: string): Fault {
  return new Fault('invalid', `The field ${path} cannot be placed: it ${what}`, {
    code: 'bad-layout',
    field: path,
    misconfigured: true,
  });
}
