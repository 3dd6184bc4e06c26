// Knows: a plan: plain data that says what to read, in which order, and how the levels hang together.
// Must not know: how it came about (planner) and how it is carried out (run).

import type { Relation } from '../model/catalog.ts';
import type { Filter } from '../query/filter.ts';
import type { Query } from '../spi.ts';

/** One level: rows of one collection. */
export interface ReadPlan {
  readonly source: string;
  /** Total order, and the filter with the cursor in it. */
  readonly query: Query;
  /** The same rows without the cursor: what `totalCount` counts. Absent when nobody asked. */
  readonly counted?: Query;
  /** Dotted paths that rows must hold: the output, what orders them, what relations join by. */
  readonly fields: readonly string[];
  /** Dotted paths to answer, in the order of the answer. */
  readonly output: readonly string[];
  readonly first: number | 'all';
  /** Rows to pass over: where a page of a keyless collection begins. */
  readonly skip: number;
  /** Cursors are offsets (keyless) instead of values. */
  readonly keyless: boolean;
  /** What the client asked for itself: what `boundTo` is made of. `query.where` may also hold a cursor and rules about rows. */
  readonly where: Filter;
  /** What cursors of this list are bound to. */
  readonly boundTo: string;
  /** Cursors hold values that the client must not see. */
  readonly sealed: boolean;
  readonly includes: readonly IncludePlan[];
}

/** A relation: one batched key read for all parents of a level. */
export interface IncludePlan {
  readonly as: string;
  readonly relation: Relation;
  /** `query.where` lacks the keys: they come from the parents. */
  readonly read: ReadPlan;
}
