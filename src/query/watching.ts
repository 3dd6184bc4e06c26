// Knows: how a client watches a collection: what it asks for and what it is told, in the words of both facades.
// Must not know: HTTP, GraphQL, sources.

import type { Value } from '../model/value.ts';
import type { Context, Item, Selection } from './request.ts';

export const CHANGE_KINDS = ['insert', 'update', 'delete', 'reset', 'position'] as const;

/**
 * What happened to a row; `reset`: anything may have happened to any row; `position`: nothing has happened, it only says where to resume.
 */
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface WatchRequest {
  readonly collection: string;
  /** What to tell of each row that is new or has changed. */
  readonly selection: Selection;
  /** Position behind which to begin; absent: from now on. */
  readonly after?: string;
  /** False: ends when it has caught up, with a `position`. */
  readonly live: boolean;
}

/** Something that happened, as a client is told. */
export interface Happening {
  readonly kind: ChangeKind;
  /** Values of the key fields in declared order: of an `insert`, an `update` and a `delete`. */
  readonly key?: readonly Value[];
  /** The row as it is now with what it includes: of an `insert` and an `update`. */
  readonly item?: Item;
  /** Of an `update`: names of the fields that have other values than before, also of those that are not selected. */
  readonly changed?: readonly string[];
  /** Instant at which the data was current (ISO text in UTC). */
  readonly asOf?: string;
  /** Where to resume: behind this. */
  readonly position: string;
}

/** `idle`: nothing has happened for `policy.watch.heartbeatMs`; whoever keeps a connection open may want to say so. */
export type WatchEvent = Happening | { readonly kind: 'idle' };

export interface Watching {
  /** Iterate once; stop early to end the watch. */
  readonly events: AsyncIterable<WatchEvent>;
  /** Aborted when the watch is over, whoever ended it: nobody need wait for a client that does not read any more. */
  readonly over: AbortSignal;
}

/**
 * Begins to watch. What is wrong with the request, or with the source from the first moment, is thrown at once. While it runs the events
 * throw; `unavailable` with the code `stopping` when the gateway ends.
 */
export type Watch = (request: WatchRequest, context: Context) => Promise<Watching>;

/** Longest position, in characters. */
const MAX_POSITION = 200;

/** Visible ASCII: it stands in a header and in a line of an event stream as it is. */
export function isPosition(text: string): boolean {
  return text.length <= MAX_POSITION && /^[\x21-\x7e]+$/.test(text);
}
