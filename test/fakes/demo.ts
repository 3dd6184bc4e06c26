// `npm start`: the stand-ins of the demo's legacy hosts on loopback ports, and the gateway before them, in one process. What stands
// behind the command goes to `overpunch serve`.

import { startScoring } from './scoring-service.ts';

/** As in overpunch.yaml. */
const SCORING_PORT = 4010;

try {
  await startScoring({ port: SCORING_PORT });
} catch (error) {
  // Another program has the port, perhaps another demo: the gateway starts all the same, its source may then be down.
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  console.error(`The demo's credit-scoring service cannot listen on port ${SCORING_PORT}: ${code}`);
}

process.argv.splice(2, 0, 'serve', '-c', 'overpunch.yaml');
await import('../../src/main.ts');
