// Knows: how text leaves by standard error without ever holding the gateway up: whoever reads too slowly misses lines and is told how many.
// Must not know: what the text says.

import type { Writable } from 'node:stream';
import type { LogTarget } from './log.ts';

/** Bytes that may wait for a reader of the log. */
const MAX_WAITING_BYTES = 8_388_608;

/** Lines are gathered for so long, in milliseconds: each write to standard error is a call of the operating system that everything waits for. */
const GATHER_MS = 20;
/** More characters than these are not gathered. */
const GATHER_CHARS = 65_536;

/** Standard error. Node writes to a file at once, and to a pipe as fast as it is read. Whoever sits at a terminal sees each line at once. */
export function errorOutput(): LogTarget {
  const target = bounded(process.stderr, process.stderr.isTTY, MAX_WAITING_BYTES);
  if (target.terminal) return target;
  const { flush, ...lines } = gathered(target);
  process.once('exit', flush);
  return lines;
}

export interface GatheredTarget extends LogTarget {
  /** Writes what has been gathered. */
  flush(): void;
}

/** Lines that come one soon after the other leave together. */
export function gathered({ terminal, write }: LogTarget): GatheredTarget {
  let lines = '';
  let waiting: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    const text = lines;
    lines = '';
    if (text !== '') write(text);
  };
  return {
    terminal,
    write(text) {
      lines += text;
      if (lines.length >= GATHER_CHARS) flush();
      else waiting ??= setTimeout(flush, GATHER_MS);
    },
    flush,
  };
}

/** A reader that has gone is no reason to end, nor one that has stopped reading. */
export function bounded(stream: Writable, terminal: boolean, maxWaiting: number): LogTarget {
  let dropped = 0;
  stream.on('error', () => {});
  return {
    terminal,
    write(text) {
      if (stream.destroyed || stream.writableLength > maxWaiting) {
        dropped += text.split('\n').length - 1;
        return;
      }
      if (dropped > 0) {
        const lines = dropped;
        dropped = 0;
        stream.write(terminal ? `${lines} lines missing\n` : `${missing(lines)}\n`);
      }
      stream.write(text);
    },
  };
}

function missing(lines: number): string {
  return JSON.stringify({
    level: 'warn',
    time: Temporal.Now.instant().toString({ smallestUnit: 'millisecond' }),
    service: 'overpunch',
    event: 'log-dropped',
    lines,
    msg: `${lines} lines are missing: nobody read the log fast enough`,
  });
}
