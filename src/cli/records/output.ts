// Knows: where the bytes of a conversion go to: a file that is there only when it is complete, or standard output.
// Must not know: what the bytes mean.

import { closeSync, openSync, renameSync, rmSync, statSync, write, writeSync } from 'node:fs';
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

/** `path`: absent or `-` for standard output. */
export function openOutput(path: string | undefined): Output {
  if (path === undefined || path === '-') {
    return { fd: 1, write: (bytes) => writeAll(1, bytes, 'standard output'), commit() {}, abandon() {} };
  }
  // A device or a pipe is written as it stands; only a file can be put in the place of another.
  const direct = isSpecial(path);
  const own = direct ? path : `${path}.${process.pid}.part`;
  const fd = opened(own, direct);
  if (!direct) begin(own);
  const end = (): void => {
    closeSync(fd);
    unfinished.delete(own);
  };
  return {
    fd,
    write: (bytes) => writeAll(fd, bytes, path),
    commit() {
      end();
      try {
        if (!direct) renameSync(own, path);
      } catch (error) {
        rmSync(own, { force: true });
        throw fileFault('write', path, error);
      }
    },
    abandon() {
      end();
      if (!direct) rmSync(own, { force: true });
    },
  };
}

/** Files that have not got their name yet: who interrupts the program must not have to remove them. */
const unfinished = new Set<string>();

function begin(own: string): void {
  unfinished.add(own);
  for (const signal of ['SIGINT', 'SIGTERM']) {
    if (!process.listeners(signal).includes(interrupted)) process.on(signal, interrupted);
  }
}

function interrupted(): void {
  for (const own of unfinished) rmSync(own, { force: true });
  process.exit(130);
}

function isSpecial(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && !stat.isFile() && !stat.isDirectory();
}

function opened(path: string, direct: boolean): number {
  try {
    return openSync(path, direct ? 'w' : 'wx');
  } catch (error) {
    throw fileFault('write', path, error);
  }
}

async function writeAll(fd: number, bytes: Uint8Array, name: string): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { error, count } = await new Promise<{ error: Error | null; count: number }>((resolve) => {
      write(fd, bytes, at, bytes.length - at, null, (failed, done) =>
        resolve({ error: failed, count: done }),
      );
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
