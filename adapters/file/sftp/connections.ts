// Knows: how few connections serve many files: a cap, who waits, and that a lost one is replaced when it is needed.
// Must not know: files, secrets.

import { Fault } from '#spi';
import type { Session } from './session.ts';

/** A server that refused the login is left in peace for so long: many a host locks a login after a few failures. */
const REFUSED_MS = 60_000;

export interface Connections extends AsyncDisposable {
  /**
   * Runs `task` with a connection that is its own meanwhile; once more with a new one when the first, used before, turns out to be lost.
   * Throws the fault of connecting, or of the task.
   */
  use<T>(task: (session: Session) => Promise<T>): Promise<T>;
}

export function connections(
  connect: (ask: { readonly signal: AbortSignal }) => Promise<Session>,
  most: number,
  now: () => number = Date.now,
): Connections {
  const idle: Session[] = [];
  const all = new Set<Session>();
  const waiting: (() => void)[] = [];
  let busy = 0;
  const closing = new AbortController();
  let refused: { readonly fault: Fault; readonly at: number } | undefined;

  const open = async (): Promise<Session> => {
    const since = refused === undefined ? REFUSED_MS : now() - refused.at;
    if (refused !== undefined && since >= 0 && since < REFUSED_MS) throw refused.fault;
    try {
      const session = await connect({ signal: closing.signal });
      refused = undefined;
      all.add(session);
      session.gone.addEventListener('abort', () => all.delete(session), { once: true });
      if (closing.signal.aborted) session.close();
      return session;
    } catch (error) {
      if (error instanceof Fault && error.code === 'login') refused = { fault: error, at: now() };
      throw error;
    }
  };

  const take = (): Session | undefined => {
    for (;;) {
      const session = idle.pop();
      if (session === undefined || !session.gone.aborted) return session;
    }
  };

  const run = async <T>(session: Session, task: (session: Session) => Promise<T>): Promise<T> => {
    try {
      return await task(session);
    } finally {
      if (!session.gone.aborted) idle.push(session);
    }
  };

  return {
    async use(task) {
      if (busy >= most) await new Promise<void>((resolve) => waiting.push(resolve));
      else busy++;
      // Whoever leaves hands the place over, so `busy` stays.
      try {
        closing.signal.throwIfAborted();
        const rested = take();
        if (rested === undefined) return await run(await open(), task);
        try {
          return await run(rested, task);
        } catch (error) {
          // It may have been lost long before, and nobody noticed until now.
          if (!rested.gone.aborted || closing.signal.aborted) throw error;
          return await run(await open(), task);
        }
      } finally {
        const next = waiting.shift();
        if (next === undefined) busy--;
        else next();
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      for (const session of all) session.close();
    },
  };
}
