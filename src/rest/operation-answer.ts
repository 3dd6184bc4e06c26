// Knows: one call of an operation over HTTP, from its arguments to the last byte of its answer.
// Must not know: other paths, sources.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '../fault.ts';
import type { CatalogOperation } from '../model/catalog.ts';
import { toJson } from '../model/value.ts';
import { hasLeft } from '../query/context.ts';
import { ages } from '../query/freshness.ts';
import type { Input } from '../query/input.ts';
import type { Context, Invoke } from '../query/request.ts';
import { tellAge } from './age.ts';
import { etagOf, isKnown } from './etag.ts';

export interface Call {
  readonly operation: CatalogOperation;
  readonly input: Input;
  readonly invoke: Invoke;
  readonly context: Context;
}

/** The answer is the JSON of the operation's output; one part of it that could not be decoded is a fault of the whole. */
export async function answerCall(
  { operation, input, invoke, context }: Call,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  let body: Buffer;
  const seen = ages();
  try {
    const cell = await invoke(operation.name, input, { ...context, ages: seen });
    body = Buffer.from(JSON.stringify(toJson(operation.output, cell)));
  } catch (error) {
    // Nobody is left to be told.
    if (hasLeft(context.signal)) return;
    throw error instanceof Fault ? error.at({ source: operation.source, operation: operation.name }) : error;
  }
  const asked = req.method === 'GET' || req.method === 'HEAD';
  res.statusCode = 200;
  res.setHeader('Content-Type', 'application/json');
  res.setHeader('Cache-Control', asked ? 'private, no-cache' : 'no-store');
  tellAge(seen.list(), res);
  if (asked) {
    const etag = etagOf(body);
    res.setHeader('ETag', etag);
    if (isKnown(req.headers['if-none-match'], etag)) {
      res.statusCode = 304;
      res.removeHeader('Content-Type');
      res.end();
      return;
    }
  }
  res.setHeader('Content-Length', body.length);
  res.end(body);
}
