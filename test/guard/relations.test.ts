import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../adapters/memory/memory.ts';
import { createGuards } from '../../src/guard/guard.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { ListRequest } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';
import { NEVER } from './sources.ts';

const int32 = { kind: 'int32' } as const;

/** A host that takes one session: rows of two of its collections, which belong together. */
function oneSession() {
  const host = memorySource([
    {
      name: 'customers',
      // In their own order, which nobody need sort them into.
      key: [],
      fields: [{ name: 'id', type: int32 }],
      // Several batches, so that the first is answered while the rest is still to come.
      rows: Array.from({ length: 1_000 }, (_, i) => ({ id: i })),
    },
    {
      name: 'accounts',
      key: ['no'],
      fields: [
        { name: 'no', type: int32 },
        { name: 'custId', type: int32 },
      ],
      rows: Array.from({ length: 1_000 }, (_, i) => ({ no: i, custId: i })),
    },
  ]);
  const { catalog, problems } = buildCatalog(
    [{ source: 'host', ...host.model }],
    [{ from: 'customers.accounts', to: 'accounts', on: { id: 'custId' } }],
    new Set(),
  );
  assert.deepEqual(problems, []);
  const guards = createGuards({
    source: 'host',
    timeoutMs: 5_000,
    concurrency: 1,
    queue: 100,
    queueMs: 4_000,
  });
  const guarded = guards.around(host);
  return createExecute({ catalog, policy: DEFAULT_POLICY, source: () => guarded });
}

const REQUEST: ListRequest = {
  kind: 'list',
  collection: 'customers',
  where: [],
  order: [],
  first: 'all',
  count: false,
  selection: {
    fields: ['id'],
    include: [
      {
        as: 'accounts',
        relation: 'accounts',
        where: [],
        order: [],
        count: false,
        selection: { fields: ['no'], include: [] },
      },
    ],
  },
};

describe('related rows of a host that takes one session', () => {
  it('are read while the rows that they belong to are on their way, for several clients side by side', async () => {
    const execute = oneSession();
    const rows = async (client: number): Promise<number> => {
      const { batches } = await execute(REQUEST, { requestId: `r${client}`, signal: NEVER });
      let found = 0;
      for await (const batch of batches) {
        for (let i = 0; i < batch.length; i++) {
          const related = batch.related?.(i).get('accounts');
          assert.ok(related != null && 'items' in related, String(related));
          found += related.items.length;
        }
      }
      return found;
    };
    assert.deepEqual(await Promise.all([1, 2, 3].map(rows)), [1_000, 1_000, 1_000]);
  });
});
