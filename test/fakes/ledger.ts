// The demo's SQL Server: the stand-in, filled from fixtures/ledger.sql. It lives in memory: what is written to it is forgotten when it ends.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StandIn, standIn } from './tds/server.ts';

export const LEDGER = join(import.meta.dirname, '..', '..', 'fixtures', 'ledger.sql');

/** As in overpunch.yaml, where the password is that of the environment. */
export const LEDGER_LOGIN = { user: 'gateway', password: 'punched-card', database: 'BANK' } as const;

/** Port 0 takes any free one. Rejects with the error of the socket where the port is taken. */
export async function startLedger({
  port = 0,
  password = LEDGER_LOGIN.password,
}: {
  readonly port?: number;
  readonly password?: string;
} = {}): Promise<StandIn> {
  const server = await standIn({ ...LEDGER_LOGIN, port, password });
  server.run(readFileSync(LEDGER, 'utf8'));
  return server;
}
