// Knows: one row as the GET of its address answers it: the same bytes, the same tag; and the values that a client sees in them.
// Must not know: HTTP, what is done with the row.

import { Fault } from '../fault.ts';
import { ByteSink } from '../model/byte-sink.ts';
import { fieldAt } from '../model/type.ts';
import { cellAt, type Row, settled, type Value } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import type { Context, Execute } from '../query/request.ts';
import { etagOf } from './etag.ts';
import type { Prepared } from './render.ts';

export interface Seen {
  readonly body: Uint8Array;
  /** Absent where the GET streams its answer. */
  readonly etag?: string;
  readonly row: Row;
}

/** Undefined: there is no such row. */
export async function see(
  { request, format }: Prepared,
  { execute, policy }: { readonly execute: Execute; readonly policy: Policy },
  context: Context,
): Promise<Seen | undefined> {
  const { batches } = await execute(request, context);
  const out = new ByteSink(4_096);
  format.begin(out);
  for await (const batch of batches) {
    if (batch.length === 0) continue;
    format.rows(batch, 0, 1, 0, out);
    const row = batch.row(0);
    format.end(out, {});
    const streamed = out.length >= policy.http.bufferedBytes;
    const body = out.take();
    return { body, row, ...(streamed ? {} : { etag: etagOf(body) }) };
  }
  return undefined;
}

/** What the row must still hold for the client's picture of it to be true, by path. */
export function valuesSeen({ collection, request }: Prepared, row: Row): Readonly<Record<string, Value>> {
  const { fields } = request.selection;
  // A source finds no value at a path through a list: the list is what it can compare.
  const inside = fields.find((path) => fieldAt(collection.fields, path) === undefined);
  if (inside !== undefined) {
    const list = inside.split('.').slice(0, -1).join('.');
    throw new Fault('unsupported', `Whether "${inside}" has changed cannot be checked at the source`, {
      code: 'unsupported-condition',
      parameter: 'If-Match',
      hint: `Select the list as a whole: ${list}`,
    });
  }
  return Object.fromEntries(fields.map((path) => [path, settled(cellAt(row, path))]));
}
