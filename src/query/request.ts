// Knows: the one request that both facades parse into, and the one result that both render.
// Must not know: HTTP, GraphQL, sources.

import type { Fault, FaultKind } from '../fault.ts';
import type { Batch } from '../model/batch.ts';
import type { Cell, Row, Value } from '../model/value.ts';
import type { Caller } from './caller.ts';
import type { Change, Outcome } from './change.ts';
import type { Filter } from './filter.ts';
import type { Ages, Freshness } from './freshness.ts';
import type { Order } from './order.ts';
import type { TraceContext } from './trace.ts';
import type { Undertaking } from './undertaking.ts';

/** What to answer of each row. */
export interface Selection {
  /** Dotted paths of fields in the order of the answer; a group's path means all of the group. */
  readonly fields: readonly string[];
  readonly include: readonly Include[];
}

/** What to answer of a list: the same for a root list and for a relation to many. */
export interface Window {
  readonly where: Filter;
  /** What the client asked for; the planner makes it total. */
  readonly order: Order;
  /** Rows wanted; absent: the policy's default. `all`: no page, the whole collection (a stream). */
  readonly first?: number | 'all';
  /** Cursor behind which to begin. */
  readonly after?: string;
  /** Also count all rows of the filter. */
  readonly count: boolean;
}

/** A relation to follow from each row. */
export interface Include extends Window {
  /** Name in the answer: the alias, or the relation's own name. Unique among its siblings. */
  readonly as: string;
  readonly relation: string;
  readonly selection: Selection;
}

export interface ListRequest extends Window {
  readonly kind: 'list';
  readonly collection: string;
  readonly selection: Selection;
}

export interface ItemRequest {
  readonly kind: 'item';
  readonly collection: string;
  /** Values of the key fields in declared order, of their types. */
  readonly key: readonly Value[];
  readonly selection: Selection;
}

export type Request = ListRequest | ItemRequest;

/** A page of related rows, read whole. */
export interface Page {
  readonly items: readonly Item[];
  readonly hasNextPage: boolean;
  /** With `hasNextPage`: cursor that goes on in the related collection's own list, filtered to this parent by equality. */
  readonly nextCursor?: string;
  readonly totalCount?: number;
}

/** One row of a page with what it includes. */
export interface Item {
  readonly row: Row;
  /** By `Include.as`. */
  readonly related: ReadonlyMap<string, Related>;
  /** Cursor behind this row. */
  readonly cursor: string;
}

/** To many: a page. To one: an item, or null. A fault: this relation could not be read, the rest stands. */
export type Related = Page | Item | null | Fault;

/** A batch of the answer. `row` and `json` hold what was selected (`row` perhaps more). */
export interface ResultBatch extends Batch {
  /** Present when the request includes relations. */
  related?(i: number): ReadonlyMap<string, Related>;
  cursor(i: number): string;
}

export interface Result {
  /** Rows in order, at most as many as the window allows. Iterate once; stop early to cancel. */
  readonly batches: AsyncIterable<ResultBatch>;
  /** Known when `batches` has ended: is there more behind the last row? */
  hasNextPage(): boolean;
  /** Known when the rows have been read. */
  freshness(): readonly Freshness[];
  /** Asked for with `count`; runs when it is called. */
  totalCount?(): Promise<number>;
}

/** Who waits for the answer. Its trace is that of the span that the request is; sources that can pass it on. */
export interface Context extends TraceContext {
  /** Perhaps the client's own: then others may have the same at the same time. */
  readonly requestId: string;
  /** Of the requests of this process, this one alone. Absent where no server has met it. */
  readonly serial?: number;
  /**
   * Aborted when the client leaves (`unavailable`, code `cancelled`: nobody is left to be told) and when the time of the request is over
   * (`timeout`, code `request-timeout`: the client is told). The reason is that Fault.
   */
  readonly signal: AbortSignal;
  /** Absent only where nobody's rights are asked: in a test, or for what the gateway asks of itself. */
  readonly caller?: Caller;
  /** True: rows that were kept are of no use, for something is going to be written by what comes. */
  readonly fresh?: true;
  /** Learns how old answers of operations are; rows say so themselves. */
  readonly ages?: Ages;
  /** Aborts `signal`: whatever the request still does is of no use. Absent: only its client ends it. */
  readonly end?: (reason: Fault) => void;
  /** The request may take as long as it likes from now on: a stream of changes. Absent: it has no longest time. */
  readonly lift?: () => void;
  /** Present where somebody must know what becomes of the changes that the request makes. */
  readonly undertaking?: Undertaking;
  /** Present where the client has sent several requests as one. */
  readonly asked?: Asked;
}

/** Rows that the requests of one client's document may answer, as far as they have been planned. */
export interface Asked {
  rows: number;
  /** Rows that they have answered so far. */
  answered?: number;
}

/**
 * Calls an operation of the catalog; the input holds values of the operation's own types, what the client left out is not in it. Faults may
 * stand in the answer where a part of it could not be decoded.
 */
export type Invoke = (
  operation: string,
  input: Readonly<Record<string, Value>>,
  context: Context,
) => Promise<Cell>;

/**
 * Carries out all of the changes in one transaction, or none; an outcome for each. They are checked against the catalog first: every value
 * is of its field's type already.
 */
export type Write = (changes: readonly Change[], context: Context) => Promise<readonly Outcome[]>;

/** The gateway as the facades see it. */
export type Execute = (request: Request, context: Context) => Promise<Result>;

/** State of one source, for `/health`. */
export interface SourceHealth {
  readonly source: string;
  readonly adapter: string;
  readonly state: 'up' | 'down';
  /** Instant of the last change of the state. */
  readonly since: string;
  readonly fault?: { readonly kind: FaultKind; readonly code: string; readonly message: string };
  /** The last fault that a call met, which need not mean that the source is down. */
  readonly lastFault?: {
    readonly at: string;
    readonly kind: FaultKind;
    readonly code: string;
    readonly message: string;
  };
  /** Of the last calls that were answered, in milliseconds. */
  readonly latencyMs?: { readonly median: number; readonly p99: number };
  readonly guards?: GuardState;
}

/** What stands around a source, as it is now. */
export interface GuardState {
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** Calls under way, and calls that wait for their turn. */
  readonly running: number;
  readonly queued: number;
  /** Instant at which the quiet window that is open now ends. */
  readonly quietUntil?: string;
  /** What is left of the day. */
  readonly budget?: { readonly calls?: number; readonly rows?: number };
}
