// Knows: how several readers have one opened file: the last to leave closes it.
// Must not know: which version it is of which file.

import type { ByteFile } from './byte-store.ts';

export interface Lent {
  readonly file: ByteFile;
  /** The same file for one more reader, who disposes of it. */
  lend(): ByteFile;
  /** The lender needs it no more. */
  release(): Promise<void>;
}

export function lendable(file: ByteFile): Lent {
  let uses = 1;
  /** Nothing was written through the handle: that it cannot be closed is no reader's trouble. */
  const leave = async (): Promise<void> => {
    uses--;
    if (uses > 0) return;
    try {
      await file[Symbol.asyncDispose]();
    } catch {}
  };
  const once = (): (() => Promise<void>) => {
    let held = true;
    return async () => {
      if (!held) return;
      held = false;
      await leave();
    };
  };
  return {
    file,
    lend() {
      uses++;
      return { ...file, [Symbol.asyncDispose]: once() };
    },
    release: once(),
  };
}
