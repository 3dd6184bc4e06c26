// Knows: that a request with an Idempotency-Key is carried out at most once, and answered alike as often as it is sent
// (draft-ietf-httpapi-idempotency-key-header-07).
// Must not know: what is asked, where answers are kept.

import { createHash, hash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { Fault, toFault } from '../../fault.ts';
import type { Observe } from '../../observe.ts';
import type { Policy } from '../../policy.ts';
import { type Caller, clientId } from '../../query/caller.ts';
import { begin, begun, hasLeft } from '../../query/context.ts';
import { ledger } from '../../query/undertaking.ts';
import { readPreferred } from '../../rest/conditions.ts';
import { type Answer, type Answers, memoryAnswers } from '../../state/answers.ts';
import { bodyBytes } from '../body.ts';
import { recordAnswer } from './answer-recorder.ts';
import { overdue } from './deadline.ts';

export interface IdempotencyParts {
  /** Absent: they are kept in memory. */
  readonly answers?: Answers;
  readonly policy: Policy;
  readonly observe: Observe;
}

/** Header of an answer that is given again. */
export const REPLAYED = 'Idempotency-Replayed';

const WRITING: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/**
 * Of a key that was used before the answer is given again; while its first request is under way, or where nobody knows what came of it, that
 * is told. A request that made nothing is forgotten: it may be sent again, as it was or mended.
 */
export function keepAnswers(parts: IdempotencyParts): RequestHandler {
  const keeping = { ...parts, answers: parts.answers ?? memoryAnswers() };
  return (req, res, next) => {
    const key = req.headers['idempotency-key'];
    if (key === undefined || !WRITING.has(req.method)) return next();
    answerOnce(readKey(key), req, res, next, keeping).catch(next);
  };
}

async function answerOnce(
  key: string,
  req: Request,
  res: Response,
  next: (error?: unknown) => void,
  keeping: Required<IdempotencyParts>,
): Promise<void> {
  const { answers, policy } = keeping;
  const caller = begun(req)?.caller;
  const body = await bodyBytes(req, res, policy.http.maxBodyBytes);
  const id = hash('sha256', JSON.stringify([caller?.by ?? '', ...whose(caller), key]));
  const fingerprint = fingerprintOf(req, caller?.roles ?? [], body);
  const claim = await answers.begin(id, fingerprint);
  if (claim.kind === 'new') {
    // Nobody is there any more, and nobody was told anything.
    if (res.destroyed || begun(req)?.signal.aborted === true) return answers.forget(id);
    carryOut(id, req, res, keeping);
    return next();
  }
  if (claim.fingerprint !== fingerprint) throw mismatch();
  switch (claim.kind) {
    case 'running':
      res.setHeader('Retry-After', 1);
      throw inProgress();
    case 'unknown':
      throw unknown();
    case 'answered':
      if (claim.answer === undefined) throw notKept();
      replay(claim.answer, res);
  }
}

/** Of one client, tokens may speak for many people: each has keys and answers of his own. */
function whose(caller: Caller | undefined): readonly string[] {
  if (caller === undefined) return [];
  const { sub } = caller.claims;
  return [clientId(caller), ...(typeof sub === 'string' ? [sub] : [])];
}

/** The header is a string of structured fields (RFC 9651); a bare word, as many clients send it, means the same. */
function readKey(header: string | readonly string[]): string {
  const text = String(header);
  const [, quoted] = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/.exec(text) ?? [];
  const key = quoted?.replace(/\\(["\\])/g, '$1') ?? (/^[\w.:+/=~-]+$/.test(text) ? text : '');
  if (key !== '' && key.length <= MAX_KEY_CHARS) return key;
  throw new Fault('invalid', `The key is no text in quotes of 1 to ${MAX_KEY_CHARS} characters`, {
    code: 'bad-header',
    parameter: 'Idempotency-Key',
    hint: 'Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"',
  });
}

const MAX_KEY_CHARS = 255;

/** Everything that decides what the request does and what is answered, and what its client may do: with other rights it is another request. */
function fingerprintOf(req: Request, roles: readonly string[], body: Uint8Array | undefined): string {
  const { 'if-match': match, 'if-none-match': noneMatch, prefer } = req.headers;
  const head = JSON.stringify([
    req.method,
    req.originalUrl,
    match ?? '',
    noneMatch ?? '',
    readPreferred(prefer) ?? '',
    roles,
  ]);
  return createHash('sha256')
    .update(`${head}\n`)
    .update(body ?? '')
    .digest('hex');
}

/**
 * The request goes on to whoever handles it. That its client leaves does not stop it: what it comes to is what the client asks for next.
 */
function carryOut(
  id: string,
  req: Request,
  res: Response,
  { answers, policy, observe }: Required<IdempotencyParts>,
): void {
  const context = begun(req);
  const { requestMs } = policy.http;
  const ending = new AbortController();
  let answer: Answer | undefined;
  let over = false;
  let late: NodeJS.Timeout | undefined;

  const settle = (): void => {
    try {
      const touched = book.touched();
      if (touched === 'settled') answers.finish(id, answer);
      else if (touched === 'untouched') answers.forget(id);
      else {
        // What was told then says nothing of what came of it later.
        answer = undefined;
        answers.leave(id);
      }
    } catch (error) {
      // The record says that the request had begun, which is true.
      answers.leave(id);
      observe({
        kind: 'fault',
        fault: toFault(error),
        ...(context === undefined ? {} : { requestId: context.requestId }),
      });
    }
  };
  const end = (): void => {
    clearTimeout(late);
    if (!over) {
      over = true;
      settle();
    }
  };
  // A change whose answer came too late for the client is known of from then on.
  const book = ledger(() => {
    if (over) settle();
  });
  recordAnswer(res, (given) => {
    answer = given;
    end();
  });
  res.once('close', () => {
    if (over) return;
    late = setTimeout(() => {
      ending.abort(overdue(requestMs));
      end();
    }, requestMs);
  });
  if (context === undefined) return;
  const { signal } = context;
  signal.addEventListener('abort', () => {
    if (!hasLeft(signal)) ending.abort(signal.reason);
  });
  begin(req, { ...context, signal: ending.signal, undertaking: book });
}

function replay({ status, headers, body }: Answer, res: Response): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  res.setHeader(REPLAYED, 'true');
  if (status !== 204) res.setHeader('Content-Length', body.length);
  res.end(body);
}

function mismatch(): Fault {
  return new Fault('invalid', 'This key came with another request before', {
    code: 'idempotency-mismatch',
    parameter: 'Idempotency-Key',
    hint: 'Every change has a key of its own; only the same request is sent with the same key again.',
  });
}

function inProgress(): Fault {
  return new Fault('conflict', 'The request with this key is under way', {
    code: 'in-progress',
    parameter: 'Idempotency-Key',
  });
}

function unknown(): Fault {
  return new Fault(
    'upstream',
    'Nobody knows whether the request with this key was carried out; it is not done again',
    {
      code: 'outcome-unknown',
      parameter: 'Idempotency-Key',
      hint: 'Read what it was to change; if that was not done, send it with a new key.',
    },
  );
}

function notKept(): Fault {
  return new Fault('conflict', 'The request with this key was carried out; its answer was not kept', {
    code: 'answer-not-kept',
    parameter: 'Idempotency-Key',
    hint: 'Read what it was to change.',
  });
}
