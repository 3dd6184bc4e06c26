// Knows: which files of a place a pattern matches.
// Must not know: what becomes of them.

import { Fault } from '#spi';
import type { ByteStore } from '../store/byte-store.ts';
import type { Glob } from '../store/glob.ts';
import { linkOutside } from '../store/link-outside.ts';

/** Names that a pattern may meet before it is taken for a mistake. */
const MOST_NAMES = 100_000;

/** The files whose paths match. Throws `unavailable` for a folder that cannot be listed, and for what matches and is no file. */
export async function matching(
  store: ByteStore,
  glob: Glob,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let found: readonly string[] = [glob.absolute ? '/' : ''];
  for (const [i, step] of glob.steps.entries()) {
    const last = i === glob.steps.length - 1;
    const next: string[] = [];
    for (const folder of found) {
      signal.throwIfAborted();
      // A folder that is named outright need not be listed to be found, and may not allow it.
      if (step.literal !== undefined && !last) {
        next.push(below(folder, step.literal));
        continue;
      }
      for (const { name, kind } of await store.list(folder, { signal })) {
        if (!step.matches(name)) continue;
        const path = below(folder, name);
        if (kind === 'outside') throw linkOutside(path);
        if (last && kind === 'other') throw noFile(path);
        if (kind === (last ? 'file' : 'folder')) next.push(path);
      }
      if (next.length > MOST_NAMES) throw tooMany(glob);
    }
    found = next;
  }
  return found;
}

function below(folder: string, name: string): string {
  return folder === '' || folder === '/' ? folder + name : `${folder}/${name}`;
}

function noFile(path: string): Fault {
  return new Fault('unavailable', `"${path}" is no regular file, or a link into nothing`, {
    code: 'not-a-file',
    file: path,
  });
}

function tooMany({ text }: Glob): Fault {
  return new Fault('too-costly', `More than ${MOST_NAMES} names match "${text}"`, {
    code: 'too-many-files',
    hint: 'Narrow the pattern.',
  });
}
