// Knows: when a file beside the configuration has changed: clients, keys, certificates.
// Must not know: what stands in it.

import { type FSWatcher, statSync, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How often to look, in milliseconds: network file systems and containers tell nobody of a change. */
const LOOK_MS = 2_000;

/** A file is read when it has been the same for so long, in milliseconds: nobody is in the middle of writing it. */
const SETTLE_MS = 200;

/**
 * Calls `changed` when one of the files is not what it was: written, replaced, gone, or behind a link that now leads elsewhere, which is how
 * secrets of Kubernetes change. Changes of several files that follow each other closely are one.
 */
export function onFileChange(
  files: readonly string[],
  changed: () => void,
  { lookMs = LOOK_MS, settleMs = SETTLE_MS }: { readonly lookMs?: number; readonly settleMs?: number } = {},
): Disposable {
  let disposed = false;
  let known = files.map(signatureNow).join(' ');
  let seen = known;
  let timer: NodeJS.Timeout | undefined;
  let soon = false;
  let looking = false;

  const arm = (ms: number): void => {
    clearTimeout(timer);
    if (disposed) return;
    soon = ms === settleMs;
    timer = setTimeout(() => void look(), ms);
    timer.unref();
  };
  const look = async (): Promise<void> => {
    looking = true;
    const now = (await Promise.all(files.map(signature))).join(' ');
    looking = false;
    const settled = now === seen;
    seen = now;
    if (now !== known && !settled) {
      arm(settleMs);
      return;
    }
    arm(lookMs);
    if (now === known || disposed) return;
    known = now;
    changed();
  };

  const watchers = [...new Set(files.map((file) => dirname(file)))].flatMap((folder) =>
    watched(folder, () => {
      if (!soon && !looking) arm(settleMs);
    }),
  );
  arm(lookMs);
  return {
    [Symbol.dispose]() {
      disposed = true;
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Where the system cannot tell of changes, looking now and then finds them. */
function watched(folder: string, onEvent: () => void): readonly FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, onEvent);
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch {
    return [];
  }
}

const ABSENT = 'absent';

interface Signs {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** At the time of the call: what changes after it is a change. */
function signatureNow(file: string): string {
  const signs = statSync(file, { bigint: true, throwIfNoEntry: false });
  return signs === undefined ? ABSENT : textOf(signs);
}

async function signature(file: string): Promise<string> {
  try {
    return textOf(await stat(file, { bigint: true }));
  } catch {
    return ABSENT;
  }
}

function textOf({ dev, ino, size, mtimeNs, ctimeNs }: Signs): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join('.');
}
