// Knows: how one query is read from one source: negotiate, let the source do its part, do the rest.
// Must not know: relations, pages, facades.

import { divide } from '../plan/pushdown.ts';
import type { Policy } from '../policy.ts';
import { fieldsOf } from '../query/filter.ts';
import { type TraceContext, traceOf, UNTRACED } from '../query/trace.ts';
import type { About, Batch, Query, Source } from '../spi.ts';
import { countRows, filtered, passedOver, sorted } from './stream.ts';

export interface Wanted extends TraceContext {
  /** Dotted paths that `row` must hold. */
  readonly fields: readonly string[];
  /** Dotted paths that `json` writes, where the source can. */
  readonly json?: readonly string[];
  /** Rows after `skip` that will be read at most; absent: all. */
  readonly rows?: number;
  readonly skip?: number;
  /** As of an `Ask`. */
  readonly fresh?: true;
  readonly signal: AbortSignal;
  /** As of an `Ask`. */
  readonly within?: true;
}

/** Exactly the rows of the query, in its order, from `skip` on. The caller stops reading after `rows` rows. */
export function read(
  source: Source,
  query: Query,
  wanted: Wanted,
  { query: limits }: Policy,
): AsyncIterable<Batch> {
  const access = source.access(query);
  const skip = wanted.skip ?? 0;
  const total = wanted.rows === undefined ? undefined : wanted.rows + skip;
  const { residual, sort, limit } = divide(query, access, total);
  const fields = [...new Set([...wanted.fields, ...fieldsOf(residual)])];

  let batches = access.read({
    fields,
    // Rows that were sorted here are values already: the source's own JSON would have nothing to write from.
    ...(wanted.json === undefined || sort ? {} : { json: wanted.json }),
    ...(limit === undefined ? {} : { limit }),
    ...(wanted.fresh === undefined ? {} : { fresh: wanted.fresh }),
    signal: wanted.signal,
    ...(wanted.within === undefined ? {} : { within: wanted.within }),
    ...traceOf(wanted),
  });
  if (residual.length > 0) batches = filtered(batches, residual, limits.maxScanRows);
  if (sort) batches = sorted(batches, query.order, total, limits.maxSortRows);
  if (skip > 0) batches = passedOver(batches, skip);
  return batches;
}

/** How many rows the query has. `about` learns how old the answer is, where a cache has had a hand in it. */
export function count(
  source: Source,
  query: Query,
  signal: AbortSignal,
  policy: Policy,
  { about, ...trace }: TraceContext & { about?(about: About): void } = UNTRACED,
): Promise<number> {
  const access = source.access(query);
  if (access.count !== undefined && access.where.every((coverage) => coverage === 'exact')) {
    return access.count({ signal, ...trace, ...(about === undefined ? {} : { about }) });
  }
  // No order is needed to count, so none is asked for.
  const batches = read(source, { ...query, order: [] }, { fields: [], signal, ...trace }, policy);
  return countRows(about === undefined ? batches : noting(batches, about));
}

async function* noting(batches: AsyncIterable<Batch>, about: (about: About) => void): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    const { asOf, cache } = batch;
    if (asOf !== undefined && cache !== undefined) about({ asOf, cache });
    yield batch;
  }
}
