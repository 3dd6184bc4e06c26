// Knows: how the changes of a request are made in the one file that they concern: all of them, or none.
// Must not know: bytes of records, how a file is kept.

import { type Change, Fault, type Outcome, type Source } from '#spi';
import { slices } from '../slices.ts';
import { commit, missing } from './commit.ts';
import { checkLast } from './last-record.ts';
import { lookupIn } from './lookup.ts';
import { type Staging, stagingOf } from './staging.ts';
import type { Writable } from './writable.ts';

interface Ask {
  readonly signal: AbortSignal;
}

/** Several changes of one file, which is read and written while nobody else writes it. */
export async function writeFile(
  changes: readonly Change[],
  writables: readonly Writable[],
  { signal }: Ask,
): Promise<readonly Outcome[]> {
  const [first] = writables;
  if (first?.stored.edit === undefined) throw new TypeError('a file that cannot be written');
  await using edit = await first.stored.edit({ signal });
  const { file } = edit;
  if (file === undefined) throw missing(first.stored.path);
  await using held = new AsyncDisposableStack();
  const lookup = (writable: Writable) => lookupIn(writable, file, held, { signal });
  const staging = stagingOf({ file, writables, lookup, signal });
  const outcomes: Outcome[] = [];
  const slice = slices(first.sliceMs);
  for (const [i, change] of changes.entries()) {
    outcomes.push(await applied(staging, writables, change, changes.length === 1 ? undefined : i + 1));
    if (slice.over()) await slice.next();
    signal.throwIfAborted();
  }
  const { framing, blockSize } = first;
  const { behind, ...placing } = await staging.placing();
  await checkLast(file, writables, behind, { signal });
  try {
    const done = await commit(edit, file, framing, placing, blockSize, { signal });
    if (done?.inPlace === true && staging.keepsRecords && writables.length === 1) {
      const kept = first.table.indexes.filter(({ fields }) => staging.keeps(first, fields));
      first.versions.carry(
        file.version,
        done.version,
        kept.map(({ id }) => id),
      );
    }
  } finally {
    // Whatever became of it: the next reader looks at the file itself.
    await first.shared.forget();
  }
  return outcomes;
}

async function applied(
  staging: Staging,
  writables: readonly Writable[],
  change: Change,
  record: number | undefined,
): Promise<Outcome> {
  const writable = writables.find(({ table }) => table.collection.name === change.collection);
  if (writable === undefined) throw unclaimed(change);
  const { verb, collection } = change;
  try {
    if (writable.table.collection.writes?.includes(verb) !== true) throw unclaimed(change);
    return await staging.apply(writable, change);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind === 'corrupt') throw error;
    throw error.at({ collection, ...(record === undefined ? {} : { record }) });
  }
}

export function unclaimed({ collection }: Change): Fault {
  return new Fault('unsupported', `Rows of "${collection}" cannot be written so`, {
    code: 'not-writable',
    collection,
  });
}

/** By collection: how its changes are made. Those with the same one are made together. */
export interface Writer {
  readonly path: string;
  write(changes: readonly Change[], ask: Ask): Promise<readonly Outcome[]>;
}

/** All of the changes go to one writer, or none is made. */
export function createWrite(writers: ReadonlyMap<string, Writer>): NonNullable<Source['write']> {
  return async (changes, ask) => {
    ask.signal.throwIfAborted();
    const [first] = changes;
    if (first === undefined) return [];
    const found = changes.map((change, i) => {
      const writer = writers.get(change.collection);
      if (writer !== undefined) return { change, writer };
      const fault = unclaimed(change);
      throw changes.length === 1 ? fault : fault.at({ record: i + 1 });
    });
    const writer = found[0]?.writer;
    const other = found.find((one) => one.writer !== writer);
    if (other !== undefined) throw severalFiles(first, other.change);
    return (await writer?.write(changes, ask)) ?? [];
  };
}

function severalFiles(first: Change, other: Change): Fault {
  return new Fault(
    'unsupported',
    `"${first.collection}" and "${other.collection}" are in different files: no transaction spans both`,
    { code: 'several-files', collection: other.collection },
  );
}
