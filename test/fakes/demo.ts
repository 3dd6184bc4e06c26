// `npm start`: the stand-ins of the demo's legacy hosts on loopback ports, and the gateway before them, in one process. What stands
// behind the command goes to `overpunch serve`. What was written to the ledger is forgotten when it ends.

import { enableCompileCache } from 'node:module';

/** As in overpunch.yaml. */
const SCORING_PORT = 4010;
const LEDGER_PORT = 4011;
const MAINFRAME_PORT = 4012;

// As main.ts does it: its stand-ins are loaded before it.
enableCompileCache();
const [{ startScoring }, { LEDGER_LOGIN, startLedger }, { MAINFRAME_LOGIN, startMainframe }] =
  await Promise.all([import('./scoring-service.ts'), import('./ledger.ts'), import('./mainframe.ts')]);

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

/** That of the environment, or one that is set there. */
function passwordOf(name: string, otherwise: string): string {
  const password = process.env[name] || otherwise;
  process.env[name] = password;
  return password;
}

const ledger = { port: LEDGER_PORT, password: passwordOf('LEDGER_PASSWORD', LEDGER_LOGIN.password) };
const mainframe = {
  port: MAINFRAME_PORT,
  password: passwordOf('MAINFRAME_PASSWORD', MAINFRAME_LOGIN.password),
};
await Promise.all([
  started('credit-scoring service', SCORING_PORT, () => startScoring({ port: SCORING_PORT })),
  started('SQL Server', LEDGER_PORT, () => startLedger(ledger)),
  started('SFTP server', MAINFRAME_PORT, () => startMainframe(mainframe)),
]);

process.argv.splice(2, 0, 'serve', '-c', 'overpunch.yaml');
await import('../../src/main.ts');
