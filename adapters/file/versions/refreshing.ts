// Knows: which files and sets of a source are looked for in the background, and where changes of them are seen.
// Must not know: clocks; what a look does.

import { posix } from 'node:path';
import { misconfigured } from '../misconfigured.ts';
import type { RefreshOptions } from '../options/publish-options.ts';
import type { ByteStore } from '../store/byte-store.ts';
import { checkSchedule, scheduled } from './schedule.ts';

/** What is looked for. */
export interface Refreshed {
  /** From now on somebody else looks: requests take what is there. */
  readonly followed: { byOthers: boolean };
  look(): Promise<unknown>;
}

export interface Refreshing extends Disposable {
  /** `paths`: of what changes with it. Throws a misconfigured Fault. */
  add(refresh: RefreshOptions, of: Refreshed, paths: readonly string[]): void;
  /** Once all of them are known. */
  start(): void;
}

/** `quiet`: true while nobody may look. */
export function refreshing(store: ByteStore, quiet?: () => boolean): Refreshing {
  const begin: (() => Disposable)[] = [];
  const begun: Disposable[] = [];
  return {
    add(refresh, of, paths) {
      checkSchedule(refresh);
      if (refresh.watch === true && store.watch === undefined) {
        throw misconfigured(
          'no-watch',
          'Only a folder of this machine can be watched',
          'Use "everyMs" or "cron" under "refresh".',
        );
      }
      of.followed.byOthers = true;
      const folders = new Set(paths.map(folderOf));
      const watch = (changed: () => void): Disposable => {
        const watchers = [...folders].flatMap((folder) => store.watch?.(folder, changed) ?? []);
        return {
          [Symbol.dispose]() {
            for (const watcher of watchers) watcher[Symbol.dispose]();
          },
        };
      };
      begin.push(() =>
        scheduled(refresh, {
          look: of.look,
          ...(refresh.watch === true ? { watch } : {}),
          ...(quiet === undefined ? {} : { quiet }),
        }),
      );
    },
    start() {
      for (const one of begin.splice(0)) begun.push(one());
    },
    [Symbol.dispose]() {
      for (const one of begun.splice(0)) one[Symbol.dispose]();
    },
  };
}

/** '' for the root. Of a pattern: the folder above its first step that is one. */
function folderOf(path: string): string {
  const steps = path.split('/');
  const pattern = steps.findIndex((step) => /[*?[{\\]/.test(step));
  const folder = posix.dirname(pattern < 0 ? path : [...steps.slice(0, pattern), 'x'].join('/'));
  return folder === '.' ? '' : folder;
}
