// Knows: requests over one session of SFTP, and when it is gone: every request then ends.
// Must not know: how a session comes about, what is read.

import type { Socket } from 'node:net';
import type { SFTPWrapper } from 'ssh2';
import { unlessAborted } from '#spi';
import { patience } from './deadline.ts';
import { lost, type Purpose, type Remote, requestFault, stalled } from './faults.ts';

/** What ssh2 calls back with. */
type Answer<T> = (error: Error | null | undefined, value: T) => void;

export interface Session {
  /** Aborted with a Fault when the connection is gone. */
  readonly gone: AbortSignal;
  /** One request. Throws `unavailable` by the status that the server answers with; without an answer, that the connection is lost. */
  request<T>(of: Remote, ask: (sftp: SFTPWrapper, answer: Answer<T>) => void, purpose?: Purpose): Promise<T>;
  close(): void;
}

export interface SessionParts {
  readonly host: string;
  readonly stallMs: number;
  readonly sftp: SFTPWrapper;
  readonly socket: Socket;
}

export function sessionOver({ host, stallMs, sftp, socket }: SessionParts): Session {
  const gone = new AbortController();
  const leave = (reason: unknown): void => {
    if (gone.signal.aborted) return;
    gone.abort(reason);
    waits.stop();
    socket.destroy();
  };
  const waits = patience(stallMs, () => leave(stalled(host, stallMs)));
  socket.once('close', () => leave(lost(host)));
  sftp.once('close', () => leave(lost(host)));
  sftp.on('error', (error: unknown) => leave(lost(host, error)));
  return {
    gone: gone.signal,
    request<T>(
      of: Remote,
      ask: (sftp: SFTPWrapper, answer: Answer<T>) => void,
      purpose: Purpose = 'read',
    ): Promise<T> {
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const reasonOf = (error: unknown) =>
        gone.signal.aborted ? gone.signal.reason : requestFault(of, error, purpose);
      // A failing connection answers requests with errors before it says that it is gone.
      const refuse = (error: unknown) => queueMicrotask(() => reject(reasonOf(error)));
      if (gone.signal.aborted) return Promise.reject(gone.signal.reason);
      try {
        ask(sftp, (error, value) => (error === null || error === undefined ? resolve(value) : refuse(error)));
      } catch (error) {
        refuse(error);
      }
      return waits.awaited(unlessAborted(promise, gone.signal));
    },
    close: () => leave(lost(host)),
  };
}
