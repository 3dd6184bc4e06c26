// Knows: how a file that may be patched meanwhile, by this process or another, is opened as one version and no mixture of two.
// Must not know: how a change is made, and undone.

import type { BigIntStats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { isLocal } from '../store/at-once.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { systemCodeOf } from '../store/disk-fault.ts';
import { aboutOf, CHANGING, opened, openHandle } from '../store/disk-file.ts';
import { besideOf } from './beside.ts';
import type { About } from './live.ts';
import type { Machine } from './machine.ts';

export interface OpenAsk {
  readonly machine: Machine;
  /** What messages show. */
  readonly path: string;
  /** No link. */
  readonly file: string;
  /** Throws for a file that may not be read. */
  readonly check?: (stats: BigIntStats) => Promise<void>;
  readonly signal: AbortSignal;
}

/**
 * Nothing where a change was cut, or another process is making one. Throws `unavailable` (`not-a-file`) and errors of the operating
 * system.
 *
 * The file is looked at before and after the journal was looked for: a change that another process began and ended meanwhile shows by
 * that, as it moves the instant of change on before its journal is gone. What this process changes it knows.
 */
export async function openVersion({
  machine,
  path,
  file,
  check,
  signal,
}: OpenAsk): Promise<ByteFile | undefined> {
  const handle = await openHandle(file);
  let release = (): void => {};
  try {
    const local = await isLocal(file);
    for (;;) {
      const first = await handle.stat({ bigint: true });
      const about = aboutOf(path, first);
      await check?.(first);
      const hold = machine.live.hold(identityOf(first));
      release = hold.release;
      const kept = (version: About): ByteFile => {
        const own = {
          restore: (into: Uint8Array, offset: number) => hold.restore(path, into, offset),
          moment: hold.moment,
          present: () => (hold.changing() ? CHANGING : hold.present(version.version)),
        };
        const inner = opened({ path, handle, about: version, local, own });
        return {
          ...inner,
          async [Symbol.asyncDispose]() {
            hold.release();
            await inner[Symbol.asyncDispose]();
          },
        };
      };
      const isCut = await isThere(besideOf(file).journal);
      const second = await handle.stat({ bigint: true });
      signal.throwIfAborted();
      const before = hold.before();
      if (before !== undefined) return kept(before);
      if (!hold.moved()) {
        if (isCut) {
          hold.release();
          await handle.close();
          return undefined;
        }
        if (about.version === aboutOf(path, second).version) return kept(about);
      }
      hold.release();
    }
  } catch (error) {
    release();
    await handle.close();
    throw error;
  }
}

/** As long as it is open, no other file has it. */
export function identityOf({ dev, ino }: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${dev}:${ino}`;
}

export async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
