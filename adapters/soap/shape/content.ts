// Knows: how a content model becomes parts of a shape, and which fields they give to the object around them.
// Must not know: attributes, text, XML.

import type { Field, ObjectType, Type, UnionMember } from '#spi';
import { camelCase, capital, distinct } from '#spi';
import { nameText, type XmlName } from '../xml/element.ts';
import type { ElementDeclaration, Particle } from '../xsd/components.ts';
import {
  type ChoiceShape,
  type ElementPart,
  type GroupPart,
  isGroup,
  type ObjectShape,
  type Part,
  type Shape,
} from './shape.ts';

/** What making parts needs of the shapes around it. */
export interface Surroundings {
  /** The shape of an element's values. `owner`: the type around it, for the names of types without a name. */
  shapeOf(declaration: ElementDeclaration, owner: string): Shape;
  /** Hands out a name for a type of our own making. */
  typeName(wanted: string): string;
}

/** One field of an object: an element that may stand at several places of its content, a wildcard, or a group that repeats. */
interface Slot {
  readonly legacyName?: string;
  readonly wanted: string;
  readonly doc?: string;
  readonly nillable: boolean;
  readonly type: (list: boolean) => Type;
  min: number;
  max: number;
}

/** A content model with its fields; `names` are settled by `fieldsOf` before `parts` is called. */
export interface Content {
  readonly slots: readonly Slot[];
  /** Called once, with the fields' names in the order of the slots. */
  parts(names: readonly string[]): GroupPart;
}

type Draft = (nameOf: (slot: Slot) => string) => Part;

interface Count {
  readonly min: number;
  readonly max: number;
}

type Counts = ReadonlyMap<Slot, Count>;

export function contentOf(particle: Particle | undefined, owner: string, around: Surroundings): Content {
  const slots = new Map<string, Slot>();

  const slotOf = (key: string, make: () => Slot): Slot => {
    const known = slots.get(key);
    if (known !== undefined) return known;
    const made = make();
    slots.set(key, made);
    return made;
  };

  const draftOf = (part: Particle): { readonly draft: Draft; readonly counts: Counts } => {
    const single = part.kind === 'element' || part.kind === 'any' ? part : repeatedElement(part);
    if (single?.kind === 'element') {
      const { declaration, min, max } = single;
      const slot = slotOf(nameText(declaration.name), () => elementSlot(declaration, owner, around));
      const shape = around.shapeOf(declaration, owner);
      return {
        counts: new Map([[slot, { min, max }]]),
        draft: (nameOf) => elementPart(declaration, shape, nameOf(slot), slot, { min, max }),
      };
    }
    if (single?.kind === 'any') {
      const { min, max } = single;
      const slot = slotOf('*', anySlot);
      return {
        counts: new Map([[slot, { min, max }]]),
        draft: (nameOf) => ({ kind: 'any', field: nameOf(slot), min, max, list: slot.max > 1 }),
      };
    }
    const group = part.kind === 'element' || part.kind === 'any' ? undefined : part;
    if (group === undefined) throw new TypeError('a particle is an element, a wildcard or a group');
    if (group.max > 1) {
      const of = repeatShape(group, owner, around);
      const slot = slotOf(`items ${slots.size}`, () => repeatSlot(of));
      const { min, max } = group;
      return {
        counts: new Map([[slot, { min, max }]]),
        draft: (nameOf) => ({ kind: 'repeat', field: nameOf(slot), of, min, max }),
      };
    }
    const inner = group.of.map(draftOf);
    const optional = group.min === 0;
    return {
      counts: together(
        group.kind,
        inner.map(({ counts }) => counts),
        optional,
      ),
      draft: (nameOf) => ({ kind: group.kind, optional, of: inner.map(({ draft }) => draft(nameOf)) }),
    };
  };

  if (particle === undefined)
    return { slots: [], parts: () => ({ kind: 'sequence', of: [], optional: false }) };
  const { draft, counts } = draftOf(particle);
  for (const [slot, { min, max }] of counts) {
    slot.min = min;
    slot.max = max;
  }
  const all = [...slots.values()];
  return {
    slots: all,
    parts: (names) => {
      const part = draft((slot) => names[all.indexOf(slot)] ?? '');
      return isGroup(part) ? part : { kind: 'sequence', of: [part], optional: false };
    },
  };
}

/** The fields of slots under their final names. */
export function slotFields(slots: readonly Slot[], names: readonly string[]): readonly Field[] {
  return slots.map((slot, i): Field => {
    const list = slot.max > 1;
    return {
      name: names[i] ?? '',
      type: slot.type(list),
      ...(!list && (slot.min === 0 || slot.nillable) ? { nullable: true } : {}),
      ...(slot.doc === undefined ? {} : { doc: slot.doc }),
      ...(slot.legacyName === undefined ? {} : { legacyName: slot.legacyName }),
    };
  });
}

/** What each slot may hold, all parts of a group together: in a choice only one of them is there. */
function together(kind: 'sequence' | 'choice' | 'all', parts: readonly Counts[], optional: boolean): Counts {
  const sum = new Map<Slot, Count>();
  for (const slot of new Set(parts.flatMap((counts) => [...counts.keys()]))) {
    const counts = parts.map((part) => part.get(slot) ?? { min: 0, max: 0 });
    const mins = counts.map(({ min }) => min);
    const maxs = counts.map(({ max }) => max);
    const min = kind === 'choice' ? Math.min(...mins) : mins.reduce((a, b) => a + b, 0);
    const max = kind === 'choice' ? Math.max(...maxs) : maxs.reduce((a, b) => a + b, 0);
    sum.set(slot, { min: optional ? 0 : min, max });
  }
  return sum;
}

/** A group around a single element, repeated, is that element repeated: nothing else could tell its occurrences apart. */
function repeatedElement(group: Particle): Extract<Particle, { kind: 'element' | 'any' }> | undefined {
  if (group.kind === 'element' || group.kind === 'any') return group;
  const [only, second] = group.of;
  if (only === undefined || second !== undefined) return undefined;
  const inner = repeatedElement(only);
  if (inner === undefined) return undefined;
  // Each occurrence of the group holds from `min` to `max` of the element; zero times unbounded is zero.
  const max = inner.max === 0 || group.max === 0 ? 0 : inner.max * group.max;
  return { ...inner, min: inner.min * group.min, max };
}

function elementSlot(declaration: ElementDeclaration, owner: string, around: Surroundings): Slot {
  const { name, doc, nillable } = declaration;
  return {
    legacyName: name.local,
    wanted: name.local,
    ...(doc === undefined ? {} : { doc }),
    nillable,
    type: (list) => listed(around.shapeOf(declaration, owner).type, list),
    min: 0,
    max: 0,
  };
}

function anySlot(): Slot {
  return {
    wanted: 'any',
    doc: 'Elements that the service may add, each as XML',
    nillable: false,
    type: (list) => listed({ kind: 'string' }, list),
    min: 0,
    max: 0,
  };
}

function repeatSlot({ type }: ObjectShape | ChoiceShape): Slot {
  return { wanted: 'items', nillable: false, type: () => ({ kind: 'list', of: type }), min: 0, max: 0 };
}

function listed(type: Type, list: boolean): Type {
  return list ? { kind: 'list', of: type } : type;
}

function elementPart(
  { name, nillable }: ElementDeclaration,
  shape: Shape,
  field: string,
  slot: Slot,
  { min, max }: Count,
): ElementPart {
  return { kind: 'element', field, name, shape, min, max, nillable, list: slot.max > 1 };
}

/** One occurrence of a repeated group as a type of its own. */
function repeatShape(
  group: Extract<Particle, { kind: 'sequence' | 'choice' | 'all' }>,
  owner: string,
  around: Surroundings,
): ObjectShape | ChoiceShape {
  const name = around.typeName(`${owner}Item`);
  if (group.kind !== 'choice') return plainObject({ ...group, min: 1, max: 1 }, name, around);
  const branches = group.of.map((branch): readonly [string, ObjectShape] => {
    const wanted = branchName(branch) ?? 'other';
    return [wanted, plainObject(branch, around.typeName(name + capital(camelCase(wanted))), around)];
  });
  const tags = distinct(branches.map(([wanted]) => wanted));
  const members = branches.map(
    ([, { type }], i): UnionMember => ({ ...type, tag: tags[i] ?? '', fields: type.fields }),
  );
  return {
    kind: 'choices',
    type: { kind: 'union', name, shared: true, of: members },
    branches: new Map(branches.map(([, shape], i) => [tags[i] ?? '', shape])),
  };
}

function branchName(branch: Particle): string | undefined {
  if (branch.kind === 'element') return branch.declaration.name.local;
  if (branch.kind === 'any') return 'any';
  const [first] = branch.of;
  return first === undefined ? undefined : branchName(first);
}

/** An object of nothing but a content model. */
function plainObject(particle: Particle, name: string, around: Surroundings): ObjectShape {
  const content = contentOf(particle, name, around);
  const names = distinct(content.slots.map(({ wanted }) => camelCase(wanted)));
  const type: ObjectType = { kind: 'object', name, shared: true, fields: slotFields(content.slots, names) };
  return { kind: 'object', type, attributes: [], content: content.parts(names) };
}

/** Names of the elements and whether a wildcard stands in a part: what it takes of an element's children. */
export function namesIn(part: Part): readonly XmlName[] {
  switch (part.kind) {
    case 'element':
      return [part.name];
    case 'any':
      return [];
    case 'repeat':
      return part.of.kind === 'object'
        ? namesIn(part.of.content)
        : [...part.of.branches.values()].flatMap(({ content }) => namesIn(content));
    default:
      return part.of.flatMap(namesIn);
  }
}
