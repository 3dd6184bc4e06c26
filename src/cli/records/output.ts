// Knows: where the bytes of a conversion go to: a file that is there only when it is complete, or standard output.
// Must not know: what the bytes mean.

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  write,
  writeSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { ByteSink } from '../../model/byte-sink.ts';
import { fileFault } from './input.ts';

/** Standard output was closed by its reader (`| head`): nobody wants the rest. */
export class BrokenPipe extends Error {}

export interface Output {
  readonly fd: number;
  /** Appends; `bytes` must stay as they are until the promise is settled. Throws `BrokenPipe`. */
  write(bytes: Uint8Array): Promise<void>;
  /** The file gets its name. */
  commit(): void;
  /** What was written so far is removed. */
  abandon(): void;
}

/** Two buffers for one output: one is written while the other is filled. */
export interface Pen {
  /** Where to write now; another one after each `flush`. */
  readonly sink: ByteSink;
  /** Begins to write what is in `sink`; waits for the writing before. */
  flush(): Promise<void>;
  /** Writes the rest and waits for it. */
  end(): Promise<void>;
}

/** `bytes`: what the buffers are expected to hold; they grow when they have to. */
export function penOf(output: Output, bytes: number): Pen {
  let [front, back] = [new ByteSink(bytes * 2), new ByteSink(bytes * 2)];
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    writing = output.write(front.bytes.subarray(0, front.length));
    // It is awaited with the next buffer; until then its failure is nobody's.
    writing.catch(() => {});
    [front, back] = [back, front];
    front.length = 0;
  };
  return {
    get sink() {
      return front;
    },
    flush,
    async end() {
      await flush();
      await writing;
    },
  };
}

/** Do two words of the command line name one file, or both a standard stream? */
export function isSamePath(one: string, other: string): boolean {
  return one === '-' || other === '-' ? one === other : resolve(one) === resolve(other);
}

/** `path`: absent or `-` for standard output. */
export function openOutput(path: string | undefined): Output {
  if (path === undefined || path === '-') {
    return { fd: 1, write: (bytes) => writeAll(1, bytes, 'standard output'), commit() {}, abandon() {} };
  }
  const there = existing(path);
  // A device or a pipe is written as it stands; only a file can be put in the place of another.
  const direct = there !== undefined && !there.isFile() && !there.isDirectory();
  if (there?.isDirectory() === true) throw fileFault('write', path, IS_FOLDER);
  // Behind a link stands the file that is meant.
  const named = there === undefined || direct ? path : realpathSync(path);
  // Nothing else is called like that, not even what a killed process left behind.
  const own = direct ? path : `${named}.${randomBytes(6).toString('hex')}.part`;
  if (!direct) begin(own);
  const fd = opened(own, direct, path, there?.mode);
  let open = true;
  const end = (): void => {
    if (open) closeSync(fd);
    open = false;
  };
  const remove = (): void => {
    if (!direct) rmSync(own, { force: true });
    unfinished.delete(own);
  };
  return {
    fd,
    write: (bytes) => writeAll(fd, bytes, path),
    commit() {
      try {
        end();
        if (!direct) renameSync(own, named);
        unfinished.delete(own);
      } catch (error) {
        remove();
        throw fileFault('write', path, error);
      }
    },
    abandon() {
      end();
      remove();
    },
  };
}

function existing(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw fileFault('write', path, error);
  }
}

const IS_FOLDER = Object.assign(new Error('it is a folder'), { code: 'EISDIR' });

/** Files that have not got their name yet: who interrupts the program must not have to remove them. */
const unfinished = new Set<string>();

/** Before the file is there: whoever sees it may send a signal at once. */
function begin(own: string): void {
  unfinished.add(own);
  if (listening) return;
  listening = true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupted);
}

let listening = false;

/** Dies of the signal, as shells expect. `process.exit` would wait for a read of standard input that may never end. */
function interrupted(signal: NodeJS.Signals): void {
  for (const own of unfinished) rmSync(own, { force: true });
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** `path`: what the user calls it. `mode`: of the file whose place it takes; who may not read that one may not read this one. */
function opened(own: string, direct: boolean, path: string, mode = 0o666): number {
  try {
    return openSync(own, direct ? 'w' : 'wx', mode & 0o777);
  } catch (error) {
    unfinished.delete(own);
    throw fileFault('write', path, error);
  }
}

async function writeAll(fd: number, bytes: Uint8Array, name: string): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { error, count } = await new Promise<{ error: Error | null; count: number }>((settle) => {
      write(fd, bytes, at, bytes.length - at, null, (failed, done) => settle({ error: failed, count: done }));
    });
    if (error === null) at += count;
    else if (mayGoOn(error, name)) await setTimeout(1);
  }
}

/** The same, without coming back before all is written: for threads that have nothing else to do. */
export function writeAllSync(fd: number, bytes: Uint8Array, name: string): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at, bytes.length - at);
    } catch (error) {
      if (mayGoOn(error, name)) Atomics.wait(NEVER, 0, 0, 1);
    }
  }
}

const NEVER = new Int32Array(new SharedArrayBuffer(4));

/** True for a pipe that is full (its other end made it non-blocking). Throws what else there is. */
function mayGoOn(error: unknown, name: string): true {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  if (code === 'EAGAIN') return true;
  if (code === 'EPIPE') throw new BrokenPipe();
  throw fileFault('write', name, error);
}
