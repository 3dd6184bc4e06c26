// Knows: how a file that is held for writing comes to have its records changed, as a whole: in place where its store can and nothing moves,
// else written anew.
// Must not know: values, requests.

import type { Framing } from '#codec/framing/framing';
import { Fault } from '#spi';
import type { ByteFile, FileEdit } from '../store/byte-store.ts';
import { type RecordChanges, reblocked } from './blocks.ts';
import { patchesOf, readPart, spliced } from './content.ts';
import { type Placing, place } from './placement.ts';

interface Ask {
  readonly signal: AbortSignal;
}

export interface Committed {
  /** The version that the file has become. */
  readonly version: string;
  /** Every record stands where it stood. */
  readonly inPlace: boolean;
}

/** Undefined where no byte changes. */
export async function commit(
  edit: FileEdit,
  file: ByteFile,
  framing: Framing,
  placing: Placing,
  blockSize: number | undefined,
  ask: Ask,
): Promise<Committed | undefined> {
  if (placing.changed.length === 0 && placing.inserted.length === 0) return undefined;
  const { splices, reblocked: blocks } = await place(placing, file, framing, blockSize, ask);
  if (blocks !== undefined && framing.kind === 'rdw') {
    const content = reblocked(file, framing, byNumber(placing), blocks.blockSize, ask);
    return { version: await edit.replace(content, ask), inPlace: false };
  }
  const { trailer = 0 } = framing;
  const patches =
    edit.patch === undefined
      ? undefined
      : patchesOf(splices, file.size, await readPart(file, file.size - trailer, trailer, ask));
  if (patches === undefined || edit.patch === undefined) {
    return { version: await edit.replace(spliced(file, splices, ask), ask), inPlace: false };
  }
  if (patches.length === 0) return undefined;
  return { version: await edit.patch(patches, ask), inPlace: placing.inserted.length === 0 };
}

function byNumber({ changed, inserted }: Placing): RecordChanges {
  const before = Map.groupBy(inserted, (one) => one.before?.record ?? -1);
  const recordsOf = (number: number) => (before.get(number) ?? []).map(({ record }) => record);
  return {
    changed: new Map(changed.map(({ held, record }) => [held.span.record, record])),
    before: new Map(
      [...before.keys()].filter((number) => number >= 0).map((number) => [number, recordsOf(number)]),
    ),
    behind: recordsOf(-1),
  };
}

/** A file is made by whoever sends it, or by `replace`: that it is missing is more likely a mishap. */
export function missing(path: string): Fault {
  return new Fault('unavailable', `"${path}" does not exist`, {
    code: 'file-missing',
    hint: 'Records are written into a file that is there, be it empty.',
  });
}
