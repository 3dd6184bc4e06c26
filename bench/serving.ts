// Servers under load, each a process of its own, and what is measured of them.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import autocannon from 'autocannon';

const root = join(import.meta.dirname, '..');
export const SECONDS = 4;
export const ROUNDS = 3;
export const CONNECTIONS = 20;

export interface Figures {
  readonly perSecond: number;
  readonly p99: number;
}

/** Everybody asks again as soon as the answer is there. Throws when one is no success. */
export async function load(
  url: string,
  { body, headers = {} }: { readonly body?: string; readonly headers?: Readonly<Record<string, string>> },
  seconds = SECONDS,
): Promise<Figures> {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: seconds,
    ...(body === undefined
      ? { headers }
      : { method: 'POST', body, headers: { ...headers, 'content-type': 'application/json' } }),
  });
  if (result.errors > 0 || result.non2xx > 0)
    throw new Error(`${url}: ${result.errors} errors, ${result.non2xx} not 2xx`);
  return { perSecond: result.requests.average, p99: result.latency.p99 };
}

/** The server is a process of its own, so that the load does not share its event loop. `log`: file for its log; absent: it writes none. */
export async function serve(
  file: string,
  args: readonly string[],
  ready: string,
  log?: string,
): Promise<ChildProcess> {
  const stderr = log === undefined ? 'inherit' : openSync(log, 'a');
  const child = spawn(process.execPath, [join(root, file), ...args], {
    cwd: root,
    stdio: ['ignore', 'ignore', stderr],
    // The floor writes no log either.
    env: { ...process.env, OVERPUNCH_LOG: log === undefined ? 'warn' : '' },
  });
  if (typeof stderr === 'number') closeSync(stderr);
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      if ((await fetch(ready)).ok) return child;
    } catch {
      // Not listening yet.
    }
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`${file} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM');
  if (child.exitCode === null) await once(child, 'exit');
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
