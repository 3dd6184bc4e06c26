// Knows: what every part of a request under way has at hand.
// Must not know: what the parts do.

import type { Catalog } from '../model/catalog.ts';
import { type Row, valueAt } from '../model/value.ts';
import type { ReadPlan } from '../plan/plan.ts';
import type { Policy } from '../policy.ts';
import { writeCursor } from '../query/page.ts';
import type { Context } from '../query/request.ts';
import type { Source } from '../spi.ts';

/** What `execute` is made of. */
export interface ExecuteParts {
  readonly catalog: Catalog;
  readonly policy: Policy;
  /** The source, guarded. Throws `unavailable` while it could not be opened. */
  source(name: string): Source;
}

/** One request under way. */
export interface Running extends ExecuteParts {
  readonly context: Context;
  /** Notes how old a source's data is; the oldest is told. */
  saw(source: string, asOf: string | undefined): void;
}

/** Cursor behind a row: its values under the order, or how many rows lie before its successor. */
export function cursorOf(plan: ReadPlan, boundTo: string, row: Row, offset: number): string {
  const { order } = plan.query;
  return plan.keyless
    ? writeCursor(boundTo, order, { kind: 'offset', offset })
    : writeCursor(boundTo, order, { kind: 'values', values: order.map(({ field }) => valueAt(row, field)) });
}
