// THE contract with adapters: the only door between src/ and adapters/.
// Knows: what a source offers and how it is asked. Must not know: any legacy system, any facade.

import { z } from 'zod';
import type { Fault } from './fault.ts';
import type { Batch } from './model/batch.ts';
import type { Cached } from './model/cache-use.ts';
import type { Collection, Operation, Remark } from './model/type.ts';
import type { Cell, Row, Value } from './model/value.ts';
import type { Change, Outcome } from './query/change.ts';
import type { Filter } from './query/filter.ts';
import type { Order } from './query/order.ts';
import type { TraceContext } from './query/trace.ts';
import type { Undertaking } from './query/undertaking.ts';
import type { ChangeKind } from './query/watching.ts';

export {
  Fault,
  type FaultData,
  type FaultDetail,
  type FaultKind,
  type FaultPlace,
  faultData,
  faultOfData,
  type SourceFault,
  toFault,
} from './fault.ts';
export type { Batch } from './model/batch.ts';
export { ByteSink } from './model/byte-sink.ts';
export * from './model/comparison.ts';
export * from './model/decimal.ts';
export * from './model/naming.ts';
export { recent } from './model/recent.ts';
export * from './model/type.ts';
export * from './model/value.ts';
export { unlessAborted } from './model/waiting.ts';
export { type Change, noRow, type Outcome } from './query/change.ts';
export { checkExpected } from './query/expected.ts';
export * from './query/filter.ts';
export { misfit } from './query/fit.ts';
export * from './query/order.ts';
export { type TraceContext, traceOf } from './query/trace.ts';

/**
 * One question about one collection. The order is total: on a keyed collection it ends with the key. On a keyless
 * collection rows that the order does not tell apart keep the source's own order, which must be the same in every
 * read of the same data; `order: []` is that order itself.
 */
export interface Query {
  readonly collection: string;
  readonly where: Filter;
  readonly order: Order;
  /**
   * Of an earlier batch: rows are to come from that version of the data, which the client began with. A source that does not have it, or never
   * had, goes on by the newest on a keyed collection, whose cursors mean the same in every version; on a keyless one, whose cursors count rows,
   * it throws `stale` (`cursor-expired`).
   */
  readonly version?: string;
}

/**
 * How much of a conjunct a source covers. `exact`: rows that come are exactly those for which it is true. `inexact`:
 * extra rows may come, none is missing; the gateway checks again. `none`: ignored; the gateway checks.
 */
export type Coverage = 'exact' | 'inexact' | 'none';

/** A source's offer for a query: synchronous, cheap, without side effects. */
export interface Access {
  /** One entry for each conjunct of `query.where`. */
  readonly where: readonly Coverage[];
  /** Rows come in the order of the query. */
  readonly ordered: boolean;
  /** `ask.limit` is obeyed; otherwise the gateway stops reading. */
  readonly limits: boolean;
  /** What it takes: batched key reads, an index, or looking at everything. */
  readonly cost: 'keys' | 'index' | 'scan';
  /** For people: the SQL, the byte ranges, the SOAP operation. Never a literal of the request. */
  readonly explain: string;
  /** Reads once; ending the iteration early frees everything. */
  read(ask: Ask): AsyncIterable<Batch>;
  /** Number of rows, offered only where every conjunct is `exact`. */
  count?(ask: CallHow): Promise<number>;
}

/** How an answer came about that has no batch to say it. */
export interface About {
  /** Instant at which the data was current (ISO text in UTC). */
  readonly asOf: string;
  readonly cache?: Cached;
}

/** The trace of who asks is passed on where the protocol has a place for it. */
export interface Ask extends TraceContext {
  /**
   * Dotted paths of the fields that `Batch.row` must hold; a group's path means all of the group. A path leads through lists of
   * groups too (`lines.text`: this member of every element), never into a union.
   */
  readonly fields: readonly string[];
  /** Dotted paths of the fields that `Batch.json` writes, in this order; absent: `json` is not going to be called. */
  readonly json?: readonly string[];
  /** Given only where every conjunct is exact and the order is given. */
  readonly limit?: number;
  readonly signal: AbortSignal;
  /** True: who asks holds another read open that goes on only behind this one, so this one must not wait until that one has ended. */
  readonly within?: true;
  /** True: what was kept of an earlier answer is of no use, for something is going to be written by what comes. */
  readonly fresh?: true;
}

/**
 * What happened to a row, or `reset`: anything may have happened to any row, so whoever has read the collection reads it again. A collection
 * without a key has no other. `position`: nothing happened; it tells where the watch is.
 */
export interface ChangeEvent {
  readonly kind: ChangeKind;
  /** Values of the key fields in declared order; of a `reset` and a `position` none. */
  readonly key?: readonly Value[];
  /** The row as it is now, all of its fields; of a `delete`, a `reset` and a `position` none. */
  readonly row?: Row;
  /** Of an `update`: names of the fields that have other values than before. */
  readonly changed?: readonly string[];
  /** Instant at which the data was current (ISO text in UTC), as of a batch. */
  readonly asOf?: string;
  /** Where to resume: behind this event. At most 200 visible ASCII characters. */
  readonly position: string;
}

export interface SourceModel {
  readonly collections: readonly Collection[];
  readonly operations: readonly Operation[];
  readonly remarks?: readonly Remark[];
}

/** An opened source. What it does not claim in its model, it need not implement. */
export interface Source extends AsyncDisposable {
  readonly model: SourceModel;
  access(query: Query): Access;
  /** Healthy, or throws a Fault; `misconfigured` on the fault stops the start. */
  check(signal: AbortSignal): Promise<void>;
  /** What keeps newer data from being shown while older data is. Asked for the health, so it only says what is known already. */
  stale?(): Fault | undefined;
  /**
   * The version of a collection's data that a read that begins now would be of, as far as the source knows without asking anybody: what was
   * kept of another version is not to be answered any more. Undefined: it does not know. At most 100 visible ASCII characters.
   */
  version?(collection: string): string | undefined;
  /**
   * All of the changes, in their order, or none: an outcome for each. Faults: `not-found` for a row that is not there, `stale` for one
   * that is not as expected, `conflict` for a key or a constraint, `invalid` for a value that the source cannot hold; of several changes
   * `record` says which (the first is 1). What became of them may be unknown: `upstream` with the code `outcome-unknown`.
   */
  write?(changes: readonly Change[], how: WriteHow): Promise<readonly Outcome[]>;
  invoke?(operation: string, input: Readonly<Record<string, Value>>, how: CallHow): Promise<Cell>;
  /**
   * What happens to a collection that claims `watchable`, for ever (unless `how.live` is false): until the iteration is ended or the signal
   * says so. Events come as fast as they are taken; a client that is too slow gets a `reset` instead of events without end. Throws as a read
   * does. A source that can begins with a `position`, at once, where nothing else is to be told yet: a client that loses its connection
   * before anything happened then knows where to resume.
   */
  watch?(collection: string, how: WatchHow): AsyncIterable<ChangeEvent>;
}

export interface WriteHow extends TraceContext {
  readonly signal: AbortSignal;
  /** The gateway's own affair: an adapter never sees it. */
  readonly undertaking?: Undertaking;
}
export interface CallHow extends TraceContext {
  readonly signal: AbortSignal;
  /** Learns it before the answer comes, where anybody knows. */
  about?(about: About): void;
  /** As of a write. */
  readonly undertaking?: Undertaking;
}
export interface WatchHow extends TraceContext {
  /** Position of the last event that was taken; where the source does not know any more what came behind it, a `reset` comes first. Absent: from now on. */
  readonly from?: string;
  /**
   * False: the iteration ends when the state at the time of the call (or a newer one) has been told, and its last event is a `position`, also
   * where nothing has happened: a batch consumer goes on from there the next time. Absent: for ever.
   */
  readonly live?: boolean;
  readonly signal: AbortSignal;
}

/** What the gateway lends to an adapter. */
export interface Host {
  /** Name of the source in the configuration. */
  readonly source: string;
  /** A path of the configuration, resolved against the configuration file's folder. */
  path(relative: string): string;
  /** The text behind a secret reference; throws a misconfigured Fault that names the reference, never the value. */
  secret(reference: SecretReference): Promise<string>;
  /**
   * Tells that the source is being made of this file, an absolute path: a copybook, a saved model. Where it is another when the configuration
   * is read again, the source is opened anew. Not for data.
   */
  describedBy?(path: string): void;
  /** Longest time that a loop may hold the event loop, in milliseconds. */
  readonly sliceMs: number;
  /** True: a quiet window is open. What an adapter asks the legacy system by itself, for no request, waits for its end. Absent: there is none. */
  quiet?(): boolean;
}

export type SecretReference = { readonly env: string } | { readonly file: string };

/** For the options of an adapter: the only way in which a secret may stand in the configuration. */
export const secretReference: z.ZodType<SecretReference> = z
  .union([
    z.strictObject({ env: z.string().min(1).describe('Name of the environment variable that holds it') }),
    z.strictObject({ file: z.string().min(1).describe('File that holds it and nothing else') }),
  ])
  .meta({
    title: 'a reference to a secret, { env: NAME } or { file: path }',
    description:
      'A secret never stands in this file: name the environment variable or the file that holds it',
  });

export interface AdapterDefinition<Options = unknown> {
  readonly name: string;
  /** Options of one source of this kind, as they stand in the YAML beside `adapter`. Strict: unknown keys are refused. */
  readonly options: z.ZodType<Options>;
  /**
   * Builds the model without the legacy system where a saved model allows it. A throw with `misconfigured` carries
   * the place in its message; any other throw means that the source is down.
   */
  open(options: Options, host: Host): Promise<Source>;
  /**
   * Reads what describes the legacy system from the live system, as the text of the file that `options.model` names:
   * for `overpunch import db SOURCE`. Throws a Fault.
   */
  describe?(options: Options, host: Host, signal: AbortSignal): Promise<Description>;
}

/** What describes a legacy system. */
export interface Description {
  /** The path that the options name for it, as it stands there; absent when they name none. */
  readonly file?: string;
  readonly text: string;
  /** Lines for who imports: what was found, what is proposed, what was left out and why. */
  readonly summary: readonly string[];
}

export function defineAdapter<Options>(definition: AdapterDefinition<Options>): AdapterDefinition<Options> {
  return definition;
}

/** What an import lends to an importer. */
export interface ImportHost {
  /** One line for who started it. */
  out(line: string): void;
  /** The text behind a secret reference; throws a misconfigured Fault that names the reference, never the value. */
  secret(reference: SecretReference): Promise<string>;
  /** A path of the command line, absolute. */
  path(relative: string): string;
  /** A new signal that ends one request to the legacy system when it takes too long. */
  deadline(): AbortSignal;
}

/** A flag of an importer on the command line: `--user NAME`. */
export interface ImportFlag {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** What stands for the value in the help: `NAME`. */
  readonly value?: string;
  readonly doc: string;
  readonly required?: boolean;
  /** May be given several times; its value is then a list. */
  readonly repeated?: boolean;
}

export interface ImportAsk<Options> {
  /** What is imported: an address, a file. */
  readonly target: string;
  /** The flags that were given. */
  readonly given: Readonly<Record<string, string | true | readonly string[] | undefined>>;
  /** A configured source whose access is used (`-c FILE --source NAME`): its options, and its own host for paths and secrets. */
  readonly configured?: { readonly options: Options; readonly host: Host };
  readonly host: ImportHost;
}

/** `overpunch import KIND TARGET`: saves what describes a legacy system, so that the gateway starts without it. */
export interface Importer<Options = unknown> {
  /** Name of the adapter whose sources can be named by `--source`. */
  readonly adapter: string;
  /** More for the help. */
  readonly doc?: string;
  readonly target: { readonly value: string; readonly doc: string };
  readonly flags: Readonly<Record<string, ImportFlag>>;
  /** Throws Faults; one with the code `usage` says that the command line makes no sense. */
  run(ask: ImportAsk<Options>): Promise<void>;
}

export function defineImporter<Options>(importer: Importer<Options>): Importer<Options> {
  return importer;
}
