// What `overpunch import db ledger` saves of the demo's SQL Server.

import { readCatalog } from '../../adapters/mssql/catalog.ts';
import { connectionConfig } from '../../adapters/mssql/connect.ts';
import { options } from '../../adapters/mssql/options.ts';
import { modelText } from '../../adapters/sql/model.ts';
import { LEDGER_LOGIN, startLedger } from './ledger.ts';

/** The text of schemas/ledger.model.json. */
export async function ledgerModel(): Promise<string> {
  await using server = await startLedger();
  const { user, database, password } = LEDGER_LOGIN;
  const connection = await connectionConfig(
    options.parse({
      host: '127.0.0.1',
      port: server.port,
      database,
      user,
      password: { env: 'LEDGER_PASSWORD' },
      tls: false,
      collections: {},
    }),
    { source: 'ledger', path: (relative) => relative, secret: async () => password, sliceMs: 10 },
  );
  return modelText(await readCatalog(connection, undefined, AbortSignal.timeout(60_000)));
}
