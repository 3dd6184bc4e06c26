// How tests listen to a stream of events: one request on a socket of its own, and its blocks as they come.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

export interface Block {
  readonly event?: string;
  readonly id?: string;
  /** Parsed JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the event's, and each test knows its own
  readonly data?: any;
  readonly retry?: string;
  /** A comment. */
  readonly comment?: string;
}

export interface EventStream extends Disposable {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly response: IncomingMessage;
  /** The next block that is an event. */
  next(): Promise<Block>;
  /** The next block, whatever it is; undefined: the stream has ended. */
  block(): Promise<Block | undefined>;
}

/** `body`: it is posted as JSON. */
export async function listenTo(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
): Promise<EventStream> {
  const asking = request(url, {
    agent: false,
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      accept: 'text/event-stream',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
  });
  asking.end(body === undefined ? undefined : JSON.stringify(body));
  const [response]: IncomingMessage[] = await once(asking, 'response');
  assert.ok(response);
  asking.on('error', () => {});
  response.on('error', () => {});
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
  let text = '';

  const block = async (): Promise<Block | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const found = text.slice(0, end);
        text = text.slice(end + 2);
        return blockOf(found);
      }
      const chunk = await chunks.next();
      if (chunk.done === true) {
        assert.equal(text, '', 'a block is whole');
        return undefined;
      }
      text += chunk.value;
    }
  };
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    response,
    block,
    async next() {
      for (;;) {
        const found = (await block()) ?? assert.fail('the stream has ended');
        if (found.event !== undefined) return found;
      }
    },
    [Symbol.dispose]: () => asking.destroy(),
  };
}

function blockOf(text: string): Block {
  return Object.fromEntries(
    text.split('\n').map((line): [string, unknown] => {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).replace(/^ /, '');
      if (name === '') return ['comment', value];
      return [name, name === 'data' && value !== '' ? JSON.parse(value) : value];
    }),
  );
}
