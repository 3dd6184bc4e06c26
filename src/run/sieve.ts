// Knows: what of the changes of a collection is told to somebody who sees only some of its rows or fields.
// Must not know: facades, adapters, who watches, when it is told.

import type { CatalogCollection } from '../model/catalog.ts';
import { type Filter, fieldsOf, matches } from '../query/filter.ts';
import type { Showing } from '../rights/shown-rows.ts';
import type { ChangeEvent } from '../spi.ts';

/**
 * `told`: as it is. `nothing`: it does not concern who watches, who only learns where to resume. `reset`: a row may have gone from his sight, and
 * which one is not his to know, so he is told that anything may have happened.
 */
export type Judgement = 'told' | 'nothing' | 'reset';

export type Sieve = (event: ChangeEvent) => Judgement;

const EVERYTHING: Sieve = () => 'told';

/** `rows`: those that he sees; empty: all. Throws the fault of a value that decides about a row and cannot be decoded. */
export function sieve({ key }: CatalogCollection, rows: Filter, showing: Showing | undefined): Sieve {
  if (rows.length === 0 && showing === undefined) return EVERYTHING;
  const fields = fieldsOf(rows);
  const judged = new Set(fields.map((path) => path.split('.')[0]));
  const keyDecides = fields.every((path) => key.includes(path));

  const touches = (changed: readonly string[] | undefined): boolean =>
    rows.length > 0 && (changed === undefined || changed.some((name) => judged.has(name)));
  /** Whether anything has changed that he sees. */
  const shows = (changed: readonly string[] | undefined): boolean =>
    changed === undefined || showing === undefined || showing.names(changed).length > 0;

  return ({ kind, row = {}, key: values = [], changed }) => {
    switch (kind) {
      case 'insert':
        return matches(rows, row) ? 'told' : 'nothing';
      case 'update':
        if (matches(rows, row)) return shows(changed) || touches(changed) ? 'told' : 'nothing';
        return touches(changed) ? 'reset' : 'nothing';
      case 'delete': {
        if (!keyDecides) return 'reset';
        const known = Object.fromEntries(key.map((name, i) => [name, values[i] ?? null]));
        return matches(rows, known) ? 'told' : 'nothing';
      }
      case 'reset':
      case 'position':
        return 'told';
    }
  };
}
