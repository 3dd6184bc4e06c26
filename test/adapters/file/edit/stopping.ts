// A process that stops after so many calls of the operating system: from then on every call fails, also those that would clean up, as
// they are never made by a process that is dead.

import type { FileHandle } from 'node:fs/promises';
import * as fs from 'node:fs/promises';
import { type Calls, type Machine, machineOf } from '../../../../adapters/file/edit/machine.ts';

export class Stopped extends Error {
  override readonly name = 'Stopped';
}

export interface Stopping {
  readonly machine: Machine;
  /** What was done, in order: `write data`, `sync journal`. */
  readonly done: readonly string[];
  /** Frees what the kernel frees when a process ends. */
  end(): Promise<void>;
}

/** What changes something that outlasts the process. */
const CHANGING = new Set([
  'open',
  'rename',
  'link',
  'unlink',
  'write',
  'sync',
  'truncate',
  'utimes',
  'chmod',
]);

/**
 * `before` is asked before each call that changes something, and may throw for it. A `write` that is stopped has written half of its
 * bytes.
 */
export function stoppingMachine(before: (call: string, number: number) => void): Stopping {
  const done: string[] = [];
  const handles: FileHandle[] = [];
  const locks: AsyncDisposable[] = [];
  const allow = (call: string): void => {
    before(call, done.length);
    done.push(call);
  };
  const nameOf = (path: unknown): string => {
    const name = String(path).split('/').at(-1) ?? '';
    return /\.(journal|part|lock)$/.exec(name)?.[1] ?? (name.startsWith('overpunch-') ? 'folder' : 'data');
  };
  const wrap = (handle: FileHandle, name: string): FileHandle =>
    new Proxy(handle, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key);
        if (typeof value !== 'function') return value;
        return async (...given: unknown[]): Promise<unknown> => {
          const call = `${String(key)} ${name}`;
          if (CHANGING.has(String(key))) {
            try {
              allow(call);
            } catch (error) {
              const [bytes, from, length, at] = given;
              if (key === 'write' && bytes instanceof Uint8Array && typeof at === 'number')
                await target.write(bytes, Number(from), Number(length) >> 1, at);
              throw error;
            }
          }
          return Reflect.apply(value, target, given);
        };
      },
    });
  const calls: Calls = {
    ...fs,
    open: async (path, flags, mode) => {
      const name = nameOf(path);
      if (flags === 'wx') allow(`open ${name}`);
      const handle = await fs.open(path, flags, mode);
      handles.push(handle);
      return wrap(handle, name);
    },
    rename: async (from, to) => {
      allow(`rename ${nameOf(from)}`);
      await fs.rename(from, to);
    },
    link: async (from, to) => {
      allow(`link ${nameOf(from)}`);
      await fs.link(from, to);
    },
    unlink: async (path) => {
      allow(`unlink ${nameOf(path)}`);
      await fs.unlink(path);
    },
  };
  const real = machineOf();
  return {
    done,
    machine: {
      ...real,
      calls,
      async lock(file, ask) {
        const lock = await real.lock(file, ask);
        locks.push(lock);
        return lock;
      },
    },
    async end() {
      for (const lock of locks) await lock[Symbol.asyncDispose]();
      for (const handle of handles) await handle.close().catch(() => {});
    },
  };
}
