// Knows: one file of the disk as readers and writers meet it: a change that was cut is undone before anybody opens the file, and who
// has a version open keeps it while this process patches the file.
// Must not know: records. How a change is made, and undone, is not told here.

import type { BigIntStats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Fault } from '#spi';
import type { FileEdit, StoredFile } from '../store/byte-store.ts';
import { diskFault } from '../store/disk-fault.ts';
import { aboutOf } from '../store/disk-file.ts';
import { besideOf, checkInside, realPath, targetOf } from './beside.ts';
import { beginEdit } from './file-edit.ts';
import type { Machine } from './machine.ts';
import { identityOf, isThere, openVersion } from './open-version.ts';
import { recover, tidy } from './recovery.ts';

export interface LivingFileOf {
  /** What messages show. */
  readonly path: string;
  readonly absolute: string;
  /** The folder out of which no link may lead. */
  readonly bound: string | undefined;
  readonly machine: Machine;
}

/** A file that is replaced while it is opened is opened anew, so many times at most. */
const ATTEMPTS = 10;

export interface LivingFile extends StoredFile {
  edit(ask: { readonly signal: AbortSignal }): Promise<FileEdit>;
}

export function livingFile(of: LivingFileOf): LivingFile {
  const { path, absolute, bound, machine } = of;
  /** What a process that was killed has left beside the file is looked for once; a journal each time. */
  let tidied: Promise<void> | undefined;

  const target = async (signal: AbortSignal): Promise<string> => {
    const file = await targetOf(absolute);
    tidied ??= realPath(path, absolute, undefined)
      .then((real) => tidy({ machine, path, file: real, signal: new AbortController().signal }))
      .catch(() => {});
    await tidied;
    signal.throwIfAborted();
    return file;
  };

  const undoCut = async (signal: AbortSignal): Promise<void> =>
    recover({ machine, path, file: await realPath(path, absolute, undefined), signal });

  const check = async (stats: BigIntStats): Promise<void> => {
    if (bound !== undefined) await checkInside(path, absolute, bound, stats);
  };

  return {
    path,
    async open({ signal }) {
      signal.throwIfAborted();
      for (let replaced = 0; ; ) {
        try {
          const file = await openVersion({ machine, path, file: await target(signal), check, signal });
          if (file !== undefined) return file;
          await undoCut(signal);
        } catch (error) {
          const again = error instanceof Fault && error.code === 'file-changed' && ++replaced < ATTEMPTS;
          if (!again) throw diskFault(path, error);
        }
      }
    },
    async version({ signal }) {
      signal.throwIfAborted();
      try {
        for (;;) {
          const file = await target(signal);
          const stats = await stat(file, { bigint: true });
          const hold = machine.live.hold(identityOf(stats));
          try {
            const isCut = await isThere(besideOf(file).journal);
            const before = hold.before();
            if (before !== undefined) return before.version;
            if (hold.moved()) continue;
            if (!isCut) return aboutOf(path, stats).version;
          } finally {
            hold.release();
          }
          await undoCut(signal);
        }
      } catch (error) {
        throw diskFault(path, error);
      }
    },
    edit: (ask) => beginEdit({ path, machine, locate: () => realPath(path, absolute, bound) }, ask),
  };
}
