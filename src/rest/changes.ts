// Knows: how changes go out over HTTP at the client's pace: an event stream that stays open, or NDJSON that ends when it has caught up.
// Must not know: paths and parameters (changes-request), the text of events (changes-format), faults as bodies (http/problem).

import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Fault, toFault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import type { Policy } from '../policy.ts';
import { hasLeft } from '../query/context.ts';
import type { Context } from '../query/request.ts';
import type { Watch, Watching } from '../query/watching.ts';
import {
  eventBlock,
  eventText,
  faultBlock,
  type ProblemOf,
  retryBlock,
  SIGN_OF_LIFE,
} from './changes-format.ts';
import type { ChangesRequest } from './changes-request.ts';
import { handOver } from './leaving.ts';
import { CHANGES_TYPES } from './negotiate.ts';

export interface AnsweringChanges {
  readonly watch: Watch;
  readonly catalog: Catalog;
  readonly policy: Policy;
  readonly context: Context;
  readonly problemOf: ProblemOf;
  /** Learns of a fault that ended an event stream: the client has been told. */
  readonly onFault: (fault: Fault) => void;
  /** Learns of every event that has been told. */
  readonly onEvent: () => void;
}

/** NDJSON goes out in pieces of about this many characters. */
const PIECE_CHARS = 65_536;

/** Throws what is wrong before the first byte, and what breaks NDJSON off: the caller then cuts the connection. */
export async function answerChanges(
  asked: ChangesRequest,
  req: IncomingMessage,
  res: ServerResponse,
  answering: AnsweringChanges,
): Promise<void> {
  if (req.method === 'HEAD') {
    setHead(asked, res);
    res.end();
    return;
  }
  const { watch, catalog, context, problemOf } = answering;
  try {
    const watching = await watch(asked.request, context);
    setHead(asked, res);
    const text = eventText(asked, catalog, problemOf);
    if (asked.form === 'events') await stream(watching, text, res, answering);
    else await lines(watching, text, res, answering);
  } catch (error) {
    // Nobody is left to be told.
    if (!hasLeft(context.signal)) throw error;
  }
}

function setHead({ form }: ChangesRequest, res: ServerResponse): void {
  res.statusCode = 200;
  res.setHeader('Content-Type', CHANGES_TYPES[form]);
  res.appendHeader('Vary', 'Accept, Last-Event-ID');
  res.setHeader('Cache-Control', 'no-store');
  // A proxy that gathers answers before it passes them on would hold up what happens now (nginx, proxy_buffering).
  if (form === 'events') res.setHeader('X-Accel-Buffering', 'no');
}

async function stream(
  { events, over }: Watching,
  text: ReturnType<typeof eventText>,
  res: ServerResponse,
  { policy, problemOf, onFault, onEvent }: AnsweringChanges,
): Promise<void> {
  try {
    await handOver(retryBlock(policy.watch.retryMs), res, over);
    for await (const event of events) {
      if (event.kind === 'idle') await handOver(SIGN_OF_LIFE, res, over);
      else {
        await handOver(eventBlock(event, text(event)), res, over);
        onEvent();
      }
      if (res.destroyed) return;
    }
  } catch (error) {
    if (res.destroyed) return;
    const fault = toFault(error);
    onFault(fault);
    // Who does not read would hold up the end of the gateway.
    if (res.writableNeedDrain) res.destroy();
    else res.write(faultBlock(problemOf(fault)));
  }
  res.end();
}

async function lines(
  { events, over }: Watching,
  text: ReturnType<typeof eventText>,
  res: ServerResponse,
  { onEvent }: AnsweringChanges,
): Promise<void> {
  let piece = '';
  for await (const event of events) {
    if (event.kind === 'idle') continue;
    piece += `${text(event)}\n`;
    onEvent();
    if (piece.length < PIECE_CHARS) continue;
    await handOver(piece, res, over);
    if (res.destroyed) return;
    piece = '';
  }
  res.end(piece);
}
