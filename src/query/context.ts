// Knows: what belongs to one request of a client from its first header to its last byte, and where whoever handles a part of it finds it.
// Must not know: HTTP, GraphQL, who handles what.

import { Fault } from '../fault.ts';
import type { Context } from './request.ts';

const contexts = new WeakMap<object, Context>();

/** The server has met the request: it is known who asks, and when nobody waits for the answer any more. */
export function begin(request: object, context: Context): void {
  contexts.set(request, context);
}

/** Undefined: nobody has begun it; a facade that stands alone makes a context of its own. */
export function begun(request: object): Context | undefined {
  return contexts.get(request);
}

/** Whether nobody is left to be told: the client has gone. A request whose time is over is told so. */
export function hasLeft({ aborted, reason }: AbortSignal): boolean {
  return aborted && reason instanceof Fault && reason.code === 'cancelled';
}
