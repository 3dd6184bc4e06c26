// Knows: how all records of a file, or a stretch of them, are looked at: here, or what is long by a thread.
// Must not know: which rows are wanted, threads.

import { scanFile, scanFixed } from './fetch.ts';
import { type Selection, selectAll, type Traveller } from './selection.ts';

/** The rows that the journey's test picks, of all records or of those from one number up to another. */
export async function* scan(
  { of, file, journey: { route, test }, signal }: Traveller,
  limit: number,
  records?: readonly [from: number, end: number],
): AsyncGenerator<Selection, void> {
  const { table, scans } = of;
  const { fixed } = table;
  const blocks =
    records === undefined || fixed === undefined
      ? scanFile(file, table.framing, { signal })
      : scanFixed(file, fixed, ...records, { signal });
  const selections = selectAll(of, table.rows(blocks), test);
  const bytes = records === undefined || fixed === undefined ? file.size : stretch(records) * fixed.length;
  // Without a test, all that there is to do is to write what comes.
  if (test === undefined || !scans?.take(file, bytes)) {
    yield* selections;
    return;
  }
  let matches = 0;
  let further = scans.firstBytes === 0;
  let first: number | undefined;
  while (!further) {
    const { done, value: selection } = await selections.next();
    if (done === true) return;
    yield selection;
    const { block, picked = [] } = selection;
    matches += picked.length;
    if (matches >= limit) return;
    first ??= block.extent(0).offset;
    const { offset, length } = block.extent(block.length - 1);
    further = offset + length - first >= scans.firstBytes;
  }
  await selections.return();
  const search = { of, file, where: route.rest, signal, ...(records === undefined ? {} : { records }) };
  yield* scans.rows(search, { skip: matches, limit: limit - matches });
}

function stretch([from, end]: readonly [number, number]): number {
  return end - from;
}
