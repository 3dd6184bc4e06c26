// Knows: how somebody is told of changes of files until he does not want to be told any more.
// Must not know: what the files are, how a change is noticed.

import { type WatchingHow, watchFiles } from './watched-files.ts';

/** Resolves when the files have been looked at: every later change is told, also one behind a link that leads elsewhere then. */
export type OnFileChange = (files: readonly string[], changed: () => void) => Promise<Disposable>;

export function fileChanges(how: Omit<WatchingHow, 'signal' | 'onWatching'>): OnFileChange {
  return async (files, changed) => {
    const stopping = new AbortController();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { signal } = stopping;
    void watchFiles(() => files, changed, { ...how, signal, onWatching: resolve });
    await promise;
    return { [Symbol.dispose]: () => stopping.abort() };
  };
}
