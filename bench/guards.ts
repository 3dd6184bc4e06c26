// Requests per second with what stands around a source and without, measured in turns in one run. Ratios are the figures to quote.

import type { ChildProcess } from 'node:child_process';
import { benchGuardCost } from './guard-cost.ts';
import { CONNECTIONS, end, type Figures, load, median, serve } from './serving.ts';

const PORT = 4770;
/** Short and many, so that what else the machine does meets all variants alike. */
const SECONDS = 2;
const ROUNDS = 7;

/** What is compared with the first of them: names of options of `guarded-server.ts`. */
const VARIANTS: readonly (readonly string[])[] = [[], ['guards']];

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
];

interface Running {
  readonly name: string;
  readonly url: string;
  readonly child: ChildProcess;
}

/** Prints one row for each case and variant. `rounds`: how often each is measured; the medians are told. */
export async function benchGuards(rounds = ROUNDS): Promise<void> {
  await benchGuardCost();
  const running: Running[] = [];
  const rows: Record<string, Record<string, string>> = {};
  try {
    for (const [i, options] of VARIANTS.entries()) {
      const url = `http://127.0.0.1:${PORT + i}`;
      const args = [String(PORT + i), options.join(',')];
      const child = await serve('bench/guarded-server.ts', args, `${url}/health/live`);
      running.push({ name: options.length === 0 ? 'the bare source' : options.join(' + '), url, child });
    }
    for (const one of CASES) {
      const measured = running.map((server) => ({ server, figures: [] as Figures[] }));
      for (const { server } of measured) await load(server.url + one.path, one, SECONDS);
      for (let round = 0; round < rounds; round++) {
        for (const { server, figures } of measured)
          figures.push(await load(server.url + one.path, one, SECONDS));
      }
      const perSecond = (figures: readonly Figures[]) => median(figures.map((each) => each.perSecond));
      const floor = perSecond(measured[0]?.figures ?? []);
      for (const { server, figures } of measured) {
        rows[`${one.name}: ${server.name}`] = {
          'req/s': perSecond(figures).toFixed(0),
          ratio: (perSecond(figures) / floor).toFixed(2),
          'p99 ms': median(figures.map((each) => each.p99)).toFixed(0),
        };
      }
    }
  } finally {
    for (const { child } of running) await end(child);
  }
  console.log(
    `\nWhat stands around a source, ${CONNECTIONS} connections, medians of ${rounds} rounds of ${SECONDS} s in turns:`,
  );
  console.table(rows);
}

if (import.meta.main) await benchGuards();
