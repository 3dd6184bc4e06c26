// Handlers that meet every request, as one.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { inOrder } from '../../src/http/in-order.ts';
import { listen } from '../../src/http/listen.ts';

/** What became of a request: the names of the handlers that it met. */
async function met(...handlers: readonly RequestHandler[]): Promise<string> {
  const app = express();
  app.use(inOrder(handlers));
  app.use((_req, res) => res.send(`${String(res.locals['met'] ?? '')} end`));
  const onError: ErrorRequestHandler = (error, _req, res, _next) => {
    res.status(500).send(`${String(res.locals['met'] ?? '')} ${error instanceof Error ? error.message : ''}`);
  };
  app.use(onError);
  await using stack = new AsyncDisposableStack();
  const { url, close } = await listen(app, { host: '127.0.0.1', port: 0 });
  stack.defer(() => close(0));
  return await (await fetch(url)).text();
}

function note(name: string, then: RequestHandler = (_req, _res, next) => next()): RequestHandler {
  return (req, res, next) => {
    res.locals['met'] = `${String(res.locals['met'] ?? '')}${name}`;
    return then(req, res, next);
  };
}

describe('handlers in order', () => {
  it('meet a request one after the other, also where one takes its time', async () => {
    const later = note('b', (_req, _res, next) => void setTimeout(next, 5));
    assert.equal(await met(note('a'), later, note('c')), 'abc end');
  });

  it('are none where there are none', async () => {
    assert.equal(await met(), ' end');
  });

  it('are passed over behind one that answers', async () => {
    assert.equal(
      await met(
        note('a', (_req, res) => void res.send('answered')),
        note('b'),
      ),
      'answered',
    );
  });

  for (const [how, fails] of [
    ['throws', () => assert.fail('broken')],
    ['rejects', () => Promise.reject(new Error('broken'))],
    ['says so', (_req, _res, next) => next(new Error('broken'))],
  ] satisfies readonly (readonly [string, RequestHandler])[]) {
    it(`are passed over behind one that ${how}, and where errors go learns of it`, async () => {
      assert.equal(await met(note('a', fails), note('b')), 'a broken');
    });
  }
});
