// Knows: whether a file that is open was overwritten in place meanwhile: then what was read of it may be neither the old nor the new.
// Must not know: what is read, what becomes of the readers.

import { Fault } from '#spi';

export interface UnchangedOf {
  /** For messages. */
  readonly path: string;
  /** As it was opened. */
  readonly version: string;
  /** Of the open file, now. */
  now(): Promise<string>;
}

/**
 * To be called behind a read, before its bytes are believed: `unavailable` (`file-changed`) where the file has another version by then. The
 * answer of one look is good for all reads that ended before it began. Changes within one tick of the file system's clock, a few
 * milliseconds, are not seen: they do not make another version either.
 */
export function unchanged({ path, version, now }: UnchangedOf): () => Promise<void> {
  let next: Promise<string> | undefined;
  let running: Promise<unknown> = Promise.resolve();
  return async () => {
    if (next === undefined) {
      const look = running.then(() => {
        next = undefined;
        return now();
      });
      next = look;
      running = look.catch(() => {});
    }
    if ((await next) === version) return;
    throw changed(path);
  };
}

export function changed(path: string): Fault {
  return new Fault('unavailable', `"${path}" was written to while it was read`, {
    code: 'file-changed',
    hint:
      'Have it replaced by renaming a new file over it; or, where the program that writes it cannot, set "copies: true" under "store.disk", so ' +
      'that copies are read.',
  });
}
