// Knows: how a plan is carried out: pages of rows with what they include.
// Must not know: HTTP, GraphQL, adapters. It never decides: plan and pushdown have.

import { Fault } from '../fault.ts';
import type { ReadPlan } from '../plan/plan.ts';
import { checkCost, plan } from '../plan/planner.ts';
import { ages, type Freshness } from '../query/freshness.ts';
import type { Execute, Request, Result, ResultBatch } from '../query/request.ts';
import type { Batch, Source } from '../spi.ts';
import { count, read } from './read.ts';
import { relate } from './relate.ts';
import { cursorOf, type ExecuteParts, onVersion, type Running } from './running.ts';
import { chunked, head } from './stream.ts';
import { tallyOf } from './tally.ts';

export function createExecute(parts: ExecuteParts): Execute {
  /** A facade that is asked the same again may hand over the same request: it is planned once. */
  const plans = new WeakMap<Request, ReadPlan>();
  const planOf = (request: Request): ReadPlan => {
    const known = plans.get(request);
    if (known !== undefined) return known;
    const planned = plan(request, parts.catalog, parts.policy);
    plans.set(request, planned);
    return planned;
  };
  return async (request, context) => {
    const planned = planOf(request);
    checkCost(planned, parts.policy, context.asked);
    const seen = ages();
    const running: Running = {
      ...parts,
      context,
      saw: seen.note,
      tally: tallyOf(parts.policy, context.asked),
    };
    return start(planned, running, seen.list);
  };
}

function start(planned: ReadPlan, running: Running, freshness: () => readonly Freshness[]): Result {
  const { signal } = running.context;
  const source = running.source(planned.source);
  const { counted } = planned;
  let more: boolean | undefined;
  let version: string | undefined;
  return {
    batches: pages(planned, source, running, {
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
          totalCount: () => count(source, onVersion(counted, version), signal, running.policy),
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
      ...(included ? {} : { json: planned.output }),
      ...(Number.isFinite(limit) ? { rows: limit + 1 } : {}),
      skip: planned.skip,
      signal: running.context.signal,
    },
    running.policy,
  );
  // Rows with relations are held as values, so they come in portions that one key read can serve.
  if (included) batches = chunked(batches, running.policy.query.keysPerRead);

  let taken = 0;
  for await (const batch of batches) {
    running.saw(planned.source, batch.asOf);
    version(batch.version);
    const room = limit - taken;
    running.tally(Math.min(batch.length, room));
    if (room > 0) yield await answer(head(batch, room), planned, taken, running);
    taken += Math.min(batch.length, room);
    if (batch.length > room) {
      ended(true);
      return;
    }
  }
  ended(false);
}

async function answer(
  batch: Batch,
  planned: ReadPlan,
  before: number,
  running: Running,
): Promise<ResultBatch> {
  const { asOf, version } = batch;
  const cursor = (i: number) =>
    cursorOf(planned, planned.boundTo, { row: batch.row(i), offset: planned.skip + before + i + 1, version });
  const about = {
    ...(asOf === undefined ? {} : { asOf }),
    ...(version === undefined ? {} : { version }),
  };
  if (planned.includes.length === 0) {
    const { json } = batch;
    return {
      length: batch.length,
      row: (i) => batch.row(i),
      ...(json === undefined ? {} : { json: (i, out) => json.call(batch, i, out) }),
      ...about,
      cursor,
    };
  }
  const rows = Array.from({ length: batch.length }, (_, i) => batch.row(i));
  const related = await relate(rows, planned.includes, running);
  const none = new Map<string, never>();
  return {
    length: rows.length,
    row: (i) => rows[i] ?? {},
    related: (i) => related[i] ?? none,
    ...about,
    cursor,
  };
}
