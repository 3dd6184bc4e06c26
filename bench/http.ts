// Requests per second and p99 of the demo's gateway beside a bare express handler that sends a ready buffer of the
// same bytes, measured in turns in one run. Ratios are the figures to quote: machines are noisy.

import { MAINFRAME_LOGIN, startMainframe } from '../test/fakes/mainframe.ts';
import { CONNECTIONS, end, type Figures, load, median, ROUNDS, SECONDS, serve } from './serving.ts';

const PORT = 4790;

const LIST_FIELDS =
  'custId custName { firstName lastName } address { street city country } branchCode status balance creditLimit overdraftCount';

interface Case {
  readonly name: string;
  readonly path: string;
  readonly body?: string;
}

const CASES: readonly Case[] = [
  { name: 'REST list of 50', path: '/api/customers?first=50' },
  { name: 'REST item', path: '/api/customers/100000007' },
  graphql('GraphQL list of 50 × 10 fields', `{ customers(first: 50) { items { ${LIST_FIELDS} } } }`),
  graphql(
    'GraphQL item',
    '{ customer(custId: 100000007) { custId custName { firstName lastName } balance } }',
  ),
];

function graphql(name: string, query: string): Case {
  return { name, path: '/graphql', body: JSON.stringify({ query }) };
}

// The demo's configuration names it; no case asks the ledger.
process.env['LEDGER_PASSWORD'] ||= 'none';
process.env['MAINFRAME_PASSWORD'] = MAINFRAME_LOGIN.password;

/** Prints one row for each case: both sides, medians of the rounds, and the ratio of requests per second. */
export async function benchHttp(): Promise<void> {
  const gateway = `http://127.0.0.1:${PORT}`;
  const bare = `http://127.0.0.1:${PORT + 1}`;
  // As overpunch.yaml says it; it is asked every ten seconds for what is new.
  await using _mainframe = await startMainframe({ port: 4012 });
  const server = await serve(
    'src/main.ts',
    ['serve', '-c', 'overpunch.yaml', '--port', String(PORT)],
    `${gateway}/health/live`,
  );
  const rows: Record<string, Record<string, string>> = {};
  try {
    for (const one of CASES) {
      const answer = await fetch(gateway + one.path, {
        ...(one.body === undefined
          ? {}
          : { method: 'POST', body: one.body, headers: { 'content-type': 'application/json' } }),
      });
      const bytes = Buffer.from(await answer.arrayBuffer());
      if (!answer.ok) throw new Error(`${one.name}: ${answer.status} ${bytes.toString()}`);
      const type = answer.headers.get('content-type') ?? 'application/json';
      const ready = await serve(
        'bench/ready-buffer.ts',
        [String(PORT + 1), type, bytes.toString('base64')],
        bare,
      );
      try {
        await load(gateway + one.path, one);
        const ours: Figures[] = [];
        const theirs: Figures[] = [];
        for (let round = 0; round < ROUNDS; round++) {
          ours.push(await load(gateway + one.path, one));
          theirs.push(await load(bare, one));
        }
        const [a, b] = [median(ours.map((f) => f.perSecond)), median(theirs.map((f) => f.perSecond))];
        rows[one.name] = {
          bytes: String(bytes.length),
          'gateway req/s': a.toFixed(0),
          'bare req/s': b.toFixed(0),
          ratio: (a / b).toFixed(2),
          'gateway p99 ms': median(ours.map((f) => f.p99)).toFixed(0),
          'bare p99 ms': median(theirs.map((f) => f.p99)).toFixed(0),
        };
      } finally {
        await end(ready);
      }
    }
  } finally {
    await end(server);
  }
  console.log(
    `\nHTTP, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds of ${SECONDS} s, against express sending a ready buffer:`,
  );
  console.table(rows);
}
