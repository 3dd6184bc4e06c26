// Knows: how the children of an element become the fields of an object.
// Must not know: text, attributes, types told apart by xsi:type.

import { type Cell, Fault, TAG } from '#spi';
import { childrenOf, textOf, type XmlElement, type XmlName } from '../xml/element.ts';
import { elementText } from '../xml/write-xml.ts';
import { namesIn } from './content.ts';
import { corrupt, type DecodeElement, type Decoding, fits, pathTo, unexpected } from './decoding.ts';
import { listOf } from './later.ts';
import {
  type AnyPart,
  type ElementPart,
  type GroupPart,
  isGroup,
  type Part,
  type RepeatPart,
} from './shape.ts';

/** An object on its way: where it is, and the fields found so far. */
export interface Filling {
  readonly at: string;
  readonly how: Decoding;
  readonly out: Record<string, Cell>;
  readonly decode: DecodeElement;
}

/**
 * The children by their names, whatever their order: between different elements it says nothing, and not every service keeps to it.
 * Only a repeated group is read in order. Returns a fault where the element as a whole cannot be trusted.
 */
export function decodeContent(filling: Filling, content: GroupPart, element: XmlElement): Fault | undefined {
  if (/\S/.test(textOf(element))) {
    return corrupt('unexpected-text', 'The service sent text where its WSDL has elements only', filling.at);
  }
  return decodeChildren(filling, content, childrenOf(element));
}

function decodeChildren(
  filling: Filling,
  content: GroupPart,
  children: readonly XmlElement[],
): Fault | undefined {
  const { at, how, out } = filling;
  const leaves = leavesOf(content);
  const left = new Set(children);
  const take = (names: readonly XmlName[]): readonly XmlElement[] => {
    const taken = [...left].filter((child) => names.some((name) => fits(name, child, how.names)));
    for (const child of taken) left.delete(child);
    return taken;
  };
  for (const part of leaves.elements.values()) {
    const wrong = decodeElements(filling, part, take([part.name]));
    if (wrong !== undefined) return wrong;
  }
  for (const part of leaves.repeats) {
    const path = pathTo(at, part.field);
    const items = repeated({ ...filling, at: path }, part, take(namesIn(part)));
    if (items instanceof Fault) return items;
    out[part.field] = items;
  }
  const { any } = leaves;
  if (any !== undefined) {
    const texts = [...left].map(elementText);
    if (any.list || texts.length > 0) out[any.field] = any.list ? texts : texts.join('');
    left.clear();
  }
  const [first] = left;
  if (first !== undefined && how.unknown === 'fail') return unexpected(first, at);
  return missing(content, at, out);
}

function decodeElements(
  { at, how, out, decode }: Filling,
  { field, shape, list }: ElementPart,
  found: readonly XmlElement[],
): Fault | undefined {
  const path = pathTo(at, field);
  if (list) {
    const item = (i: number): Cell => {
      const child = found[i];
      return child === undefined ? null : decode(shape, child, `${path}[${i}]`, how);
    };
    out[field] = listOf(found.length, item, how.later);
    return undefined;
  }
  const [first, second] = found;
  if (second !== undefined) {
    return corrupt('too-many-elements', `The service sent "${second.local}" more than once`, path);
  }
  if (first !== undefined) out[field] = decode(shape, first, path, how);
  return undefined;
}

interface Leaves {
  /** By field: an element that stands at several places is one field. */
  readonly elements: ReadonlyMap<string, ElementPart>;
  readonly repeats: readonly RepeatPart[];
  readonly any: AnyPart | undefined;
}

const known = new WeakMap<GroupPart, Leaves>();

function leavesOf(content: GroupPart): Leaves {
  const before = known.get(content);
  if (before !== undefined) return before;
  const elements = new Map<string, ElementPart>();
  const repeats: RepeatPart[] = [];
  let any: AnyPart | undefined;
  const visit = (part: Part): void => {
    switch (part.kind) {
      case 'element':
        if (!elements.has(part.field)) elements.set(part.field, part);
        return;
      case 'repeat':
        repeats.push(part);
        return;
      case 'any':
        any = part;
        return;
      default:
        part.of.forEach(visit);
    }
  };
  visit(content);
  const leaves = { elements, repeats, any };
  known.set(content, leaves);
  return leaves;
}

/** A required element that is not there is a fault in its field's place, a required choice without a branch one of the whole. */
function missing(part: Part, at: string, out: Record<string, Cell>): Fault | undefined {
  switch (part.kind) {
    case 'element':
      if (part.min > 0 && !part.list && !Object.hasOwn(out, part.field)) {
        const path = pathTo(at, part.field);
        out[part.field] = corrupt('missing-element', `The service left out "${part.name.local}"`, path);
      }
      return undefined;
    case 'any':
    case 'repeat':
      return undefined;
    case 'choice': {
      const chosen = part.of.find((branch) => isThere(branch, out));
      if (chosen !== undefined) return missing(chosen, at, out);
      if (mayBeEmpty(part)) return undefined;
      const names = namesIn(part).map(({ local }) => local);
      return corrupt('missing-element', `The service sent none of ${names.join(', ')}`, at);
    }
    default: {
      if (part.optional && !isThere(part, out)) return undefined;
      return part.of.map((inner) => missing(inner, at, out)).find((fault) => fault !== undefined);
    }
  }
}

/** Nothing of it must be there. */
export function mayBeEmpty(part: Part): boolean {
  switch (part.kind) {
    case 'element':
    case 'any':
    case 'repeat':
      return part.min === 0;
    case 'choice':
      return part.optional || part.of.length === 0 || part.of.some(mayBeEmpty);
    default:
      return part.optional || part.of.every(mayBeEmpty);
  }
}

function isThere(part: Part, out: Record<string, Cell>): boolean {
  if (isGroup(part)) {
    return part.of.some((inner) => isThere(inner, out));
  }
  const cell = Object.hasOwn(out, part.field) ? out[part.field] : undefined;
  return cell !== undefined && !(Array.isArray(cell) && cell.length === 0);
}

/** The occurrences of a repeated group, in document order. */
function repeated(
  { at, how, decode }: Filling,
  { of }: RepeatPart,
  children: readonly XmlElement[],
): readonly Cell[] | Fault {
  const items: Cell[] = [];
  let from = 0;
  for (let first = children[from]; first !== undefined; first = children[from]) {
    const [tag, content] = of.kind === 'object' ? [undefined, of.content] : branchOf(of.branches, first, how);
    const to = content === undefined ? from : occurrenceEnd(content, children, from, how);
    if (content === undefined || to === from) return unexpected(first, at);
    const out: Record<string, Cell> = {};
    const place = `${at}[${items.length}]`;
    const wrong = decodeChildren({ at: place, how, decode, out }, content, children.slice(from, to));
    if (wrong !== undefined) return wrong;
    items.push(tag === undefined ? out : { [TAG]: tag, ...out });
    from = to;
  }
  return items;
}

type Branches = Extract<RepeatPart['of'], { kind: 'choices' }>['branches'];

function branchOf(
  branches: Branches,
  first: XmlElement,
  { names }: Decoding,
): readonly [string, GroupPart] | readonly [undefined, undefined] {
  for (const [tag, { content }] of branches) {
    if (namesIn(content).some((name) => fits(name, first, names))) return [tag, content];
  }
  return [undefined, undefined];
}

/** Where an occurrence of the group ends that begins at `from`: it takes as many children as fit (schemas are deterministic). */
function occurrenceEnd(part: Part, children: readonly XmlElement[], from: number, how: Decoding): number {
  switch (part.kind) {
    case 'element': {
      let to = from;
      while (to - from < part.max && isNamed(children[to], part.name, how)) to++;
      return to;
    }
    case 'any':
      return from;
    case 'repeat': {
      const inner: Part = part.of.kind === 'object' ? part.of.content : oneOf(part.of.branches);
      let to = from;
      for (let i = 0; i < part.max; i++) {
        const end = occurrenceEnd(inner, children, to, how);
        if (end === to) break;
        to = end;
      }
      return to;
    }
    case 'choice':
      return Math.max(from, ...part.of.map((inner) => occurrenceEnd(inner, children, from, how)));
    case 'sequence':
      return part.of.reduce((to, inner) => occurrenceEnd(inner, children, to, how), from);
    case 'all': {
      const names = namesIn(part);
      let to = from;
      while (names.some((name) => isNamed(children[to], name, how))) to++;
      return to;
    }
  }
}

function oneOf(branches: Branches): GroupPart {
  return { kind: 'choice', optional: true, of: [...branches.values()].map(({ content }) => content) };
}

function isNamed(child: XmlElement | undefined, name: XmlName, { names }: Decoding): boolean {
  return child !== undefined && fits(name, child, names);
}
