// Knows: how audit records are written so that none is lost unnoticed: in order, each chained to the one before, tried again when writing fails.
// Must not know: what the records say, where they go.

import { type AuditPlace, hashOf } from './audit-place.ts';
import type { AuditRecord } from './audit-record.ts';

export interface AuditSink {
  /** Takes a record; it is written at once, or with those that come soon after a write has ended. */
  add(record: AuditRecord): void;
  /** Why records cannot be written now: a code of the operating system. */
  failing(): string | undefined;
  /** Writes what waits, for `maxMs` at most, and closes the place. */
  end(maxMs: number): Promise<void>;
}

export interface AuditWriting {
  /** Each batch of records is on the disk before the next one is begun. */
  readonly sync: boolean;
  readonly redact: (text: string) => string;
  /** Told when writing fails, and (without a code) when it goes on. */
  onState(state: { readonly code?: string; readonly waiting: number; readonly lost: number }): void;
}

/** Records that wait may take so many characters; more are lost, and counted. By then nothing new is being asked where records are required. */
const MAX_WAITING_CHARS = 16_777_216;
/** After a write it takes so long until the next one, in milliseconds, which takes along what has come meanwhile. */
const APART_MS = 50;
/** How long to wait before writing is tried again, in milliseconds. */
const RETRY_MS = 1_000;

/** Working out the text takes longer than the rest of a record: within a millisecond it is the same one. */
function createTimeText(): () => string {
  let at = 0;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== at) {
      at = now;
      text = Temporal.Instant.fromEpochMilliseconds(now).toString({ smallestUnit: 'millisecond' });
    }
    return text;
  };
}

/**
 * Each line holds as `prev` the SHA-256 (base64url) of the line before it, also across a rotation and a restart: a line that was taken out, put
 * in or changed shows; that lines at the end were cut off shows only beside a copy elsewhere.
 */
export function auditSink(place: AuditPlace, { sync, redact, onState }: AuditWriting): AuditSink {
  const timeText = createTimeText();
  let prev = place.last;
  let waiting: string[] = [];
  let waitingChars = 0;
  /** Of a batch that was begun. */
  let rest: Uint8Array = new Uint8Array();
  /** Records in it. */
  let begun = 0;
  let lost = 0;
  let ending = false;
  let failure: string | undefined;
  let writing: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let apart: NodeJS.Timeout | undefined;

  const push = (record: AuditRecord): void => {
    const time = timeText();
    const line = redact(JSON.stringify({ time, ...record, ...(prev === undefined ? {} : { prev }) }));
    prev = hashOf(line);
    waiting.push(line);
    waitingChars += line.length;
  };

  const nextBatch = (): Uint8Array => {
    const text = `${waiting.join('\n')}\n`;
    begun = waiting.length;
    waiting = [];
    waitingChars = 0;
    return Buffer.from(text);
  };

  const writeAll = async (): Promise<void> => {
    while (waiting.length > 0 || rest.length > 0) {
      if (rest.length === 0) rest = nextBatch();
      while (rest.length > 0) rest = rest.subarray(await place.write(rest));
      if (sync) await place.sync();
      begun = 0;
    }
  };

  const start = (): void => {
    if (writing !== undefined || retry !== undefined || apart !== undefined) return;
    writing = writeAll().then(succeeded, failed).finally(again);
  };
  const succeeded = (): void => {
    if (failure === undefined) return;
    failure = undefined;
    if (lost > 0) push({ action: 'lost', rows: lost });
    onState({ waiting: begun + waiting.length, lost });
    lost = 0;
  };
  const failed = (error: unknown): void => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const known = failure === code;
    failure = code;
    if (!known) onState({ code, waiting: begun + waiting.length, lost });
    retry = setTimeout(() => {
      retry = undefined;
      start();
    }, RETRY_MS);
    retry.unref();
  };
  const again = (): void => {
    writing = undefined;
    if (ending) {
      if (waiting.length > 0) start();
      return;
    }
    apart = setTimeout(() => {
      apart = undefined;
      if (waiting.length > 0) start();
    }, APART_MS);
  };

  return {
    add(record) {
      if (waitingChars > MAX_WAITING_CHARS) {
        // Nothing has failed, but nothing goes on either: a pipe that nobody reads, a disk that hangs.
        if (failure === undefined) onState({ code: 'too-slow', waiting: begun + waiting.length, lost });
        failure ??= 'too-slow';
        lost++;
        return;
      }
      push(record);
      start();
    },
    failing: () => failure ?? (waitingChars > MAX_WAITING_CHARS ? 'too-slow' : undefined),
    async end(maxMs) {
      ending = true;
      clearTimeout(retry);
      clearTimeout(apart);
      retry = undefined;
      apart = undefined;
      start();
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, maxMs);
      const written = async (): Promise<void> => {
        while (writing !== undefined) await writing;
      };
      await Promise.race([written(), promise]);
      clearTimeout(timer);
      clearTimeout(retry);
      await place.close().catch(() => {});
    },
  };
}
