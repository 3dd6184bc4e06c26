// What the guards cost one read inside the process, beside the same read of the bare source.

import { memorySource } from '../adapters/memory/memory.ts';
import { createGuards, guardSettings } from '../src/guard/guard.ts';
import { DEFAULT_POLICY } from '../src/policy.ts';
import type { Source } from '../src/spi.ts';
import { median } from './serving.ts';

const READS = 20_000;
const TURNS = 9;
const never = new AbortController().signal;

/** Of one read of one row, in microseconds. */
async function microseconds(source: Source): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < READS; i++) {
    const access = source.access({ collection: 'things', where: [], order: [] });
    for await (const _ of access.read({ fields: ['id'], signal: never }));
  }
  return ((performance.now() - began) / READS) * 1_000;
}

/** Prints microseconds per read for each of the variants, medians of turns. */
export async function benchGuardCost(): Promise<void> {
  const bare = memorySource([
    { name: 'things', key: ['id'], fields: [{ name: 'id', type: { kind: 'int32' } }], rows: [{ id: 1 }] },
  ]);
  const settings = guardSettings('s', DEFAULT_POLICY.source, {
    quiet: [{ from: '02:00', to: '02:01', timeZone: 'UTC', serve: 'nothing' }],
    budget: { calls: 1_000_000_000, rows: 1_000_000_000, timeZone: 'UTC' },
  });
  const variants = {
    'the bare source': bare,
    'deadline of answers alone': createGuards({ source: 's', timeoutMs: 30_000 }).around(bare),
    'all guards': createGuards(settings).around(bare),
    'all guards, observed': createGuards({ ...settings, observe: () => {} }).around(bare),
  };
  const turns = Object.entries(variants).map(([name, source]) => ({ name, source, figures: [] as number[] }));
  for (let turn = 0; turn < TURNS; turn++) {
    for (const { source, figures } of turns) figures.push(await microseconds(source));
  }
  console.log(`\nOne read of one row in the process, medians of ${TURNS} turns of ${READS} reads:`);
  console.table(
    Object.fromEntries(turns.map(({ name, figures }) => [name, { µs: median(figures).toFixed(1) }])),
  );
}

if (import.meta.main) await benchGuardCost();
