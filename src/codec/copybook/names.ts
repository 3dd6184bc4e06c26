// Knows: which item a name means, with or without the groups that qualify it.
// Must not know: clauses.

import { didYouMean } from '../../model/naming.ts';
import { quoted, syntax } from './copybook-faults.ts';
import type { ItemEntry } from './entries.ts';
import type { Reference } from './word-reader.ts';

/** An item that has been seen, and the groups that it stands in, outermost first. */
export interface Seen {
  readonly entry: ItemEntry;
  readonly groups: readonly ItemEntry[];
}

/** The items of a record that stand before a place, by upper-case name. */
export type Scope = Map<string, Seen[]>;

/**
 * The one item before it that a reference means (Enterprise COBOL Language Reference, "Qualification"). `what` begins the
 * messages: `The counter`.
 */
export function resolve(reference: Reference, scope: Scope, what: string): Seen {
  const { name, of, place } = reference;
  const named = scope.get(name.toUpperCase()) ?? [];
  const found = named.filter(({ groups }) => isQualified(of, groups));
  const [seen, another] = found;
  const written = quoted([name, ...of].join(' OF '));
  if (seen === undefined) {
    const known = named.length > 0 ? [] : [...scope.values()].flat().flatMap(({ entry }) => entry.name ?? []);
    throw syntax(
      place,
      `${what} ${written} stands nowhere before it in the record.${didYouMean(name, known)}`,
    );
  }
  if (another === undefined) return seen;
  const lines = `lines ${seen.entry.place.line} and ${another.entry.place.line}`;
  throw syntax(place, `${what} ${written} may be more than one item (${lines}): say OF which group`);
}

/** The qualifiers stand among the groups in this order; groups between them may be left out. */
function isQualified(of: readonly string[], groups: readonly ItemEntry[]): boolean {
  let at = groups.length;
  return of.every((qualifier) => {
    at = groups.findLastIndex(({ name }, i) => i < at && name?.toUpperCase() === qualifier.toUpperCase());
    return at >= 0;
  });
}
