// A driver of its own for a test, and what the server says of its connections.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { Client } from 'pg';
import { postgresDriver } from '../../../adapters/postgres/driver.ts';
import type { Driver, StoredRow } from '../../../adapters/sql/driver.ts';
import { ADDRESS, connected, never } from './server.ts';

interface Opened {
  readonly driver: Driver;
  readonly name: string;
}

export function open(
  given: {
    readonly readOnly?: boolean;
    readonly max?: number;
    readonly waitMs?: number;
    readonly settings?: Readonly<Record<string, string>>;
  } = {},
): Opened {
  const name = `overpunch ${randomBytes(6).toString('hex')}`;
  const driver = postgresDriver({
    connection: { ...ADDRESS, ssl: false, application_name: name },
    pool: { max: given.max ?? 4, idleMs: 30_000, maxLifetimeMs: 0, waitMs: given.waitMs ?? 5_000 },
    readOnly: given.readOnly ?? true,
    settings: given.settings ?? {},
  });
  after(() => driver[Symbol.asyncDispose]());
  return { driver, name };
}

export async function rowsOf(
  driver: Driver,
  sql: string,
  signal = never,
  bound: { readonly atMost?: number } = {},
): Promise<readonly StoredRow[]> {
  const groups = await Array.fromAsync(driver.stream({ sql, parameters: [], ...bound }, signal));
  return groups.flat();
}

let observing: Promise<Client> | undefined;
after(async () => (await observing)?.end());

function observer(): Promise<Client> {
  observing ??= connected();
  return observing;
}

export async function activity(
  name: string,
): Promise<readonly { readonly pid: number; readonly state: string }[]> {
  const { rows } = await (await observer()).query(
    'select pid, state from pg_stat_activity where application_name = $1',
    [name],
  );
  return rows;
}

/** Waits until the server's list of the driver's connections is so. */
export async function until(name: string, states: readonly string[]): Promise<void> {
  let seen: readonly string[] = [];
  for (let i = 0; i < 100; i++) {
    seen = (await activity(name)).map(({ state }) => state);
    if (seen.join() === states.join()) return;
    await setTimeout(20);
  }
  assert.deepEqual(seen, states);
}

/** Ends the driver's connections that are in this state from the server's side. */
export async function terminate(name: string, state?: string): Promise<void> {
  const seen = (await activity(name)).filter((one) => state === undefined || one.state === state);
  for (const { pid } of seen) await (await observer()).query('select pg_terminate_backend($1)', [pid]);
}
