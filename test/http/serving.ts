// An app on a free port of the loopback, for as long as a test runs.

import { get, type IncomingMessage } from 'node:http';
import type { TestContext } from 'node:test';
import { type Listening, listen } from '../../src/http/listen.ts';
import { type AppParts, createApp } from '../../src/http/server.ts';
import { bank } from '../rest/bank.ts';

export async function serve(t: TestContext, parts: Partial<AppParts> = {}): Promise<Listening> {
  const listening = await listen(createApp({ ...bank(), health: () => [], ...parts }), {
    host: '127.0.0.1',
    port: 0,
  });
  t.after(() => listening.close(100));
  return listening;
}

/** The bare response of `node:http`: unlike `fetch` it can be read slowly, cut off, and shows trailers. */
export function open(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).once('error', reject);
  });
}
