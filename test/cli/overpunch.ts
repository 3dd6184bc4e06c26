// The command line as a process of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.ts');

type Env = Readonly<Record<string, string>>;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(args: readonly string[], env: Env, main: string): ChildProcess & Streams {
  return spawn(process.execPath, [main, ...args], {
    // Nothing of the environment of the tests may decide what is tested.
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
type Streams = { readonly stdout: NodeJS.ReadableStream; readonly stderr: NodeJS.ReadableStream };

/** Runs to its end. */
export async function overpunch(args: readonly string[], env: Env = {}, main = MAIN): Promise<Ended> {
  return await startOverpunch(args, env, main).ended;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Everything that was written to standard output so far. */
  out(): string;
  err(): string;
  /** Waits until standard output holds the text; fails when the process ends before. */
  says(text: string): Promise<void>;
}

export function startOverpunch(args: readonly string[], env: Env = {}, main = MAIN): Started {
  const child = start(args, env, main);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, out, err }));
  return {
    child,
    ended,
    out: () => out,
    err: () => err,
    async says(text) {
      while (!out.includes(text)) {
        const end = await Promise.race([once(child.stdout, 'data'), ended]);
        if ('code' in end && !out.includes(text)) {
          throw new Error(`ended with ${end.code} before it said "${text}": ${end.err}`);
        }
      }
    },
  };
}

/** A gateway that has said that it is ready, and its address. */
export async function serving(
  args: readonly string[],
  env: Env = {},
  main = MAIN,
): Promise<Started & { readonly url: string }> {
  const started = startOverpunch(['serve', ...args], env, main);
  await started.says('/health\n');
  const url = /GraphiQL\s+(https?:\S+)\/graphql/.exec(started.out())?.[1] ?? '';
  return { ...started, url };
}
