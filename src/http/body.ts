// Knows: which request bodies are read, up to which size, and what is wrong with the others.
// Must not know: what a body means.

import express, { type Request, type RequestHandler, type Response } from 'express';
import { Fault } from '../fault.ts';
import type { Policy } from '../policy.ts';
import { checkExact } from './exact-json.ts';

const JSON_TYPES = ['application/json'];

/**
 * Reads a JSON object into `req.body`, as it was written. Faults: `too-costly` over the limit, `invalid` for everything else and where
 * JavaScript would read something else in silence.
 */
export function jsonBody({ http }: Policy): readonly RequestHandler[] {
  const { maxBodyBytes, maxBodyDepth } = http;
  return [
    only(JSON_TYPES),
    (req, res, next) => {
      void bodyBytes(req, res, maxBodyBytes)
        .then((bytes) => {
          const text = textOf(req, bytes);
          // A body of no bytes asks for nothing.
          req.body = bytes === undefined ? undefined : text === '' ? {} : parsed(text);
          const fault = objectFault(req, maxBodyDepth);
          if (fault === undefined) checkExact(text);
          else throw fault;
        })
        .then(() => next(), next);
    },
  ];
}

/**
 * JSON of one request, where the body is wanted by who knows the path; an absent body is undefined. Faults are those of `jsonBody`.
 */
export function bodyReader(
  { http }: Policy,
  types: readonly string[] = JSON_TYPES,
): (req: Request, res: Response) => Promise<unknown> {
  const checkType = only(types);
  return async (req, res) => {
    await run(checkType, req, res);
    const text = textOf(req, await bodyBytes(req, res, http.maxBodyBytes));
    if (text === '') return undefined;
    const body = parsed(text);
    if (isDeeper(body, http.maxBodyDepth)) throw tooDeep(http.maxBodyDepth);
    checkExact(text);
    return body;
  };
}

function run(handler: RequestHandler, req: Request, res: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void handler(req, res, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
}

const readBefore = new WeakMap<object, Promise<Uint8Array | undefined>>();
const readers = new Map<number, RequestHandler>();

/** The bytes of the body, uncompressed; undefined: the request has none. Who asks again gets the same. */
export function bodyBytes(req: Request, res: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  const known = readBefore.get(req);
  if (known !== undefined) return known;
  const read = readers.get(maxBytes) ?? express.raw({ limit: maxBytes, type: () => true });
  readers.set(maxBytes, read);
  const bytes = run(read, req, res).then(
    () => {
      const body: unknown = req.body;
      return body instanceof Uint8Array ? body : undefined;
    },
    (error: unknown) => {
      // What is left of the body is not read, so the connection cannot be used again.
      res.setHeader('Connection', 'close');
      throw bodyFault(error, maxBytes);
    },
  );
  readBefore.set(req, bytes);
  return bytes;
}

/** Without a charset it is UTF-8 (RFC 8259, section 8.1). */
function textOf({ headers }: Request, bytes: Uint8Array | undefined): string {
  if (bytes === undefined) return '';
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '') ?? [];
  if (!/^utf-/i.test(charset)) {
    throw new Fault('invalid', 'The encoding of the body is not understood', {
      code: 'unsupported-media-type',
    });
  }
  return exactText(bytes, charset);
}

/** Other decoders put a character of their own where the bytes are none of the charset. */
function exactText(bytes: Uint8Array, charset: string): string {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Fault('invalid', `The body is not ${charset} text`, { code: 'bad-json', cause: error });
  }
}

function parsed(text: string): unknown {
  try {
    // A body is an object or a list (RFC 4627); what JavaScript says of others may quote them.
    if (/^[ \t\n\r]*[{[]/.test(text)) return JSON.parse(text);
  } catch (error) {
    throw notJson(error);
  }
  throw notJson();
}

function notJson(cause?: unknown): Fault {
  return new Fault('invalid', 'The body is not a JSON object', { code: 'bad-json', cause });
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
