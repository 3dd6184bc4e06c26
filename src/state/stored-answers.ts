// Knows: answers by Idempotency-Key in a table.
// Must not know: where the database is, HTTP.

import type { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers';
import { Fault } from '../fault.ts';
import { type Answer, type Answers, type Claim, full, type Keeping, MS_PER_HOUR } from './answers.ts';

/** Records that are removed at once when their time is over. */
const PURGED = 500;

interface Waiting {
  readonly id: string;
  readonly fingerprint: string;
  resolve(claim: Claim): void;
  reject(fault: unknown): void;
}

/**
 * Records of requests that come together are written together, and are on the disk before any of them is carried out. An answer is not waited
 * for in that way: where a power failure takes it, the record still says that the request had begun.
 */
export function storedAnswers(database: DatabaseSync, { hours, maxAnswers, clock }: Keeping): Answers {
  const find = database.prepare(
    'SELECT fingerprint, answered, status, headers, body FROM answers WHERE id = ? AND expires > ?',
  );
  const insert = database.prepare(
    'INSERT OR REPLACE INTO answers (id, fingerprint, expires) VALUES (?, ?, ?)',
  );
  const update = database.prepare(
    'UPDATE answers SET answered = 1, status = ?, headers = ?, body = ? WHERE id = ?',
  );
  const remove = database.prepare('DELETE FROM answers WHERE id = ?');
  const purge = database.prepare(
    'DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE expires <= ? LIMIT ?)',
  );
  const countAll = database.prepare('SELECT count(*) AS number FROM answers');
  const size = (): number => Number(countAll.get()?.['number']);
  let number = size();
  /** Id → fingerprint of what this process carries out now. */
  const running = new Map<string, string>();
  let waiting: Waiting[] = [];

  const writeAll = (): void => {
    const all = waiting;
    waiting = [];
    const now = clock();
    try {
      database.exec('PRAGMA synchronous = FULL; BEGIN IMMEDIATE');
      purge.run(now, PURGED);
      for (const { id, fingerprint } of all) insert.run(id, fingerprint, now + hours * MS_PER_HOUR);
      database.exec('COMMIT; PRAGMA synchronous = NORMAL');
      number = size();
    } catch (error) {
      if (database.isOpen && database.isTransaction) database.exec('ROLLBACK');
      for (const { id, reject } of all) {
        running.delete(id);
        reject(unwritable(error));
      }
      return;
    }
    for (const { resolve } of all) resolve({ kind: 'new' });
  };

  const known = (id: string): Claim | undefined => {
    const fingerprint = running.get(id);
    if (fingerprint !== undefined) return { kind: 'running', fingerprint };
    const row = find.get(id, clock());
    return row === undefined ? undefined : claimOf(row);
  };

  return {
    async begin(id, fingerprint) {
      const claim = reading(() => known(id));
      if (claim !== undefined) return claim;
      if (number + waiting.length >= maxAnswers) {
        reading(() => purge.run(clock(), PURGED));
        number = reading(size);
        if (number + waiting.length >= maxAnswers) throw full(maxAnswers);
      }
      running.set(id, fingerprint);
      return new Promise((resolve, reject) => {
        if (waiting.push({ id, fingerprint, resolve, reject }) === 1) setImmediate(writeAll);
      });
    },
    finish(id, answer) {
      running.delete(id);
      update.run(
        answer?.status ?? null,
        answer === undefined ? null : JSON.stringify(answer.headers),
        answer?.body ?? null,
        id,
      );
    },
    forget(id) {
      running.delete(id);
      remove.run(id);
    },
    leave: (id) => void running.delete(id),
  };
}

type StoredRow = Readonly<Record<string, unknown>>;

function claimOf(row: StoredRow): Claim {
  const fingerprint = String(row['fingerprint']);
  if (row['answered'] !== 1) return { kind: 'unknown', fingerprint };
  const answer = answerOf(row);
  return { kind: 'answered', fingerprint, ...(answer === undefined ? {} : { answer }) };
}

function answerOf({ status, headers, body }: StoredRow): Answer | undefined {
  if (typeof status !== 'number' || typeof headers !== 'string') return undefined;
  return { status, headers: JSON.parse(headers), body: body instanceof Uint8Array ? body : new Uint8Array() };
}

function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw unwritable(error);
  }
}

/** The disk is full, or is not there any more. */
function unwritable(error: unknown): Fault {
  return new Fault('unavailable', 'No record of the request can be kept', {
    code: 'state-unavailable',
    hint: 'Nothing was done. Try again later, or without a key.',
    cause: error,
  });
}
