// Knows: how the fields of an object become the children of an element, in the order of the schema.
// Must not know: text, attributes.

import { isList, isRecord, TAG, type Value } from '#spi';
import type { XmlName } from '../xml/element.ts';
import { type Encoding, missing, refused } from './encoding.ts';
import {
  type AnyPart,
  type ElementPart,
  type GroupPart,
  isGroup,
  type Part,
  type RepeatPart,
  type Shape,
} from './shape.ts';

/** An object on its way out. */
export interface Writing {
  readonly at: string;
  readonly how: Encoding;
  readonly encode: (name: XmlName, shape: Shape, value: Value, at: string, how: Encoding) => string;
  readonly any: (value: Value, at: string) => string;
}

type Group = Readonly<Record<string, Value>>;

export function encodeContent(writing: Writing, content: GroupPart, group: Group): string {
  // An element may stand at several places of a sequence: each takes as many of the list as it may, and the next goes on.
  const taken = new Map<string, number>();
  const text = partText(writing, content, group, taken);
  for (const [field, count] of taken) {
    const value = group[field];
    if (isList(value ?? null) && count < lengthOf(value)) {
      throw refused(pathOf(writing.at, field), `must have at most ${count} elements`, {
        code: 'too-many-elements',
      });
    }
  }
  return text;
}

function partText(writing: Writing, part: Part, group: Group, taken: Map<string, number>): string {
  switch (part.kind) {
    case 'element':
      return elementsText(writing, part, group, taken);
    case 'any':
      return anyText(writing, part, group);
    case 'repeat':
      return repeatText(writing, part, group);
    case 'choice':
      return choiceText(writing, part, group, taken);
    case 'sequence':
    case 'all':
      if (part.optional && !isGiven(part, group)) return '';
      return part.of.map((inner) => partText(writing, inner, group, taken)).join('');
  }
}

function elementsText(
  { at, how, encode }: Writing,
  { field, name, shape, list, min, max, nillable }: ElementPart,
  group: Group,
  taken: Map<string, number>,
): string {
  const path = pathOf(at, field);
  const value = group[field];
  if (!list) {
    if (value === undefined || (value === null && !nillable)) {
      if (min > 0) throw missing(path);
      return '';
    }
    return encode(name, shape, value, path, how);
  }
  const from = taken.get(field) ?? 0;
  if (value !== undefined && value !== null && !isList(value)) throw refused(path, 'must be a list');
  const all = value ?? [];
  const own = all.slice(from, max === Number.POSITIVE_INFINITY ? undefined : from + max);
  taken.set(field, from + own.length);
  if (own.length < min)
    throw refused(path, `must have at least ${min} elements`, { code: 'too-few-elements' });
  return own
    .map((item, i) => {
      const place = `${path}[${from + i}]`;
      if (item === null && !nillable) throw refused(place, 'must not be null');
      return encode(name, shape, item, place, how);
    })
    .join('');
}

function anyText({ at, any }: Writing, { field, list, min }: AnyPart, group: Group): string {
  const path = pathOf(at, field);
  const value = group[field] ?? null;
  if (value === null) {
    if (min > 0) throw missing(path);
    return '';
  }
  if (!list) return any(value, path);
  if (!isList(value)) throw refused(path, 'must be a list');
  return value.map((item, i) => any(item, `${path}[${i}]`)).join('');
}

function repeatText(writing: Writing, { field, of, min, max }: RepeatPart, group: Group): string {
  const path = pathOf(writing.at, field);
  const value = group[field] ?? [];
  if (!isList(value)) throw refused(path, 'must be a list');
  if (value.length < min)
    throw refused(path, `must have at least ${min} elements`, { code: 'too-few-elements' });
  if (value.length > max)
    throw refused(path, `must have at most ${max} elements`, { code: 'too-many-elements' });
  return value
    .map((item, i) => {
      const at = `${path}[${i}]`;
      if (!isRecord(item)) throw refused(at, 'must be a group of fields');
      const tag = item[TAG];
      const shape = of.kind === 'object' ? of : typeof tag === 'string' ? of.branches.get(tag) : undefined;
      if (shape === undefined) {
        const tags = of.kind === 'object' ? [] : [...of.branches.keys()];
        throw refused(at, `must say by "${TAG}" what it is: ${tags.join(', ')}`);
      }
      return encodeContent({ ...writing, at }, shape.content, ownValues(item));
    })
    .join('');
}

function choiceText(writing: Writing, part: GroupPart, group: Group, taken: Map<string, number>): string {
  const given = part.of.filter((branch) => isGiven(branch, group));
  const fields = new Set(
    part.of.flatMap((branch) => fieldsOf(branch)).filter((field) => hasValue(group[field])),
  );
  // Branches may share elements: the one that takes all that was given is meant.
  const chosen = given.find((branch) => {
    const own = fieldsOf(branch);
    return [...fields].every((field) => own.includes(field));
  });
  if (chosen !== undefined) return partText(writing, chosen, group, taken);
  const names = [...new Set(part.of.flatMap((branch) => fieldsOf(branch)))].join(', ');
  if (given.length > 0) {
    throw refused(
      pathOf(writing.at, [...fields].at(-1) ?? ''),
      `must not be given together with the others of ${names}`,
      {
        code: 'choice',
      },
    );
  }
  if (part.optional) return '';
  const empty = part.of.find((branch) => fieldsOf(branch).length === 0 || isOptional(branch));
  if (empty !== undefined) return partText(writing, empty, group, taken);
  throw refused(writing.at === '' ? names : writing.at, `must have one of ${names}`, {
    code: 'missing-argument',
  });
}

function isOptional(part: Part): boolean {
  switch (part.kind) {
    case 'element':
    case 'any':
    case 'repeat':
      return part.min === 0;
    case 'choice':
      return part.optional || part.of.some(isOptional);
    default:
      return part.optional || part.of.every(isOptional);
  }
}

function isGiven(part: Part, group: Group): boolean {
  return fieldsOf(part).some((field) => hasValue(group[field]));
}

function hasValue(value: Value | undefined): boolean {
  return value !== undefined && value !== null && value !== false && !(isList(value) && value.length === 0);
}

function fieldsOf(part: Part): readonly string[] {
  return isGroup(part) ? part.of.flatMap(fieldsOf) : [part.field];
}

function ownValues(group: { readonly [name: string]: Value }): Group {
  return Object.fromEntries(Object.entries(group).filter(([name]) => name !== TAG));
}

function lengthOf(value: Value | undefined): number {
  return value !== undefined && isList(value) ? value.length : 0;
}

function pathOf(at: string, field: string): string {
  return at === '' ? field : `${at}.${field}`;
}
