// Knows: how text leaves by standard error without ever holding the gateway up: whoever reads too slowly misses lines and is told how many.
// Must not know: what the text says.

import type { Writable } from 'node:stream';
import type { LogTarget } from './log.ts';

/** Bytes that may wait for a reader of the log. */
const MAX_WAITING_BYTES = 8_388_608;

/** Standard error. Node writes to a file at once, and to a pipe as fast as it is read. */
export function errorOutput(): LogTarget {
  return bounded(process.stderr, process.stderr.isTTY, MAX_WAITING_BYTES);
}

/** A reader that has gone is no reason to end, nor one that has stopped reading. */
export function bounded(stream: Writable, terminal: boolean, maxWaiting: number): LogTarget {
  let dropped = 0;
  stream.on('error', () => {});
  return {
    terminal,
    write(text) {
      if (stream.destroyed || stream.writableLength > maxWaiting) {
        dropped++;
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
