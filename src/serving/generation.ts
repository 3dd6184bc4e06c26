// Knows: one gateway with its facades, how many requests run on it, and how it ends after another has taken its place.
// Must not know: why it is replaced, and by what.

import type { RequestListener } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';
import type { Gateway } from '../gateway.ts';
import { pause } from '../guard/guard.ts';

export interface Generation {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly handler: RequestListener;
  /**
   * Another one serves: what runs here goes on. Streams of changes are ended after `policy.reload.replacedMs`, at once where `by` lets in or
   * shows something else: nobody is told for a moment longer what he may not see any more. Everything else ends by itself or by the time limit
   * of requests. Resolves when the gateway has been disposed; at once when the signal says that all ends.
   */
  retire(ending: AbortSignal, by: Config): Promise<void>;
}

export function createGeneration(gateway: Gateway, config: Config, app: RequestListener): Generation {
  let running = 0;
  let retired = false;
  const idle = Promise.withResolvers<void>();
  return {
    config,
    gateway,
    handler(req, res) {
      running++;
      res.once('close', () => {
        running--;
        if (retired && running === 0) idle.resolve();
      });
      app(req, res);
    },
    async retire(ending, by) {
      const { reload, http } = config.policy;
      retired = true;
      if (running === 0) idle.resolve();
      const over = new AbortController();
      const end = (): void => over.abort();
      if (ending.aborted) end();
      else ending.addEventListener('abort', end, { once: true });
      void idle.promise.then(end);
      if (isDeepStrictEqual(rightsIn(config), rightsIn(by))) await pause(reload.replacedMs, over.signal);
      gateway.stopWatching();
      // No request takes longer; what does is a connection that nobody reads from.
      await pause(http.requestMs + http.drainMs, over.signal);
      ending.removeEventListener('abort', end);
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** What decides who is told what. */
function rightsIn({ access, roles }: Config) {
  return { access, roles };
}
