// Knows: what a caller may do, as the rest of the gateway asks for it: a catalog that holds nothing else, and conjuncts that every read carries.
// Must not know: how callers are recognised, facades, sources.

import type { Catalog } from '../model/catalog.ts';
import type { Caller } from '../query/caller.ts';
import type { Filter } from '../query/filter.ts';
import type { Sealing } from '../query/sealing.ts';

/** What callers of the same roles see of the gateway. */
export interface View {
  /** Equal for callers who may do the same: what is made of their catalog (a schema, a document) can be kept under this name. */
  readonly name: string;
  /**
   * Only the collections, fields, relations, verbs and operations that they may use, their masked fields as they see them. A name that is not
   * here does not exist for them: asking for it is answered as asking for any word.
   */
  readonly catalog: Catalog;
  /**
   * Conjuncts over fields of the whole collection (also those that the caller does not see) that restrict every read, count and change of it.
   * Throws `forbidden` (`missing-claim`) where the rule needs a claim that the caller does not have.
   */
  rowsOf(collection: string, caller: Caller): Filter;
}

export interface Rights {
  /** For cursors and masks of its views; absent: none of them hides anything. */
  readonly sealing?: Sealing;
  /** The view of the caller's roles: the same object for the same roles. */
  viewOf(caller: Caller): View;
}
