// Knows: when what was left of broken writes is put in order on the server: at the start, when the server can be reached again, and before
// the file is written once more.
// Must not know: how it is put in order, what is written.

import type { Begun, BegunWrites } from './begun.ts';
import type { Connections } from './connections.ts';
import { isUnreachable } from './faults.ts';
import { tidy } from './swap.ts';
import { turnOf } from './turns.ts';

export interface LeftOvers {
  /** Of one file, by whoever has its turn. Throws where the server cannot be reached. */
  tidyOf(file: string): Promise<void>;
  /** All of them, while nobody waits. The server is known or believed to be there. */
  soon(): void;
  /** When what `soon` began has ended. */
  ended(): Promise<void>;
}

export interface LeftOversOf {
  readonly host: string;
  readonly writes: BegunWrites;
  readonly connections: Connections;
  readonly closing: AbortSignal;
}

export function leftOversOf({ host, writes, connections, closing }: LeftOversOf): LeftOvers {
  let running: Promise<void> | undefined;

  const tidied = async (wanted: (write: Begun) => boolean): Promise<void> => {
    for (const write of writes.takeLeft(wanted)) {
      try {
        await connections.use((session) => tidy(session, { host, path: write.path }, write));
        await writes.end(write);
      } catch (error) {
        // What the server does not allow today is tried once more by the next start: its record stays.
        if (!isUnreachable(error)) continue;
        writes.leave(write);
        throw error;
      }
    }
  };

  const all = async (): Promise<void> => {
    for (const { file } of writes.left()) {
      using _turn = await turnOf(file, { signal: closing });
      await tidied((write) => write.file === file);
    }
  };

  return {
    tidyOf: (file) => tidied((write) => write.file === file),
    soon() {
      if (writes.left().length === 0) return;
      running ??= all()
        .catch(() => {})
        .finally(() => {
          running = undefined;
        });
    },
    async ended() {
      await running;
    },
  };
}
