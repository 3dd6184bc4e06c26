// Knows: how a plan is carried out: pages of rows with what they include.
// Must not know: HTTP, GraphQL, adapters. It never decides: plan and pushdown have.

import { Fault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import type { ReadPlan } from '../plan/plan.ts';
import { checkCost, plan } from '../plan/planner.ts';
import { ages, type Freshness } from '../query/freshness.ts';
import type { Execute, Request, Result, ResultBatch } from '../query/request.ts';
import { traceOf } from '../query/trace.ts';
import type { Showing } from '../rights/shown-rows.ts';
import type { Batch, Row, Source } from '../spi.ts';
import { count, read } from './read.ts';
import { relate } from './relate.ts';
import { cursorOf, type ExecuteParts, onVersion, type Running } from './running.ts';
import { seenBy, toldOf } from './seen.ts';
import { chunked, head } from './stream.ts';
import { tallyOf } from './tally.ts';

export function createExecute(parts: ExecuteParts): Execute {
  const { policy, source, rights } = parts;
  /** By what the caller sees. A facade that is asked the same again may hand over the same request: it is planned once. */
  const plans = new WeakMap<Catalog, WeakMap<Request, ReadPlan>>();
  const planOf = (request: Request, catalog: Catalog): ReadPlan => {
    const own = plans.get(catalog) ?? new WeakMap<Request, ReadPlan>();
    plans.set(catalog, own);
    const known = own.get(request);
    if (known !== undefined) return known;
    const planned = plan(request, catalog, policy, rights?.sealing);
    own.set(request, planned);
    return planned;
  };
  return async (request, context) => {
    const seen = seenBy(parts, context);
    const planned = seen.restricted(planOf(request, seen.catalog));
    checkCost(planned, policy, context.asked);
    const noted = ages();
    const running: Running = {
      policy,
      source,
      context,
      seen,
      saw: noted.note,
      tally: tallyOf(policy, context.asked),
    };
    return start(planned, running, noted.list);
  };
}

function start(planned: ReadPlan, running: Running, freshness: () => readonly Freshness[]): Result {
  const { context } = running;
  const source = running.source(planned.source);
  const { counted } = planned;
  const showing = running.seen.showing(planned.query.collection);
  let more: boolean | undefined;
  let version: string | undefined;
  return {
    batches: pages(planned, source, running, showing, {
      version(read) {
        version = read;
      },
      ended(is) {
        more = is;
      },
    }),
    hasNextPage: () => {
      if (more === undefined) throw new Fault('internal', 'The page has not been read to its end');
      return more;
    },
    freshness,
    ...(counted === undefined
      ? {}
      : {
          // Rows that have been read are counted in their own version.
          totalCount: () =>
            count(source, onVersion(counted, version), context.signal, running.policy, {
              ...traceOf(context),
              about: ({ asOf, cache }) => running.saw(planned.source, asOf, cache),
            }).catch((error: unknown) => {
              throw toldOf(showing, error);
            }),
        }),
  };
}

/** Learns what is known only when rows have come. */
interface Listener {
  version(read: string | undefined): void;
  /** Are there more rows behind those of the page? */
  ended(more: boolean): void;
}

/** The page's rows batch by batch. */
async function* pages(
  planned: ReadPlan,
  source: Source,
  running: Running,
  showing: Showing | undefined,
  { version, ended }: Listener,
): AsyncGenerator<ResultBatch> {
  const limit = planned.first === 'all' ? Number.POSITIVE_INFINITY : planned.first;
  const included = planned.includes.length > 0;
  // One row more than the page tells whether there is a next one.
  let batches = read(
    source,
    planned.query,
    {
      fields: planned.fields,
      // What is masked or hidden in part is not what the source would write.
      ...(included || showing?.isOpen(planned.output) === false ? {} : { json: planned.output }),
      ...(Number.isFinite(limit) ? { rows: limit + 1 } : {}),
      skip: planned.skip,
      signal: running.context.signal,
      ...(running.context.fresh === undefined ? {} : { fresh: true }),
      ...traceOf(running.context),
    },
    running.policy,
  );
  // Rows with relations are held as values, so they come in portions that one key read can serve.
  if (included) batches = chunked(batches, running.policy.query.keysPerRead);

  let taken = 0;
  try {
    for await (const batch of batches) {
      running.saw(planned.source, batch.asOf, batch.cache);
      version(batch.version);
      const room = limit - taken;
      running.tally(Math.min(batch.length, room));
      if (room > 0) yield await answer(head(batch, room), planned, taken, running, showing);
      taken += Math.min(batch.length, room);
      if (batch.length > room) {
        ended(true);
        return;
      }
    }
  } catch (error) {
    throw toldOf(showing, error);
  }
  ended(false);
}

async function answer(
  batch: Batch,
  planned: ReadPlan,
  before: number,
  running: Running,
  showing: Showing | undefined,
): Promise<ResultBatch> {
  const { asOf, version } = batch;
  const cursor = (i: number) =>
    cursorOf(
      planned,
      planned.boundTo,
      { row: batch.row(i), offset: planned.skip + before + i + 1, version },
      running,
    );
  const shown = (row: Row): Row => (showing === undefined ? row : showing.row(row));
  const about = {
    ...(asOf === undefined ? {} : { asOf }),
    ...(version === undefined ? {} : { version }),
  };
  if (planned.includes.length === 0) {
    const { json } = batch;
    return {
      length: batch.length,
      row: (i) => shown(batch.row(i)),
      ...(json === undefined
        ? {}
        : {
            json: (i, out) => {
              try {
                json.call(batch, i, out);
              } catch (error) {
                throw toldOf(showing, error);
              }
            },
          }),
      ...about,
      cursor,
    };
  }
  const rows = Array.from({ length: batch.length }, (_, i) => batch.row(i));
  const related = await relate(rows, planned.includes, running);
  const none = new Map<string, never>();
  return {
    length: rows.length,
    row: (i) => shown(rows[i] ?? {}),
    related: (i) => related[i] ?? none,
    ...about,
    cursor,
  };
}
