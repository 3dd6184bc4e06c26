// Knows: how handlers that meet every request follow one another. Express looks for the path, the parameters and the method of each anew.
// Must not know: what they do.

import type { RequestHandler } from 'express';

/** One handler that is all of them. Whatever one of them throws, also later, goes to where errors go, and the others are passed over. */
export function inOrder(handlers: readonly RequestHandler[]): RequestHandler {
  return (req, res, next) => {
    let at = 0;
    const step = (error?: unknown): void => {
      const handler = handlers[at++];
      if (error !== undefined || handler === undefined) {
        next(error);
        return;
      }
      try {
        const done: unknown = handler(req, res, step);
        if (done instanceof Promise) done.catch(next);
      } catch (thrown) {
        next(thrown);
      }
    };
    step();
  };
}
