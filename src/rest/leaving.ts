// Knows: how fast a client takes its answer, and when it has left before the answer was whole.
// Must not know: what is answered.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../fault.ts';
import { begun } from '../query/context.ts';
import type { Context } from '../query/request.ts';

/** What the request carries; of one that nobody has begun, a context that ends with its connection. */
export function contextFor(req: IncomingMessage, res: ServerResponse): Context {
  return begun(req) ?? { requestId: String(req.headers['x-request-id'] ?? ''), signal: leaving(res).signal };
}

/** Aborts when the connection closes before the answer has been handed over; whoever has it may abort before. */
export function leaving(res: ServerResponse): AbortController {
  const ending = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished)
      ending.abort(new Fault('unavailable', 'The client left', { code: 'cancelled' }));
  });
  return ending;
}

/** Writes, and waits until the client has taken most of what was written, or has left; or until the signal says that it is over. */
export function handOver(
  bytes: Uint8Array | string,
  res: ServerResponse,
  signal?: AbortSignal,
): Promise<void> | undefined {
  if (res.write(bytes) || signal?.aborted === true) return undefined;
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      res.off('close', done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    res.once('drain', done);
    res.once('close', done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
