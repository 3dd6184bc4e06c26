// What an answer from memory saves: the gateway over PostgreSQL beside the same gateway where answers are kept, asked the same by 20 clients
// at once, without HTTP; by turns in one run. Where there is no server, rows of the memory adapter are asked for. Ratios are the figures to quote.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { adapters } from '../adapters/index.ts';
import { loadConfig } from '../src/config/config.ts';
import { createSecrets } from '../src/config/secrets.ts';
import { type Gateway, openGateway } from '../src/gateway.ts';
import type { Request } from '../src/query/request.ts';
import { median } from './serving.ts';

const SCHEMA = 'overpunch_cache_bench';
const SERVER = { host: '127.0.0.1', user: 'postgres', database: 'test' } as const;
const ROWS = 10_000;
const CLIENTS = 20;
const ROUNDS = 3;
const ROUND_MS = 1_500;

const KEPT = 'freshness: { collections: { postings: { maxAgeMs: 600000 } } }\n';

const PAGE = {
  where: [],
  order: [],
  count: false,
  selection: { fields: ['id', 'amount', 'memo'], include: [] },
};
const CASES: readonly { readonly name: string; readonly request: Request }[] = [
  { name: 'page of 50', request: { kind: 'list', collection: 'postings', first: 50, ...PAGE } },
  {
    name: 'item',
    request: { kind: 'item', collection: 'postings', key: [4_711], selection: PAGE.selection },
  },
];

/** The sources of a configuration, and how what was made for them is taken away again. */
async function prepared(): Promise<{ readonly of: string; readonly yaml: string; end(): Promise<void> }> {
  const client = new pg.Client(SERVER);
  try {
    await client.connect();
  } catch {
    const rows = Array.from({ length: ROWS }, (_, id) => ({ id, amount: `${id}.00`, memo: `Posting ${id}` }));
    const fields = '{ id: int32, amount: "decimal(11,2)", memo: string }';
    const yaml = `  ledger: { adapter: memory, collections: { postings: { key: [id], fields: ${fields}, rows: ${JSON.stringify(rows)} } } }\n`;
    return { of: 'the memory adapter', yaml, end: async () => {} };
  }
  await client.query(`
    drop schema if exists ${SCHEMA} cascade;
    create schema ${SCHEMA};
    create table ${SCHEMA}.posting (id integer primary key, amount numeric(11,2), memo varchar(60));
    insert into ${SCHEMA}.posting select i, i / 100.0, 'Posting ' || i from generate_series(0, ${ROWS - 1}) g(i);
    analyze ${SCHEMA}.posting`);
  return {
    of: 'PostgreSQL',
    yaml: `  ledger:
    adapter: postgres
    host: 127.0.0.1
    user: postgres
    database: test
    tls: false
    schemas: [${SCHEMA}]
    collections: { postings: { table: ${SCHEMA}.posting } }
`,
    async end() {
      await client.query(`drop schema if exists ${SCHEMA} cascade`);
      await client.end();
    },
  };
}

/** Answers a second, each read to its last row. */
async function answersPerSecond({ execute }: Gateway, request: Request): Promise<number> {
  const context = {
    requestId: 'bench',
    signal: new AbortController().signal,
    caller: { client: 'bench', roles: [], claims: {}, by: 'development' },
  } as const;
  const began = performance.now();
  let answers = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - began < ROUND_MS) {
      const { batches } = await execute(request, context);
      for await (const batch of batches) for (let i = 0; i < batch.length; i++) batch.row(i);
      answers++;
      // A client is somebody else: what comes from memory must not keep the others from their turn.
      if (answers % CLIENTS === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return (answers * 1_000) / (performance.now() - began);
}

async function opened(folder: string, name: string, text: string): Promise<Gateway> {
  writeFileSync(join(folder, name), text);
  const { config, problems } = await loadConfig(join(folder, name), adapters);
  if (config === undefined) throw new Error(JSON.stringify(problems));
  return await openGateway(config, createSecrets(folder, {}), () => {});
}

/** Prints one row for each case: answers a second with and without, medians of the rounds, and the ratio. */
export async function benchCache(): Promise<void> {
  const source = await prepared();
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-cache-'));
  try {
    const yaml = `access: { development: true }\nsources:\n${source.yaml}`;
    await using plain = await opened(folder, 'plain.yaml', yaml);
    await using kept = await opened(folder, 'kept.yaml', yaml + KEPT);
    const rows: Record<string, Record<string, string>> = {};
    for (const { name, request } of CASES) {
      const figures: { readonly hit: number; readonly asked: number }[] = [];
      for (let round = 0; round <= ROUNDS; round++) {
        const asked = await answersPerSecond(plain, request);
        const hit = await answersPerSecond(kept, request);
        // The first round warms up.
        if (round > 0) figures.push({ hit, asked });
      }
      const hit = median(figures.map((one) => one.hit));
      const asked = median(figures.map((one) => one.asked));
      rows[name] = {
        'kept answers/s': hit.toFixed(0),
        'asked answers/s': asked.toFixed(0),
        ratio: (hit / asked).toFixed(1),
      };
    }
    console.log(`\nAnswers from memory, beside those that ${source.of} is asked for:`);
    console.table(rows);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await source.end();
  }
}

if (import.meta.main) await benchCache();
