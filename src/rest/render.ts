// Knows: how the result of a REST request goes out over HTTP: buffered with an ETag, or streamed at the client's pace.
// Must not know: paths and parameters (parse), the text of rows (format), faults as bodies (http/problem).

import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { Fault } from '../fault.ts';
import { ByteSink } from '../model/byte-sink.ts';
import type { Policy } from '../policy.ts';
import { hasLeft } from '../query/context.ts';
import type { Context, Execute, Result } from '../query/request.ts';
import { tellAge } from './age.ts';
import { etagOf, isKnown } from './etag.ts';
import type { Ending, Format } from './format.ts';
import { handOver } from './leaving.ts';
import { MEDIA_TYPES } from './negotiate.ts';
import type { RestRequest } from './parse.ts';

/** Rows written between two looks at how full the buffer is. */
const PORTION = 32;
/** A streamed answer goes out in pieces of about this many bytes. */
const PIECE_BYTES = 65_536;

export interface Prepared extends RestRequest {
  readonly format: Format;
}

export interface Answering {
  readonly execute: Execute;
  readonly policy: Policy;
  readonly context: Context;
}

/**
 * Carries out the request and answers it. A fault that is thrown before the first byte has left can still be told
 * properly: `headersSent` says so. After that the caller must cut the connection.
 */
export async function answer(
  prepared: Prepared,
  req: IncomingMessage,
  res: ServerResponse,
  { execute, policy, context }: Answering,
): Promise<void> {
  const result = await execute(prepared.request, context);
  const out = borrowSink();
  try {
    await write(prepared, result, out, req, res, policy);
  } catch (error) {
    // Nobody is left to be told.
    if (!hasLeft(context.signal)) throw error;
  } finally {
    giveBack(out);
  }
}

async function write(
  prepared: Prepared,
  result: Result,
  out: ByteSink,
  req: IncomingMessage,
  res: ServerResponse,
  { page, http, run }: Policy,
): Promise<void> {
  const { format, request, self } = prepared;
  const wanted = request.kind === 'item' ? 1 : (request.first ?? page.defaultRows);
  let rows = 0;
  let cursor: string | undefined;
  let streaming = false;
  let handed = 0;
  let sliceBegan = performance.now();

  format.begin(out);
  for await (const batch of result.batches) {
    for (let from = 0; from < batch.length; from += PORTION) {
      const to = Math.min(from + PORTION, batch.length);
      format.rows(batch, from, to, rows, out);
      rows += to - from;
      if (handed + out.length > http.maxAnswerBytes) throw tooLarge(http.maxAnswerBytes);
      if (out.length < (streaming ? PIECE_BYTES : http.bufferedBytes)) continue;
      if (!streaming) {
        streaming = true;
        startStream(prepared, result, res);
        if (req.method === 'HEAD') {
          res.end();
          return;
        }
      }
      handed += out.length;
      await handOver(out.take(), res);
      if (res.destroyed) return;
      // A client as fast as the source must not keep the others waiting.
      if (performance.now() - sliceBegan > run.sliceMs) {
        await setImmediate();
        sliceBegan = performance.now();
      }
    }
    // There can be a next page only behind a full one, and none behind an item.
    if (request.kind === 'list' && rows === wanted && batch.length > 0)
      cursor = batch.cursor(batch.length - 1);
  }
  if (request.kind === 'item' && rows === 0) throw noSuchItem(prepared);

  const nextLink = cursor !== undefined && result.hasNextPage() ? `${self}after=${cursor}` : undefined;
  const totalCount = await result.totalCount?.();
  const ending: Ending = {
    ...(nextLink === undefined ? {} : { nextLink }),
    ...(totalCount === undefined ? {} : { totalCount }),
  };
  format.end(out, ending);
  if (streaming) {
    endStream(out, res, nextLink);
    return;
  }
  // Answers that were worked out in one turn of the event loop leave together, and the clients' side wakes up once for
  // all of them: a third more lists a second under the load of bench/http.ts, run with this line and without.
  await setImmediate();
  sendWhole(prepared, result, out, req, res, nextLink);
}

function tooLarge(maxAnswerBytes: number): Fault {
  return new Fault('too-costly', `The answer has more than ${maxAnswerBytes} bytes`, {
    code: 'answer-bytes',
    hint: 'Select fewer fields, or ask for several pages with "first".',
  });
}

function noSuchItem({ collection }: Prepared): Fault {
  return new Fault('not-found', `"${collection.name}" has no item with this key`, {
    code: 'no-such-item',
    collection: collection.name,
  });
}

function setHead({ representation }: Prepared, result: Result, res: ServerResponse): void {
  res.statusCode = 200;
  res.setHeader(
    'Content-Type',
    representation === 'csv' ? 'text/csv; charset=utf-8' : MEDIA_TYPES[representation],
  );
  res.appendHeader('Vary', 'Accept');
  // Kept by the client alone, and asked about with the ETag each time: data at the source changes unannounced.
  res.setHeader('Cache-Control', 'private, no-cache');
  tellAge(result.freshness(), res);
}

function startStream(prepared: Prepared, result: Result, res: ServerResponse): void {
  setHead(prepared, result, res);
  // Only JSON has a place for the next page's link in its body; the others name it behind the body.
  const { request, representation } = prepared;
  const paged = request.kind === 'list' && request.first !== 'all';
  if (paged && representation !== 'json') res.setHeader('Trailer', 'Link');
}

function endStream(out: ByteSink, res: ServerResponse, nextLink: string | undefined): void {
  if (nextLink !== undefined && res.hasHeader('Trailer')) res.addTrailers({ Link: linkTo(nextLink) });
  res.end(out.take());
}

function linkTo(nextLink: string): string {
  return `<${nextLink}>; rel="next"`;
}

function sendWhole(
  prepared: Prepared,
  result: Result,
  out: ByteSink,
  req: IncomingMessage,
  res: ServerResponse,
  nextLink: string | undefined,
): void {
  setHead(prepared, result, res);
  const etag = etagOf(out.bytes.subarray(0, out.length));
  res.setHeader('ETag', etag);
  if (nextLink !== undefined) res.setHeader('Link', linkTo(nextLink));
  if (isKnown(req.headers['if-none-match'], etag)) {
    res.statusCode = 304;
    res.removeHeader('Content-Type');
    res.end();
    return;
  }
  res.setHeader('Content-Length', out.length);
  res.end(out.take());
}

/** Buffers wait here for the next answer instead of being made anew. */
const idleSinks: ByteSink[] = [];
const MAX_IDLE_SINKS = 64;
const MAX_IDLE_BYTES = 1_048_576;

function borrowSink(): ByteSink {
  return idleSinks.pop() ?? new ByteSink(32_768);
}

function giveBack(sink: ByteSink): void {
  sink.length = 0;
  if (idleSinks.length < MAX_IDLE_SINKS && sink.bytes.length <= MAX_IDLE_BYTES) idleSinks.push(sink);
}
