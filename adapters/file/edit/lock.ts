// Knows: how one process of a machine keeps a file from all others while it lives: by a lock of the kernel on a file beside it. The
// kernel frees it when the process ends, however that ends, so that no number of a process has to be trusted, and containers that
// share a folder see each other. Node offers such locks only through SQLite, which locks its database files so
// (https://sqlite.org/lockingv3.html); the database here is empty and stays so.
// Must not know: what is done under the lock.
//
// A lock of fcntl(2) is lost when its process closes any other handle on the file, so nobody may open the lock file while it is held:
// within the process turns (turns.ts) see to that.

import { lstat, open, rm } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { Fault } from '#spi';
import { systemCodeOf } from '../store/disk-fault.ts';

/** How long another process is waited for, if nothing else is said: most changes take less. */
const WAIT_MS = 1_000;
const PAUSE_MS = 10;
const SQLITE_BUSY = 5;

export interface LockAsk {
  /** What messages show. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** How long to wait for another process, in milliseconds. */
  readonly waitMs?: number;
}

/**
 * Takes the lock file, which is made if it is missing and gone when the lock is disposed of. Throws `unavailable` (`file-locked`) where
 * another process keeps it, and errors of the operating system.
 */
export async function takeLock(
  file: string,
  { path, signal, waitMs = WAIT_MS }: LockAsk,
): Promise<AsyncDisposable> {
  const { DatabaseSync } = await import('node:sqlite');
  const until = performance.now() + waitMs;
  for (;;) {
    signal.throwIfAborted();
    const identity = (await identityOf(file, path)) ?? (await made(file, path));
    if (identity !== undefined) {
      let database: InstanceType<typeof DatabaseSync> | undefined;
      try {
        database = new DatabaseSync(file, { timeout: 0 });
        // Its own journal would be one more file.
        database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
        // Whoever had it before has deleted it: then the lock is on a file that nobody else will find.
        if ((await identityOf(file, path)) === identity) return held(file, database);
        close(database);
      } catch (error) {
        close(database);
        if (!isBusy(error))
          throw error instanceof Fault || systemCodeOf(error) !== undefined ? error : unusable(path, error);
      }
    }
    if (performance.now() >= until) throw locked(path);
    await setTimeout(PAUSE_MS);
  }
}

function held(file: string, database: { close(): void }): AsyncDisposable {
  let free = false;
  return {
    async [Symbol.asyncDispose]() {
      if (free) return;
      free = true;
      // Deleted while it is locked: nobody can have taken it meanwhile. A file that stays does no harm.
      await rm(file, { force: true }).catch(() => {});
      close(database);
    },
  };
}

/** Nothing was written through it. */
function close(database: { close(): void } | undefined): void {
  try {
    database?.close();
  } catch {}
}

/** Which file has the name. */
async function identityOf(file: string, path: string): Promise<string | undefined> {
  try {
    const stats = await lstat(file, { bigint: true });
    // A link could lead to any file of the machine.
    if (!stats.isFile()) throw unusable(path, undefined);
    return `${stats.dev}:${stats.ino}:${stats.birthtimeNs}`;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** SQLite would make it, too, but not tell why it cannot. */
async function made(file: string, path: string): Promise<string | undefined> {
  try {
    await (await open(file, 'wx')).close();
  } catch (error) {
    if (systemCodeOf(error) !== 'EEXIST') throw error;
  }
  return identityOf(file, path);
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function locked(path: string): Fault {
  return new Fault('unavailable', `"${path}" is being written by another process`, {
    code: 'file-locked',
    hint: 'Another gateway on this machine has it; the same change may succeed later.',
  });
}

function unusable(path: string, cause: unknown): Fault {
  return new Fault('unavailable', `"${path}" cannot be locked`, {
    code: 'file-unwritable',
    hint: 'The gateway makes a lock file beside it (.overpunch-NAME.lock), which it must be able to write.',
    cause,
  });
}
