// Knows: everything that the API shows, gathered from all sources: collections, operations, relations.
// Must not know: how it is gathered, how anything is read, and what the facades make of it.

import type { Collection, Operation, Remark, Scalar } from './type.ts';

/** One pair of fields that a relation joins by equality; paths may be dotted. */
export interface JoinPair {
  readonly local: string;
  readonly localType: Scalar;
  readonly remote: string;
  readonly remoteType: Scalar;
}

/** A relation as seen from one side; every declared relation is two of these. */
export interface Relation {
  /** Field name on the collection that holds it. */
  readonly name: string;
  /** Collection that it leads to. */
  readonly to: string;
  /** `one` where the remote fields hold the remote key: at most one row can match. */
  readonly cardinality: 'one' | 'many';
  readonly pairs: readonly JoinPair[];
  readonly doc?: string;
}

export interface CatalogCollection extends Collection {
  readonly source: string;
  /** Name of one row's type, PascalCase: `Customer`. */
  readonly typeName: string;
  /** Name of one row, camelCase: `customer`; never equal to `name`. */
  readonly itemName: string;
  readonly relations: ReadonlyMap<string, Relation>;
  /**
   * In a caller's view, where the key has fields that the caller must not see: `key` is empty then, there are no single rows, and these fields
   * complete the order in its place. Cursors of such a collection are sealed: they hold what nobody may read.
   */
  readonly hiddenKey?: readonly { readonly field: string; readonly type: Scalar }[];
}

export interface CatalogOperation extends Operation {
  readonly source: string;
}

export interface Catalog {
  readonly collections: ReadonlyMap<string, CatalogCollection>;
  readonly operations: ReadonlyMap<string, CatalogOperation>;
}

/** What a source brings. */
export interface Contribution {
  readonly source: string;
  readonly collections: readonly Collection[];
  readonly operations: readonly Operation[];
  readonly remarks?: readonly Remark[];
}

/** Something wrong with the configuration. `path` leads to it in the YAML. */
export interface CatalogProblem {
  readonly path: readonly string[];
  readonly message: string;
}
