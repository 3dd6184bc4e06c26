// Knows: which request bodies are read, up to which size, and what is wrong with the others.
// Must not know: what a body means.

import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { Fault } from '../fault.ts';
import type { Policy } from '../policy.ts';
import { checkExact } from './exact-json.ts';

const JSON_TYPES = ['application/json'];

/**
 * Reads a JSON object into `req.body`, as it was written. Faults: `too-costly` over the limit, `invalid` for everything else and where
 * JavaScript would read something else in silence.
 */
export function jsonBody({
  http,
}: Policy): readonly [RequestHandler, RequestHandler, ErrorRequestHandler, RequestHandler] {
  const { read, textOf } = exactParser(http.maxBodyBytes, JSON_TYPES);
  return [
    only(JSON_TYPES),
    read,
    (error, _req, res, next) => {
      // What is left of the body is not read, so the connection cannot be used again.
      res.setHeader('Connection', 'close');
      next(bodyFault(error, http.maxBodyBytes));
    },
    (req, _res, next) => {
      const fault = objectFault(req, http.maxBodyDepth);
      if (fault === undefined) checkExact(textOf(req));
      next(fault);
    },
  ];
}

/**
 * JSON of one request, where the body is wanted by who knows the path; an absent body is undefined. Faults are those of `jsonBody`.
 */
export function bodyReader(
  policy: Policy,
  types: readonly string[] = JSON_TYPES,
): (req: Request, res: Response) => Promise<unknown> {
  const { read, textOf } = exactParser(policy.http.maxBodyBytes, types);
  const checkType = only(types);
  const run = (handler: RequestHandler, req: Request, res: Response): Promise<void> =>
    new Promise((resolve, reject) => {
      void handler(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
    });
  return async (req, res) => {
    await run(checkType, req, res);
    try {
      await run(read, req, res);
    } catch (error) {
      res.setHeader('Connection', 'close');
      throw bodyFault(error, policy.http.maxBodyBytes);
    }
    const text = textOf(req);
    // The parser makes an object of nothing.
    if (text === '') return undefined;
    const body: unknown = req.body;
    if (isDeeper(body, policy.http.maxBodyDepth)) throw tooDeep(policy.http.maxBodyDepth);
    checkExact(text);
    return body;
  };
}

/** express.json, and the text that it has read. */
function exactParser(limit: number, types: readonly string[]) {
  const texts = new WeakMap<object, string>();
  const read = express.json({
    limit,
    type: [...types],
    verify: (req, _res, bytes, charset) => texts.set(req, exactText(bytes, charset)),
  });
  return { read, textOf: (req: Request): string => texts.get(req) ?? '' };
}

/** Other decoders put a character of their own where the bytes are none of the charset. */
function exactText(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Fault('invalid', `The body is not ${charset} text`, { code: 'bad-json', cause: error });
  }
}

function objectFault(req: Request, maxDepth: number): Fault | undefined {
  const body: unknown = req.body;
  if (req.method !== 'POST') return undefined;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return new Fault('invalid', 'The body is not a JSON object', { code: 'bad-json' });
  }
  return isDeeper(body, maxDepth) ? tooDeep(maxDepth) : undefined;
}

/** Level by level, because who reads the body goes down by calling itself. */
function isDeeper(body: unknown, maxDepth: number): boolean {
  let level: readonly unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return true;
    level = level.flatMap((json) => (isNested(json) ? Object.values(json).filter(isNested) : []));
  }
  return false;
}

function isNested(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null;
}

function tooDeep(maxDepth: number): Fault {
  return new Fault('too-costly', `The body nests deeper than ${maxDepth} levels`, { code: 'body-depth' });
}

/** Other bodies would pass the limit unseen. */
function only(types: readonly string[]): RequestHandler {
  return (req, res, next) => {
    const hasBody =
      req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
    if (!hasBody || req.is([...types]) !== false) {
      next();
      return;
    }
    res.setHeader('Connection', 'close');
    // RFC 9110, section 15.5.16, and RFC 5789, section 2.2.
    res.setHeader(req.method === 'PATCH' ? 'Accept-Patch' : 'Accept', types.join(', '));
    next(
      new Fault('invalid', `A body is sent as ${types.join(' or ')}`, {
        code: 'unsupported-media-type',
        parameter: 'Content-Type',
      }),
    );
  };
}

/** By the `type` that body-parser gives to its errors, never by their text. */
function bodyFault(error: unknown, maxBytes: number): unknown {
  if (error instanceof Fault) return error;
  switch (error instanceof Error && 'type' in error ? error.type : undefined) {
    case 'entity.too.large':
      return new Fault('too-costly', `The body is larger than ${maxBytes} bytes`, {
        code: 'body-limit',
        cause: error,
      });
    case 'entity.parse.failed':
      return new Fault('invalid', 'The body is not a JSON object', { code: 'bad-json', cause: error });
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new Fault('invalid', 'The encoding of the body is not understood', {
        code: 'unsupported-media-type',
        cause: error,
      });
    // Bytes that are not compressed as they claim have no type: what zlib throws is passed on as it is.
    default:
      return new Fault('invalid', 'The body could not be read', { code: 'bad-body', cause: error });
  }
}
