// Requests per second of one collection with all that stands around it and without, measured in turns in one run. Ratios are the figures to quote.

import type { ChildProcess } from 'node:child_process';
import { benchGuardCost } from './guard-cost.ts';
import { type Installation, installation } from './installation.ts';
import { CONNECTIONS, end, type Figures, load, median, serve } from './serving.ts';

const PORT = 4770;
/** Short and many, so that what else the machine does meets all variants alike. */
const SECONDS = 2;
const ROUNDS = 7;

interface Case {
  readonly name: string;
  readonly path: string;
  readonly body?: string;
}

const CASES: readonly Case[] = [
  { name: 'REST list of 50', path: '/api/customers?first=50' },
  { name: 'REST item', path: '/api/customers/100000007' },
  {
    name: 'GraphQL list of 50 × 4 fields',
    path: '/graphql',
    body: JSON.stringify({
      query: '{ customers(first: 50) { items { custId custName { firstName lastName } status balance } } }',
    }),
  },
  {
    name: 'GraphQL item',
    path: '/graphql',
    body: JSON.stringify({
      query: '{ customer(custId: 100000007) { custId custName { firstName lastName } balance } }',
    }),
  },
];

interface Variant {
  readonly name: string;
  readonly url: string;
  /** What its client shows; a server that asks for nothing is sent as much. */
  readonly key: string;
}

/** The first is what all others are compared with: nothing that can be left out stands around its source. */
async function start(
  { config, log, key, restrictedKey }: Installation,
  children: ChildProcess[],
): Promise<readonly Variant[]> {
  const [bare, guarded, installed] = [0, 1, 2].map((i) => `http://127.0.0.1:${PORT + i}`);
  const sourceServer = async (i: number, options: string) =>
    children.push(
      await serve(
        'bench/guarded-server.ts',
        [String(PORT + i), options],
        `http://127.0.0.1:${PORT + i}/health/live`,
      ),
    );
  await sourceServer(0, '');
  await sourceServer(1, 'guards');
  const args = ['serve', '--config', config, '--port', String(PORT + 2)];
  children.push(await serve('src/main.ts', args, `${installed}/health/ready`, log));
  return [
    { name: 'nothing around it', url: bare ?? '', key },
    { name: 'guards of the source', url: guarded ?? '', key },
    { name: 'everything', url: installed ?? '', key },
    { name: 'everything, a row rule and a mask', url: installed ?? '', key: restrictedKey },
  ];
}

/** Prints one row for each case and variant. `rounds`: how often each is measured; the medians are told. */
export async function benchGuards(rounds = ROUNDS): Promise<void> {
  await benchGuardCost();
  using installed = installation();
  const children: ChildProcess[] = [];
  const rows: Record<string, Record<string, string>> = {};
  try {
    const variants = await start(installed, children);
    for (const one of CASES) {
      const measured = variants.map(({ name, url, key }) => ({
        name,
        figures: [] as Figures[],
        measure: () => load(url + one.path, { ...one, headers: { 'x-api-key': key } }, SECONDS),
      }));
      for (const { measure } of measured) await measure();
      for (let round = 0; round < rounds; round++) {
        for (const { figures, measure } of measured) figures.push(await measure());
      }
      const perSecond = (figures: readonly Figures[]) => median(figures.map((each) => each.perSecond));
      const floor = measured[0]?.figures ?? [];
      for (const { name, figures } of measured) {
        // Of one round both sides had the same machine.
        const ratios = figures.map((each, round) => each.perSecond / (floor[round]?.perSecond ?? Number.NaN));
        rows[`${one.name}: ${name}`] = {
          'req/s': perSecond(figures).toFixed(0),
          ratio: median(ratios).toFixed(2),
          'p99 ms': median(figures.map((each) => each.p99)).toFixed(0),
        };
      }
    }
  } finally {
    for (const child of children) await end(child);
  }
  console.log(
    `\nWhat stands around a source, ${CONNECTIONS} connections, medians of ${rounds} rounds of ${SECONDS} s in turns:`,
  );
  console.table(rows);
}

if (import.meta.main) await benchGuards();
