// Knows: which accesses a request makes, and that each is told once it has ended, whatever its end: answered, refused, broken off; of a watch
// also that it has begun.
// Must not know: where records go, facades, adapters. A record holds names and numbers, never data of a row, a filter or a key.

import { type Fault, toFault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import type { AuditObservation, Observe } from '../observe.ts';
import type { Change } from '../query/change.ts';
import type { Context, Execute, Invoke, Request, Result, ResultBatch, Write } from '../query/request.ts';
import type { Watch, WatchEvent } from '../query/watching.ts';
import { countRelations, type RelationCounts } from './relation-counts.ts';
import { outcomeOf } from './traced.ts';

export interface AuditParts {
  /** Everything that there is, whoever asks. */
  readonly catalog: Catalog;
  readonly observe: Observe;
  /** Why nothing may be asked now: records cannot be written. */
  refusal(): Fault | undefined;
}

export interface Audited {
  readonly execute: Execute;
  readonly invoke: Invoke;
  readonly write: Write;
  readonly watch: Watch;
}

type Access = Pick<AuditObservation, 'action' | 'source' | 'target' | 'fields'>;

/** The same gateway, each access to a collection or an operation told once. */
export function audited(gateway: Audited, parts: AuditParts): Audited {
  const { catalog } = parts;
  const allowed = (): void => {
    const refusal = parts.refusal();
    if (refusal !== undefined) throw refusal;
  };
  return {
    async execute(request, context) {
      const access = read(catalog, request);
      const end = ending(access, context, parts);
      try {
        allowed();
        return answering(await gateway.execute(request, context), request, context, { ...parts, end });
      } catch (error) {
        end(0, error);
        throw error;
      }
    },
    async invoke(operation, input, context) {
      const source = catalog.operations.get(operation)?.source;
      const end = ending(named('invoke', operation, source, Object.keys(input)), context, parts);
      return await told(
        end,
        () => 1,
        async () => {
          allowed();
          return await gateway.invoke(operation, input, context);
        },
      );
    },
    async write(changes, context) {
      const ends = accessesOf(changes, catalog).map(({ count, ...access }) => ({
        count,
        end: ending(access, context, parts),
      }));
      try {
        allowed();
        const outcomes = await gateway.write(changes, context);
        for (const { count, end } of ends) end(count);
        return outcomes;
      } catch (error) {
        for (const { end } of ends) end(0, error);
        throw error;
      }
    },
    async watch(request, context) {
      const { collection, selection } = request;
      const source = catalog.collections.get(collection)?.source;
      const access = named('watch', collection, source, selection.fields);
      const end = ending(access, context, parts);
      try {
        allowed();
        const watching = await gateway.watch(request, context);
        if (request.live) ending({ ...access, action: 'watch-begun' }, context, parts)(0);
        const counts = countRelations(catalog, collection, selection.include);
        const all: End = (rows, error) => {
          end(rows, error);
          endAll(counts, context, parts);
        };
        return { ...watching, events: watched(watching.events, counts, all) };
      } catch (error) {
        end(0, error);
        throw error;
      }
    },
  };
}

/** Tells of an access; only the first time counts. */
type End = (rows: number, error?: unknown) => void;

function ending(
  access: Access,
  { requestId, serial, caller, signal }: Context,
  { observe }: Pick<AuditParts, 'observe'>,
): End {
  let ended = false;
  return (rows, error) => {
    if (ended) return;
    ended = true;
    // Whoever stops reading has enough, unless nobody waits for the answer any more.
    const reason: unknown = error ?? (signal.aborted ? signal.reason : undefined);
    observe({
      kind: 'audit',
      requestId,
      ...(serial === undefined ? {} : { serial }),
      client: caller?.client ?? '',
      by: caller?.by ?? 'anonymous',
      ...(caller?.issuer === undefined ? {} : { issuer: caller.issuer }),
      roles: caller?.roles ?? [],
      ...access,
      rows,
      outcome: reason === undefined ? 'ok' : outcomeOf(reason),
      ...(reason === undefined ? {} : { code: toFault(reason).code }),
    });
  };
}

async function told<T>(end: End, rowsOf: (answer: T) => number, call: () => Promise<T>): Promise<T> {
  try {
    const answer = await call();
    end(rowsOf(answer));
    return answer;
  } catch (error) {
    end(0, error);
    throw error;
  }
}

/** A name that the catalog does not have is what a client wrote: it is not repeated. */
function named(
  action: Access['action'],
  target: string,
  source: string | undefined,
  fields: readonly string[],
): Access {
  return source === undefined
    ? { action, source: '', target: '', fields: [] }
    : { action, source, target, fields };
}

function read(catalog: Catalog, { collection, selection }: Request): Access {
  return named('read', collection, catalog.collections.get(collection)?.source, selection.fields);
}

interface Answering extends AuditParts {
  readonly end: End;
}

function answering(result: Result, request: Request, context: Context, parts: Answering): Result {
  const { catalog, end } = parts;
  const { totalCount } = result;
  const counts = countRelations(catalog, request.collection, request.selection.include);
  const all: End = (rows, error) => {
    end(rows, error);
    endAll(counts, context, parts);
  };
  return {
    ...result,
    batches: streamed(result.batches, counts, all),
    ...(totalCount === undefined
      ? {}
      : {
          totalCount: () =>
            told(
              ending({ ...read(catalog, request), action: 'count', fields: [] }, context, parts),
              (count) => count,
              () => totalCount.call(result),
            ),
        }),
  };
}

function endAll(counts: RelationCounts, context: Context, parts: AuditParts): void {
  for (const { access, rows, fault } of counts.ended())
    ending({ action: 'read', ...access }, context, parts)(rows, fault);
}

async function* streamed(
  batches: AsyncIterable<ResultBatch>,
  counts: RelationCounts,
  end: End,
): AsyncGenerator<ResultBatch> {
  let rows = 0;
  let failure: unknown;
  try {
    for await (const batch of batches) {
      rows += batch.length;
      counts.batch(batch);
      yield batch;
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    end(rows, failure);
  }
}

async function* watched(
  events: AsyncIterable<WatchEvent>,
  counts: RelationCounts,
  end: End,
): AsyncGenerator<WatchEvent> {
  let rows = 0;
  let failure: unknown;
  try {
    for await (const event of events) {
      if (event.kind !== 'idle' && event.key !== undefined) rows++;
      if (event.kind !== 'idle' && event.item !== undefined) counts.item(event.item.related);
      yield event;
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    end(rows, failure);
  }
}

/** Changes of the same kind in the same collection are one access; the fields are all that any of them names. */
function accessesOf(
  changes: readonly Change[],
  catalog: Catalog,
): readonly (Access & { readonly count: number })[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const name = `${change.verb} ${change.collection}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [change]);
    else group.push(change);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const known = catalog.collections.get(first.collection);
    const fields = new Set(group.flatMap(({ values }) => Object.keys(values)));
    const own = [...fields].filter((field) => known?.fields.some(({ name }) => name === field) === true);
    return [{ ...named(first.verb, first.collection, known?.source, own), count: group.length }];
  });
}
