// `npm start`: the stand-ins of the demo's legacy hosts on loopback ports, and the gateway before them, in one process. What stands
// behind the command goes to `overpunch serve`. What was written to the ledger is forgotten when it ends.

import { enableCompileCache } from 'node:module';

/** As in overpunch.yaml. */
const SCORING_PORT = 4010;
const LEDGER_PORT = 4011;

// As main.ts does it: its stand-ins are loaded before it.
enableCompileCache();
const [{ startScoring }, { LEDGER_LOGIN, startLedger }] = await Promise.all([
  import('./scoring-service.ts'),
  import('./ledger.ts'),
]);

/** Another program has the port, perhaps another demo: the gateway starts all the same, and asks that program. */
async function started(name: string, port: number, start: () => Promise<unknown>): Promise<void> {
  try {
    await start();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    const why = code === 'EADDRINUSE' ? 'another program listens there; it is asked instead' : code;
    console.error(`The demo's ${name} cannot listen on port ${port}: ${why}`);
  }
}

const password = process.env['LEDGER_PASSWORD'] || LEDGER_LOGIN.password;
process.env['LEDGER_PASSWORD'] = password;
await Promise.all([
  started('credit-scoring service', SCORING_PORT, () => startScoring({ port: SCORING_PORT })),
  started('SQL Server', LEDGER_PORT, () => startLedger({ port: LEDGER_PORT, password })),
]);

process.argv.splice(2, 0, 'serve', '-c', 'overpunch.yaml');
await import('../../src/main.ts');
