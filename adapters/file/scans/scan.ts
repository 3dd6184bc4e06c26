// Knows: how all records of a file, or a stretch of them, are looked at: here, or what is long by a thread.
// Must not know: which rows are wanted, threads.

import type { Test } from '#codec/compile/compile';
import { type OpenTable, type Selection, selectAll, type Traveller } from '../reads/selection.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { scanFile, scanFixed } from '../tables/fetch.ts';

/** The rows that the journey's test picks, of all records or of those from one number up to another. */
export async function* scan(
  { of, file, journey: { route, test }, signal }: Traveller,
  limit: number,
  records?: readonly [from: number, end: number],
): AsyncGenerator<Selection, void> {
  const { scans } = of;
  const bytes = bytesOf(of, file, records);
  // Without a test, all that there is to do is to write what comes.
  if (test === undefined || !scans?.take(file, bytes)) {
    yield* looked({ of, file, test, signal }, records);
    return;
  }
  let matches = 0;
  const counted = async function* (selections: AsyncGenerator<Selection, boolean>) {
    for (;;) {
      const { done, value } = await selections.next();
      if (done === true) return value;
      matches += value.picked?.length ?? value.block.length;
      yield value;
    }
  };
  const first = head(looked({ of, file, test, signal }, records), limit, scans.firstBytes);
  if (yield* counted(first)) return;
  const search = { of, file, where: route.rest, signal, ...(records === undefined ? {} : { records }) };
  if (yield* counted(scans.rows(search, { skip: matches, limit: limit - matches }))) return;
  yield* behind(looked({ of, file, test, signal }, records), matches);
}

interface Looking {
  readonly of: OpenTable;
  readonly file: ByteFile;
  readonly test: Test | undefined;
  readonly signal: AbortSignal;
}

type Stretch = readonly [from: number, end: number] | undefined;

/** All selections, made here. */
function looked({ of, file, test, signal }: Looking, records: Stretch): AsyncGenerator<Selection, void> {
  const { table } = of;
  const { fixed } = table;
  const blocks =
    records === undefined || fixed === undefined
      ? scanFile(file, table.framing, { signal })
      : scanFixed(file, fixed, ...records, { signal });
  return selectAll(of, table.rows(blocks), test);
}

function bytesOf({ table: { fixed } }: OpenTable, { size }: ByteFile, records: Stretch): number {
  return records === undefined || fixed === undefined ? size : (records[1] - records[0]) * fixed.length;
}

/** Those of the first bytes. Returns whether they are all that is wanted, or all that there is. */
async function* head(
  selections: AsyncGenerator<Selection, void>,
  limit: number,
  firstBytes: number,
): AsyncGenerator<Selection, boolean> {
  if (firstBytes === 0) return false;
  let matches = 0;
  let first: number | undefined;
  for await (const selection of selections) {
    yield selection;
    const { block, picked } = selection;
    matches += picked?.length ?? block.length;
    if (matches >= limit) return true;
    first ??= block.extent(0).offset;
    const { offset, length } = block.extent(block.length - 1);
    if (offset + length - first >= firstBytes) return false;
  }
  return true;
}

/** Without the first so many rows. */
async function* behind(selections: AsyncIterable<Selection>, rows: number): AsyncGenerator<Selection, void> {
  let left = rows;
  for await (const { block, picked = Array.from({ length: block.length }, (_, i) => i) } of selections) {
    const passed = Math.min(left, picked.length);
    left -= passed;
    if (passed < picked.length) yield { block, picked: picked.slice(passed) };
  }
}
