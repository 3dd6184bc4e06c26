// Knows: what one GraphQL request carries through its resolvers, and the gateway as they see it.
// Must not know: HTTP servers, the schema.

import type { Ages } from '../query/freshness.ts';
import type { Asked, Context, Execute, Invoke, Item, Write } from '../query/request.ts';
import type { Watch } from '../query/watching.ts';
import type { Looks } from './looks.ts';

/** One request under way. The facade's own fields stand beside those that the server puts in. */
export interface GraphqlContext {
  readonly execute: Execute;
  /** Absent: nothing can call operations yet. */
  readonly invoke?: Invoke;
  /** Absent: nothing can change rows yet. */
  readonly write?: Write;
  /** Absent: nothing can be watched. */
  readonly watch?: Watch;
  /** The request of the client that the document is. */
  readonly exchange: Context;
  /** How old the data is, as far as it has been read. */
  readonly ages: Ages;
  /** What the root fields ask for together. */
  readonly asked: Asked;
  readonly looks: Looks;
  /** What has been read for the root fields, by response key. */
  readonly roots: Map<string | number, Promise<Root>>;
  readonly changed: Changed;
}

/** What the document has changed so far. */
export interface Changed {
  /** Changes that the fields so far have asked for. */
  asked: number;
  /** Response keys of the fields whose changes were made. They stand, whatever becomes of the rest of the answer. */
  readonly fields: string[];
}

/** A page as the fields of a connection see it. */
export interface Connection {
  readonly items: readonly Item[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  /** A function where counting has not begun. */
  readonly totalCount?: number | (() => Promise<number>);
}

export type Root = Connection | Item | null;

export function contextOf({ exchange, asked, ages }: GraphqlContext): Context {
  return { ...exchange, asked, ages };
}
