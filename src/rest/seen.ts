// Knows: one row as the GET of its address answers it: the same bytes, the same tag; and the values that a client sees in them.
// Must not know: HTTP, what is done with the row.

import { Fault } from '../fault.ts';
import { ByteSink } from '../model/byte-sink.ts';
import { fieldAt } from '../model/type.ts';
import { cellAt, type Row, settled, type Value } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import type { Change } from '../query/change.ts';
import { seenPaths } from '../query/masked.ts';
import type { Context, Execute } from '../query/request.ts';
import type { Conditions } from './conditions.ts';
import { etagOf } from './etag.ts';
import type { Prepared } from './render.ts';

interface Reader {
  readonly execute: Execute;
  readonly policy: Policy;
}

export interface Seen {
  readonly body: Uint8Array;
  /** Absent where the GET streams its answer. */
  readonly etag?: string;
  readonly row: Row;
}

/** Undefined: there is no such row. */
export async function see(
  { request, format }: Prepared,
  { execute, policy }: Reader,
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

/**
 * `If-Match`: what the client has seen, when that is what a GET would still answer; the source checks it once more as it writes. Without
 * the header nothing is expected. Throws `stale` when the condition does not hold, `unsupported` when that cannot be known.
 */
export async function expectedBy(
  match: Conditions['match'],
  prepared: Prepared,
  reading: Reader,
  context: Context,
): Promise<Change['expected']> {
  if (match === undefined) return undefined;
  if (prepared.request.selection.include.length > 0) throw includesUnchecked();
  if (match === '*') return {};
  const seen = await see(prepared, reading, { ...context, fresh: true });
  if (seen === undefined) throw notThere();
  if (seen.etag === undefined) throw tooLargeToCheck();
  if (match.includes(seen.etag)) return valuesSeen(prepared, seen.row);
  throw new Fault('stale', 'The row is no longer what it was when it was read', {
    code: 'changed-row',
    collection: prepared.collection.name,
    parameter: 'If-Match',
    hint: 'Read it again at the same address: its ETag is another one now',
  });
}

/**
 * What the row must still hold for the client's picture of it to be true, by path. Of what is masked the client has no picture that a source
 * could compare: the tag alone has vouched for it.
 */
function valuesSeen({ collection, request }: Prepared, row: Row): Readonly<Record<string, Value>> {
  const fields = request.selection.fields.flatMap((path) => seenPaths(collection.fields, path));
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

/** `stale`: a condition that wants a row to be there does not hold where there is none (RFC 9110, section 13.1.1). */
export function notThere(): Fault {
  return new Fault('stale', 'The row is not there', { code: 'no-row', parameter: 'If-Match' });
}

function includesUnchecked(): Fault {
  return new Fault(
    'unsupported',
    'Whether related rows have changed cannot be checked as the row is written',
    {
      code: 'unsupported-condition',
      parameter: 'If-Match',
      hint: 'Read and write the row without include',
    },
  );
}

function tooLargeToCheck(): Fault {
  return new Fault('unsupported', 'The answer is so large that it has no ETag', {
    code: 'unsupported-condition',
    parameter: 'If-Match',
    hint: 'Read and write the row with select, without its largest fields',
  });
}
