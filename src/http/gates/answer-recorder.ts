// Knows: how an answer is listened to while it is written, whether or not its client is still there.
// Must not know: what becomes of it.

import type { ServerResponse } from 'node:http';
import type { Answer } from '../../state/answers.ts';

/** Larger answers are not kept. */
const MAX_KEPT_BYTES = 4_194_304;

/** What belongs to the answer itself. Ids, rates and what browsers are told are new each time. */
const KEPT_HEADERS = [
  'content-type',
  'etag',
  'location',
  'content-location',
  'cache-control',
  'link',
  'preference-applied',
];

/**
 * `onEnd` learns of the whole answer before its last byte leaves: undefined, it was too large. A client that has left is no hindrance: who
 * writes the answer goes on as if it were there.
 */
export function recordAnswer(res: ServerResponse, onEnd: (answer: Answer | undefined) => void): void {
  const write = res.write.bind(res);
  const end = res.end.bind(res);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let ended = false;

  const take = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    const named = typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8';
    const piece = typeof chunk === 'string' ? Buffer.from(chunk, named) : Uint8Array.from(chunk);
    bytes += piece.length;
    if (bytes <= MAX_KEPT_BYTES) pieces.push(piece);
  };
  const finish = (): void => {
    if (ended) return;
    ended = true;
    onEnd(bytes > MAX_KEPT_BYTES ? undefined : answerOf(res, pieces));
  };
  const recordingWrite = (...[chunk, ...rest]: Parameters<typeof write>): boolean => {
    take(chunk, rest[0]);
    return res.destroyed ? true : write(chunk, ...rest);
  };
  const recordingEnd = (...given: Parameters<typeof end>): ServerResponse => {
    const [chunk, encoding]: readonly unknown[] = given;
    take(chunk, encoding);
    finish();
    return res.destroyed ? res : end(...given);
  };
  Object.assign(res, { write: recordingWrite, end: recordingEnd });
}

function answerOf(res: ServerResponse, pieces: readonly Uint8Array[]): Answer {
  const headers = KEPT_HEADERS.flatMap((name): readonly (readonly [string, string])[] => {
    const value = res.getHeader(name);
    return value === undefined ? [] : [[name, [value].flat().join(', ')]];
  });
  return { status: res.statusCode, headers: Object.fromEntries(headers), body: Buffer.concat(pieces) };
}
