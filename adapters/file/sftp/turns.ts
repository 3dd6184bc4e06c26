// Knows: that one writer at a time has a remote file, in this process; another gateway is noticed by the version of the file.
// Must not know: what is written.

import { unlessAborted } from '#spi';

/** Of all sources of the process: two of them may lead to one file. */
const held = new Map<string, Promise<void>>();

/** `file` names a remote file for good. The one who comes next waits until it is disposed of. */
export async function turnOf(
  file: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Disposable> {
  for (let before = held.get(file); before !== undefined; before = held.get(file)) {
    await unlessAborted(before, signal);
  }
  signal.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  held.set(file, promise);
  let mine = true;
  return {
    [Symbol.dispose]() {
      if (!mine) return;
      mine = false;
      held.delete(file);
      resolve();
    },
  };
}
