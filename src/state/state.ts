// Knows: the database of what must survive the process: answers by Idempotency-Key, used budgets. One gateway has it at a time.
// Must not know: HTTP, sources, what a budget is for.

import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../fault.ts';
import { type Answers, type Keeping, memoryAnswers } from './answers.ts';
import { type BudgetStore, memoryBudgets, storedBudgets } from './budgets.ts';
import { storedAnswers } from './stored-answers.ts';

export interface State extends Disposable {
  readonly answers: Answers;
  readonly budgets: BudgetStore;
}

/** How long a start waits for the gateway that has the folder now, in milliseconds: it may be draining. */
const WAIT_MS = 5_000;
const VERSION = 1;

/**
 * Makes the folder if there is none, and takes it: for as long as this process has it no other one gets it. Throws `unavailable`,
 * misconfigured, where it cannot be had.
 */
export function openState(folder: string, keeping: Keeping): State {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, 'state.sqlite');
    // SQLite gives the files beside it the same rights: answers are nobody else's to read, whatever the folder allows.
    closeSync(openSync(path, 'a', 0o600));
    database = new DatabaseSync(path, { timeout: WAIT_MS });
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA secure_delete = ON');
    prepare(database);
    return {
      answers: storedAnswers(database, keeping),
      budgets: storedBudgets(database),
      [Symbol.dispose]: closing(database),
    };
  } catch (error) {
    database?.close();
    throw error instanceof Fault ? error : unusable(folder, error);
  }
}

function prepare(database: DatabaseSync): void {
  database.exec('BEGIN EXCLUSIVE');
  const version = database.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version !== 0 && version !== VERSION)
    throw new Fault('unavailable', OTHER_VERSION, { code: 'state-version', misconfigured: true });
  database.exec(`
    CREATE TABLE IF NOT EXISTS answers (
      id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, expires INTEGER NOT NULL,
      answered INTEGER NOT NULL DEFAULT 0, status INTEGER, headers TEXT, body BLOB
    ) STRICT;
    CREATE INDEX IF NOT EXISTS answers_by_expiry ON answers (expires);
    CREATE TABLE IF NOT EXISTS budgets (
      source TEXT PRIMARY KEY, day TEXT NOT NULL, calls INTEGER NOT NULL, rows INTEGER NOT NULL
    ) STRICT;
    PRAGMA user_version = ${VERSION};
    COMMIT`);
}

const OTHER_VERSION = 'The state folder is of another version of the gateway';

/** Closing it twice is no mistake. */
function closing(database: DatabaseSync): () => void {
  return () => {
    if (database.isOpen) database.close();
  };
}

/** https://www.sqlite.org/rescode.html; the low byte is the primary code. */
const BUSY = 5;
const DAMAGED = new Set([11, 26]);

function unusable(folder: string, error: unknown): Fault {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : undefined;
  const why =
    code === BUSY
      ? 'another gateway uses it'
      : code !== undefined && DAMAGED.has(code)
        ? 'its database is damaged'
        : error instanceof Error && 'code' in error
          ? String(error.code)
          : 'unknown error';
  return new Fault('unavailable', `The state folder ${folder} cannot be used: ${why}`, {
    code: code === BUSY ? 'state-locked' : 'state-unusable',
    misconfigured: true,
    cause: error,
  });
}

export interface StateOptions {
  readonly folder: string;
  readonly idempotencyHours: number;
  readonly maxAnswers: number;
}

/** Without options nothing survives the process. Relative folders start from `base`. */
export function stateOf(options: StateOptions | undefined, base: string): State {
  if (options === undefined) {
    return { answers: memoryAnswers(), budgets: memoryBudgets(), [Symbol.dispose]: () => {} };
  }
  const { folder, idempotencyHours, maxAnswers } = options;
  return openState(resolve(base, folder), { hours: idempotencyHours, maxAnswers, clock: Date.now });
}
