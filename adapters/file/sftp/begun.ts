// Knows: what this gateway has begun to write on the server, in records on its own disk, which survive it: what is left of a write
// that was broken off is found by them, and nothing else on the server is taken for a left-over.
// Must not know: the server.

import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PART, syncFolder } from './draft.ts';
import { isHeld, OWN } from './owner.ts';

/** How names of the records end. */
const RECORD = '.upload';

const begun = z.strictObject({
  /** As configured, for messages. */
  path: z.string(),
  /** Names the remote file for good. */
  file: z.string(),
  /** Paths on the server: the file, what is to become it, and where it is meanwhile, if it has to make way. */
  target: z.string(),
  part: z.string(),
  aside: z.string(),
});

export type Begun = z.infer<typeof begun>;

export interface BegunWrites {
  /** On the disk before anything is written to the server. Throws errors of the operating system. */
  begin(write: Begun): Promise<void>;
  /** Nothing is left of it on the server. */
  end(write: Begun): Promise<void>;
  /** Something of it may be left there. */
  leave(write: Begun): void;
  /** Those that were broken off. */
  left(): readonly Begun[];
  /** Those that were broken off, which nobody else has then. Whoever takes one ends it or leaves it again. */
  takeLeft(wanted: (write: Begun) => boolean): readonly Begun[];
}

/** Of one source; the folder is there. */
export async function begunIn(folder: string): Promise<BegunWrites> {
  const records = new Map<Begun, string>();
  let left: readonly Begun[] = [];
  for (const name of await readdir(folder)) {
    if (!name.endsWith(RECORD) || isHeld(name)) continue;
    const path = join(folder, name);
    const write = await recordAt(path);
    if (write === undefined) await rm(path, { force: true });
    else {
      records.set(write, path);
      left = [...left, write];
    }
  }
  return {
    async begin(write) {
      const path = join(folder, `${OWN}.${randomUUID()}${RECORD}`);
      const part = `${path}${PART}`;
      const handle = await open(part, 'wx', 0o600);
      try {
        await handle.writeFile(JSON.stringify(write));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(part, path);
      await syncFolder(folder);
      records.set(write, path);
    },
    async end(write) {
      const path = records.get(write);
      records.delete(write);
      // A record without anything left on the server does no harm: the next start finds nothing, and deletes it.
      if (path !== undefined) await rm(path, { force: true }).catch(() => {});
    },
    leave(write) {
      left = [...left, write];
    },
    left: () => left,
    takeLeft(wanted) {
      const taken = left.filter(wanted);
      if (taken.length > 0) left = left.filter((write) => !taken.includes(write));
      return taken;
    },
  };
}

async function recordAt(path: string): Promise<Begun | undefined> {
  try {
    return begun.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}
