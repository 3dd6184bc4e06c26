// Knows: that bytes may be shown by several fields (REDEFINES, RENAMES, level 88): what is hidden or masked must not be seen by another name.
// Must not know: roles, copybooks.

import { elementOf, type Field, type Mask } from '../model/type.ts';
import type { Visible } from './visible.ts';

export interface Restriction {
  readonly visible: Visible;
  readonly masks: ReadonlyMap<string, Mask>;
  /** Paths that a role names as fields that it sees: whoever named them has decided. */
  readonly named: ReadonlySet<string>;
}

/**
 * Paths of fields that show bytes of something hidden or masked, each with that. Where a source does not say which fields share bytes, an
 * alternate may show anything. A type of a schema (shared) has neither, so walks end there, also in a type that contains itself.
 */
export function otherReadings(
  fields: readonly Field[],
  restriction: Restriction,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const first = firstRestricted(fields, restriction.visible, restriction.masks, '');
  if (first !== undefined) walk(fields, restriction.visible, '', { ...restriction, first, found });
  return found;
}

interface Walk extends Omit<Restriction, 'visible'> {
  /** Something that is hidden or masked. */
  readonly first: string;
  readonly found: Map<string, string>;
}

function walk(fields: readonly Field[], visible: Visible, prefix: string, around: Walk): void {
  const { masks, named, first, found } = around;
  for (const field of fields) {
    const own = visible === 'all' ? 'all' : visible.get(field.name);
    if (own === undefined) continue;
    const path = prefix + field.name;
    const isNamed = [...named].some((name) => name === path || name.startsWith(`${path}.`));
    const shared = field.sameBytes?.find((name) => isRestricted(fields, name, visible, masks, prefix));
    if (!isNamed && shared !== undefined) found.set(path, prefix + shared);
    else if (!isNamed && field.alternate === true && field.sameBytes === undefined) found.set(path, first);
    else {
      const inside = elementOf(field.type);
      if (inside.kind === 'object' && inside.shared !== true) walk(inside.fields, own, `${path}.`, around);
    }
  }
}

/** Whether anything of the field is hidden or masked. */
function isRestricted(
  fields: readonly Field[],
  name: string,
  visible: Visible,
  masks: ReadonlyMap<string, Mask>,
  prefix: string,
): boolean {
  const field = fields.find((candidate) => candidate.name === name);
  return field !== undefined && firstRestricted([field], visible, masks, prefix) !== undefined;
}

function firstRestricted(
  fields: readonly Field[],
  visible: Visible,
  masks: ReadonlyMap<string, Mask>,
  prefix: string,
): string | undefined {
  for (const { name, type } of fields) {
    const own = visible === 'all' ? 'all' : visible.get(name);
    const path = prefix + name;
    if (own === undefined || masks.has(path)) return path;
    const below = [...masks.keys()].find((masked) => masked.startsWith(`${path}.`));
    if (below !== undefined) return below;
    if (own === 'all') continue;
    const inside = elementOf(type);
    if (inside.kind !== 'object') continue;
    const found = firstRestricted(inside.fields, own, masks, `${path}.`);
    if (found !== undefined) return found;
  }
  return undefined;
}
