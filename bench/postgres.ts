// The gateway over PostgreSQL beside express and pg with the same questions written by hand: an item by its key, a page of 50, a page of 50
// with one related row each. In turns in one run; ratios are the figures to quote.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { CONNECTIONS, end, type Figures, load, median, ROUNDS, SECONDS, serve } from './serving.ts';

const PORT = 4796;
const SCHEMA = 'overpunch_bench';
const SERVER = { host: '127.0.0.1', user: 'postgres', database: 'test' } as const;
const FIELDS = 'id customerId amount booked memo';

interface Case {
  readonly name: string;
  readonly path: string;
  readonly body?: string;
  readonly bare: string;
}

const CASES: readonly Case[] = [
  { name: 'REST item', path: '/api/postings/4711', bare: '/item/4711' },
  { name: 'REST page of 50', path: '/api/postings?first=50', bare: '/page' },
  { name: 'REST 50 × 1', path: '/api/postings?first=50&include=customer', bare: '/related' },
  graphql('GraphQL item', `{ posting(id: 4711) { ${FIELDS} } }`, '/item/4711'),
  graphql('GraphQL page of 50', `{ postings(first: 50) { items { ${FIELDS} } } }`, '/page'),
  graphql(
    'GraphQL 50 × 1',
    `{ postings(first: 50) { items { ${FIELDS} customer { id name city } } } }`,
    '/related',
  ),
];

function graphql(name: string, query: string, bare: string): Case {
  return { name, path: '/graphql', body: JSON.stringify({ query }), bare };
}

async function fill(client: pg.Client): Promise<void> {
  await client.query(`
    drop schema if exists ${SCHEMA} cascade;
    create schema ${SCHEMA};
    create table ${SCHEMA}.customer (id integer primary key, name varchar(40), city varchar(40));
    create table ${SCHEMA}.posting (id integer primary key, customer_id integer references ${SCHEMA}.customer,
      amount numeric(11,2), booked timestamp, memo varchar(60));
    insert into ${SCHEMA}.customer select i, 'Customer ' || i, 'City ' || i % 50 from generate_series(1, 5000) g(i);
    insert into ${SCHEMA}.posting select i, i * 7919 % 5000 + 1, i / 100.0, timestamp '2024-01-01' + i * interval '1 minute',
      'Posting number ' || i from generate_series(1, 100000) g(i);
    analyze ${SCHEMA}.customer; analyze ${SCHEMA}.posting`);
}

const CONFIG = `access: { development: true }
sources:
  ledger:
    adapter: postgres
    host: 127.0.0.1
    user: postgres
    database: test
    tls: false
    schemas: [${SCHEMA}]
    collections:
      customers: { table: ${SCHEMA}.customer }
      postings: { table: ${SCHEMA}.posting }
relations:
  postings.customer: { to: customers, on: { customerId: id } }
`;

/** Prints one row for each case; nothing but the reason where there is no server. */
export async function benchPostgres(): Promise<void> {
  const client = new pg.Client(SERVER);
  try {
    await client.connect();
  } catch {
    console.log('\nPostgreSQL: skipped, there is no server at 127.0.0.1:5432 (user postgres, database test)');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-postgres-'));
  try {
    await fill(client);
    const config = join(folder, 'overpunch.yaml');
    writeFileSync(config, CONFIG);
    console.log(
      `\nPostgreSQL, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds of ${SECONDS} s, against express and pg:`,
    );
    console.table(await measured(config));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await client.query(`drop schema if exists ${SCHEMA} cascade`);
    await client.end();
  }
}

async function measured(config: string): Promise<Record<string, Record<string, string>>> {
  const gateway = `http://127.0.0.1:${PORT}`;
  const bare = `http://127.0.0.1:${PORT + 1}`;
  const ours = await serve(
    'src/main.ts',
    ['serve', '-c', config, '--port', String(PORT)],
    `${gateway}/health/live`,
  );
  const theirs = await serve('bench/bare-postgres.ts', [String(PORT + 1), SCHEMA], bare);
  const rows: Record<string, Record<string, string>> = {};
  try {
    for (const one of CASES) {
      await load(gateway + one.path, one);
      await load(bare + one.bare, {});
      const a: Figures[] = [];
      const b: Figures[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        a.push(await load(gateway + one.path, one));
        b.push(await load(bare + one.bare, {}));
      }
      const of = (side: readonly Figures[], figure: keyof Figures): number =>
        median(side.map((f) => f[figure]));
      rows[one.name] = {
        'gateway req/s': of(a, 'perSecond').toFixed(0),
        'bare req/s': of(b, 'perSecond').toFixed(0),
        ratio: (of(a, 'perSecond') / of(b, 'perSecond')).toFixed(2),
        'gateway p99 ms': of(a, 'p99').toFixed(0),
        'bare p99 ms': of(b, 'p99').toFixed(0),
      };
    }
  } finally {
    await end(ours);
    await end(theirs);
  }
  return rows;
}
