// Knows: when a client has left before its answer was whole.
// Must not know: what is answered.

import type { ServerResponse } from 'node:http';
import { Fault } from '../fault.ts';

/** Aborted when the connection closes before the answer has been handed over. */
export function leavingSignal(res: ServerResponse): AbortSignal {
  const leaving = new AbortController();
  res.once('close', () => {
    if (!res.writableFinished)
      leaving.abort(new Fault('unavailable', 'The client left', { code: 'cancelled' }));
  });
  return leaving.signal;
}
