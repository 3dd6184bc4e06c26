// Knows: which item a name in a clause means.
// Must not know: bytes, names of the API.

import { didYouMean } from '../../model/naming.ts';
import type { NameReference } from '../copybook/tree.ts';
import { placedFault } from './item-text.ts';
import { type Placed, tablesAround } from './placing.ts';

/** The items of a record by their names in upper case. */
export type ItemIndex = ReadonlyMap<string, readonly Placed[]>;

export function indexOf(record: Placed): ItemIndex {
  const index = new Map<string, Placed[]>();
  const visit = (placed: Placed): void => {
    const { name } = placed.item;
    if (name !== undefined) index.getOrInsertComputed(name.toUpperCase(), () => []).push(placed);
    for (const child of placed.children) visit(child);
  };
  visit(record);
  return index;
}

/** The name with its qualifiers, as it stands in the copybook. */
export function referenceText({ name, of }: NameReference): string {
  return [name, ...of].join(' OF ');
}

/** Do the groups around the item have these names, innermost first? Groups in between need not be named. */
export function qualifiedBy(placed: Placed, of: readonly string[]): boolean {
  const [qualifier, ...rest] = of;
  if (qualifier === undefined) return true;
  for (let group = placed.parent; group !== undefined; group = group.parent) {
    if (group.item.name?.toUpperCase() === qualifier.toUpperCase()) return qualifiedBy(group, rest);
  }
  return false;
}

/** The item that a name means, or a fault with the nearest name: there must be exactly one. */
export function referred(reference: NameReference, index: ItemIndex, what: string): Placed {
  const found = (index.get(reference.name.toUpperCase()) ?? []).filter((item) =>
    qualifiedBy(item, reference.of),
  );
  return only(found, reference, index, what);
}

/**
 * The counter of a table: the item of that name, which stands in no table or in one that the table with the counter stands in too.
 * Where several items have the name, the one that shares most groups with the table.
 */
export function counterOf(table: Placed, reference: NameReference, index: ItemIndex): Placed {
  const around = table.parent === undefined ? [] : tablesAround(table.parent);
  const named = (index.get(reference.name.toUpperCase()) ?? []).filter((item) =>
    qualifiedBy(item, reference.of),
  );
  const reachable = named.filter((item) => tablesAround(item).every((outer) => around.includes(outer)));
  if (named.length > 0 && reachable.length === 0) {
    throw placedFault(
      reference.place,
      `${referenceText(reference)} counts the elements of ${table.item.name ?? 'FILLER'}, but stands in a table of its own`,
    );
  }
  const closeness = reachable.map((item) => sharedGroups(item, table));
  const closest = Math.max(0, ...closeness);
  return only(
    reachable.filter((_, i) => closeness[i] === closest),
    reference,
    index,
    `The counter of ${table.item.name ?? 'FILLER'}`,
  );
}

function sharedGroups(item: Placed, other: Placed): number {
  const groups = new Set(groupsAround(other));
  return groupsAround(item).filter((group) => groups.has(group)).length;
}

function groupsAround({ parent }: Placed): readonly Placed[] {
  return parent === undefined ? [] : [parent, ...groupsAround(parent)];
}

function only(found: readonly Placed[], reference: NameReference, index: ItemIndex, what: string): Placed {
  const [first, another] = found;
  const text = referenceText(reference);
  if (first === undefined) {
    const names = [...index.values()].flatMap(([one]) => one?.item.name ?? []);
    throw placedFault(
      reference.place,
      `${what}, ${text}, stands nowhere in the record.${didYouMean(reference.name, names)}`,
    );
  }
  if (another !== undefined) {
    const lines = found.map(({ item }) => item.place.line).join(', ');
    throw placedFault(
      reference.place,
      `${what}, ${text}, may be one of several items (lines ${lines})`,
      'Name a group of the one that is meant: NAME OF GROUP',
    );
  }
  return first;
}
