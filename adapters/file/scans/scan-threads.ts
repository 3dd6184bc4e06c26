// Knows: the threads that scan files: how many there are, when they start and end, which scan is on which.
// Must not know: what is scanned, and when a scan is worth a thread.

import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Fault, unlessAborted } from '#spi';
import type { Recipe } from '../tables/recipe.ts';
import type { FromThread, Report, ScanOrder, ToThread } from './scan-order.ts';

/** A scan under way in a thread. Disposing of it ends it: when that is done, its file is not read any more. */
export interface Scan extends AsyncDisposable {
  /** The next report; none behind one that says that it ended. Throws `unavailable` (`thread-lost`) when the thread is gone. */
  next(ask: { readonly signal: AbortSignal }): Promise<Report>;
}

export interface ScanThreads {
  scan(order: ScanOrder): Scan;
  /** Takes part in them. When the last that does so leaves, the threads end at once, else when they have been idle for a while. */
  join(): AsyncDisposable;
}

export interface ThreadsOf {
  /** Threads at once. */
  readonly most: number;
  start(): Worker;
}

/** Few scans come at once, and one of them is rather slow than that all processors are taken from the requests. */
const MOST_THREADS = 8;
const IDLE_MS = 300_000;

/** Those of the process. One processor is left to the requests, where there are several. */
export const processThreads: ScanThreads = scanThreads({
  most: Math.max(1, Math.min(MOST_THREADS, availableParallelism() - 1)),
  start: startWorker,
});

export function startWorker(): Worker {
  return new Worker(new URL(`./scan-worker${extname(import.meta.filename)}`, import.meta.url), {
    name: 'overpunch-scan',
  });
}

interface Thread {
  readonly worker: Worker;
  readonly runs: Map<number, Run>;
  idle?: NodeJS.Timeout | undefined;
}

/** A scan, as the thread that it is on tells of it. */
interface Run {
  readonly reported: (report: Report) => void;
  readonly closed: () => void;
  readonly lost: (fault: Fault) => void;
}

export function scanThreads({ most, start }: ThreadsOf): ScanThreads {
  const threads = new Set<Thread>();
  const recipes = new WeakMap<Recipe, number>();
  let lastRecipe = 0;
  let lastScan = 0;
  let members = 0;

  const recipeNumber = (recipe: Recipe): number => {
    const number = recipes.get(recipe) ?? ++lastRecipe;
    recipes.set(recipe, number);
    return number;
  };

  const started = (): Thread => {
    const worker = start();
    const thread: Thread = { worker, runs: new Map() };
    const lose = (cause?: unknown): void => {
      threads.delete(thread);
      clearTimeout(thread.idle);
      const lost = new Fault('unavailable', 'The thread that scanned the file has ended', {
        code: 'thread-lost',
        cause,
      });
      for (const run of [...thread.runs.values()]) run.lost(lost);
      thread.runs.clear();
    };
    worker.on('message', (message: FromThread) => {
      const run = thread.runs.get(message.id);
      if (message.tell === 'report') run?.reported(message.report);
      else run?.closed();
      if (message.tell === 'report' && !message.report.ended) return;
      if (thread.runs.delete(message.id) && thread.runs.size === 0) rest(thread);
    });
    worker.once('error', lose);
    worker.once('exit', () => lose());
    threads.add(thread);
    return thread;
  };
  const end = async (thread: Thread): Promise<void> => {
    threads.delete(thread);
    clearTimeout(thread.idle);
    await thread.worker.terminate();
  };
  /** A thread that has nothing to do keeps no process from ending. */
  const rest = (thread: Thread): void => {
    thread.worker.unref();
    thread.idle = setTimeout(() => void end(thread), IDLE_MS).unref();
  };
  /** The one with the fewest scans; a new one rather than one that has any. */
  const chosen = (): Thread => {
    const [least] = [...threads].sort((a, b) => a.runs.size - b.runs.size);
    return least === undefined || (least.runs.size > 0 && threads.size < most) ? started() : least;
  };

  return {
    scan(order) {
      const thread = chosen();
      const id = ++lastScan;
      const tell = (message: ToThread): void => thread.worker.postMessage(message);
      clearTimeout(thread.idle);
      thread.worker.ref();
      const closed = Promise.withResolvers<void>();
      let coming = Promise.withResolvers<Report>();
      // Nobody may be waiting when the thread is lost.
      coming.promise.catch(() => {});
      let closing = false;
      thread.runs.set(id, {
        reported(report) {
          coming.resolve(report);
          if (report.ended) closed.resolve();
        },
        closed: closed.resolve,
        lost(fault) {
          coming.reject(fault);
          closed.resolve();
        },
      });
      tell({ do: 'scan', id, recipe: recipeNumber(order.recipe), order });
      return {
        async next({ signal }) {
          const report = await unlessAborted(coming.promise, signal);
          if (!report.ended && thread.runs.has(id)) {
            coming = Promise.withResolvers<Report>();
            coming.promise.catch(() => {});
            // It works on while this report is being used.
            tell({ do: 'go', id });
          }
          return report;
        },
        async [Symbol.asyncDispose]() {
          if (!closing && thread.runs.has(id)) tell({ do: 'close', id });
          closing = true;
          if (thread.runs.has(id)) await closed.promise;
        },
      };
    },
    join() {
      members++;
      let joined = true;
      return {
        async [Symbol.asyncDispose]() {
          if (!joined) return;
          joined = false;
          members--;
          if (members > 0) return;
          for (const thread of [...threads]) if (thread.runs.size === 0) await end(thread);
        },
      };
    },
  };
}
