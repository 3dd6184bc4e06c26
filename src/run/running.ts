// Knows: what every part of a request under way has at hand.
// Must not know: what the parts do.

import type { Cached } from '../model/cache-use.ts';
import { type Row, valueAt } from '../model/value.ts';
import type { ReadPlan } from '../plan/plan.ts';
import type { Policy } from '../policy.ts';
import { writeCursor } from '../query/page.ts';
import type { Context } from '../query/request.ts';
import type { Query, Source } from '../spi.ts';
import { type Seeing, type Seen, toldOf } from './seen.ts';
import type { Tally } from './tally.ts';

/** What `execute` is made of. */
export interface ExecuteParts extends Seeing {
  readonly policy: Policy;
  /** The source, guarded. Throws `unavailable` while it could not be opened. */
  source(name: string): Source;
}

/** One request under way. */
export interface Running extends Omit<ExecuteParts, keyof Seeing> {
  readonly context: Context;
  readonly seen: Seen;
  /** Notes how old a source's data is, and how it came about; the oldest is told. */
  saw(source: string, asOf: string | undefined, cache?: Cached): void;
  /** Counts rows of the answer. */
  readonly tally: Tally;
}

/** A row of an answer: its values, how many rows lie before its successor, and the version of the data that it is of. */
export interface Placed {
  readonly row: Row;
  readonly offset: number;
  readonly version: string | undefined;
}

/** Cursor behind a row. The page that it leads to is of the same version, where the source keeps it. */
export function cursorOf(
  { query, keyless, sealed }: ReadPlan,
  boundTo: string,
  at: Placed,
  { seen }: Running,
): string {
  const { order } = query;
  const of = at.version === undefined ? {} : { version: at.version };
  if (keyless) return writeCursor(boundTo, order, { kind: 'offset', offset: at.offset, ...of });
  try {
    const values = order.map(({ field }) => valueAt(at.row, field));
    return writeCursor(boundTo, order, { kind: 'values', values, ...of }, sealed ? seen.sealing : undefined);
  } catch (error) {
    throw toldOf(seen.showing(query.collection), error);
  }
}

const pinned = new WeakMap<Query, Query>();

/** The query on one version. Asked again for the same version it is the same object: what a source has made of it need not be made again. */
export function onVersion(query: Query, version: string | undefined): Query {
  if (version === query.version || version === undefined) return query;
  const known = pinned.get(query);
  if (known?.version === version) return known;
  const fresh: Query = { ...query, version };
  pinned.set(query, fresh);
  return fresh;
}
