// Knows: how content models are read: sequences, choices, elements, wildcards, and references to groups.
// Must not know: types, attributes.

import { attributeOf } from '../xml/element.ts';
import {
  type ElementDeclaration,
  type GroupParticle,
  type Occurs,
  type Particle,
  Unsupported,
} from './components.ts';
import { type Declared, partOf, partsOf, placeOf, type SchemaIndex } from './schema-index.ts';
import { referenceOf } from './simple-types.ts';

/** What reading content needs of the set around it. */
export interface Elements {
  readonly index: SchemaIndex;
  /** A local declaration, or what a reference leads to. */
  elementOf(declared: Declared): ElementDeclaration;
}

const MODELS = ['sequence', 'choice', 'all', 'group'];

/** The content model directly inside a type, an extension or a group; undefined for none. */
export function contentOf(
  declared: Declared,
  elements: Elements,
  open: readonly string[] = [],
): Particle | undefined {
  const model = partOf(declared, ...MODELS);
  return model === undefined ? undefined : readParticle(model, elements, open);
}

/** `open`: groups that are being read, because a group must not contain itself. */
function readParticle(declared: Declared, elements: Elements, open: readonly string[]): Particle | undefined {
  const occurs = occursOf(declared);
  if (occurs.max === 0) return undefined;
  switch (declared.element.local) {
    case 'element':
      return withSubstitutes(elements.elementOf(declared), occurs);
    case 'any':
      return { kind: 'any', ...occurs };
    case 'group':
      return readGroup(declared, elements, occurs, open);
    case 'sequence':
    case 'choice':
    case 'all':
      return {
        kind: declared.element.local,
        ...occurs,
        of: partsOf(declared).flatMap((part) => readParticle(part, elements, open) ?? []),
      };
    default:
      throw new Unsupported(
        `"${declared.element.local}" is not understood in a content model`,
        placeOf(declared),
      );
  }
}

/** An element that others may stand in for is a choice of all of them (part 1, section 2.2.2.2). */
function withSubstitutes(declaration: ElementDeclaration, occurs: Occurs): Particle {
  const substitutes = declaration.substitutes();
  if (substitutes.length === 0) return { kind: 'element', declaration, ...occurs };
  const all = declaration.abstract ? substitutes : [declaration, ...substitutes];
  return {
    kind: 'choice',
    ...occurs,
    of: all.map((one) => ({ kind: 'element', declaration: one, min: 1, max: 1 })),
  };
}

function readGroup(
  declared: Declared,
  elements: Elements,
  occurs: Occurs,
  open: readonly string[],
): Particle | undefined {
  const name = referenceOf(declared, 'ref');
  const group = name === undefined ? undefined : elements.index.find('group', name);
  if (name === undefined || group === undefined)
    throw new Unsupported(`There is no group "${name?.local ?? ''}"`, placeOf(declared));
  if (open.includes(name.local))
    throw new Unsupported(`The group "${name.local}" contains itself`, placeOf(declared));
  const inside = contentOf(group, elements, [...open, name.local]);
  if (inside === undefined || inside.kind === 'element' || inside.kind === 'any') return inside;
  return multiplied(inside, occurs);
}

/** A group that occurs once is the group itself; else a sequence of it that occurs as often. */
function multiplied(group: GroupParticle, occurs: Occurs): GroupParticle {
  if (occurs.min === 1 && occurs.max === 1) return group;
  if (group.min === 1 && group.max === 1) return { ...group, ...occurs };
  return { kind: 'sequence', of: [group], ...occurs };
}

function occursOf({ element }: Declared): Occurs {
  const min = Number(attributeOf(element, 'minOccurs') ?? '1');
  const max = attributeOf(element, 'maxOccurs') ?? '1';
  return { min, max: max.trim() === 'unbounded' ? Number.POSITIVE_INFINITY : Number(max) };
}
