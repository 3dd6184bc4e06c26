// Knows: how small whole answers and faults are written to a response.
// Must not know: what they are about.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { toFault } from '../fault.ts';
import type { Observe } from '../observe.ts';
import { begun } from '../query/context.ts';
import { PROBLEM_TYPE, problemOf, retryAfterOf } from './problem.ts';

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  type = 'application/json',
): void {
  sendText(res, status, JSON.stringify(body), type);
}

export function sendText(res: ServerResponse, status: number, text: string, type: string): void {
  res.statusCode = status;
  res.setHeader('Content-Type', type);
  res.setHeader('Content-Length', Buffer.byteLength(text));
  res.end(text);
}

/**
 * Tells the client what went wrong. When a part of the answer has already left, the connection is cut: nobody may
 * take that part for the whole.
 */
export function sendFault(req: IncomingMessage, res: ServerResponse, error: unknown, observe: Observe): void {
  const fault = toFault(error);
  const requestId = requestIdOf(req);
  // The answer was given while this was still at work: nobody waits for it any more.
  if (res.writableEnded) return;
  // Who tries keys is found by where he comes from; what he tried is told nobody.
  const from = fault.kind === 'unauthenticated' ? { address: addressOf(req) } : {};
  const { serial } = begun(req) ?? {};
  observe({ kind: 'fault', fault, requestId, ...(serial === undefined ? {} : { serial }), ...from });
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const problem = problemOf(fault, pathOf(req), requestId);
  const retryAfter = retryAfterOf(fault);
  if (retryAfter !== undefined && !res.hasHeader('Retry-After')) res.setHeader('Retry-After', retryAfter);
  res.setHeader('Cache-Control', 'no-store');
  sendJson(res, problem.status, problem, PROBLEM_TYPE);
}

/** The id that `nameRequest` gave to the request. */
function requestIdOf(req: IncomingMessage): string {
  return String(req.headers['x-request-id'] ?? '');
}

/** As Express finds it behind proxies that are trusted; else the other end of the connection. */
function addressOf(req: IncomingMessage): string {
  const ip = 'ip' in req ? req.ip : undefined;
  return typeof ip === 'string' ? ip : (req.socket.remoteAddress ?? '');
}

/** Path as the client wrote it, without the query string. */
export function pathOf(req: IncomingMessage & { readonly originalUrl?: string }): string {
  const url = req.originalUrl ?? req.url ?? '/';
  const mark = url.indexOf('?');
  return mark < 0 ? url : url.slice(0, mark);
}
