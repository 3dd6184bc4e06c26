import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../../adapters/memory/memory.ts';
import { ledger } from '../../../src/query/undertaking.ts';
import { undertaken } from '../../../src/run/sources/undertaken.ts';
import { Fault, type Source } from '../../../src/spi.ts';

const { signal } = new AbortController();
const kinds: Source['model']['operations'][number]['effect'][] = ['read', 'write'];

/** A source whose operations `read` and `write` throw what the test says. */
function failing(error: unknown): { readonly source: Source; readonly seen: object[] } {
  const seen: object[] = [];
  const source: Source = {
    ...memorySource([]),
    model: {
      collections: [],
      operations: kinds.map((effect) => ({
        name: effect,
        effect,
        idempotent: false,
        input: [],
        output: { kind: 'int32' },
      })),
    },
    invoke: async (_operation, _input, how) => {
      seen.push(how);
      throw error;
    },
  };
  return { source: undertaken(source), seen };
}

async function touchedBy(operation: string, error: unknown): Promise<string> {
  const book = ledger(() => {});
  const { source, seen } = failing(error);
  await assert.rejects(async () => source.invoke?.(operation, {}, { signal, undertaking: book }));
  assert.deepEqual(seen, [{ signal }], 'the adapter sees nothing of it');
  return book.touched();
}

describe('a source that is told to change something', () => {
  it('by an operation may have done so, unless it says itself what is wrong', async () => {
    for (const [fault, touched] of [
      [new Fault('unavailable', 'x', { code: 'connection-reset' }), 'unknown'],
      [new Fault('upstream', 'x'), 'unknown'],
      [new Fault('corrupt', 'x'), 'unknown'],
      [new TypeError('a bug'), 'unknown'],
      [new Fault('unsupported', 'x'), 'untouched'],
      [new Fault('conflict', 'x'), 'settled'],
      [new Fault('rejected', 'x', { sourceFault: { code: 'Client' } }), 'settled'],
    ] as const)
      assert.equal(await touchedBy('write', fault), touched, String(fault));
  });

  it('by an operation that only reads has changed nothing', async () => {
    assert.equal(await touchedBy('read', new Fault('unavailable', 'x')), 'untouched');
  });

  it('is the same source in everything else', () => {
    const source = memorySource([
      { name: 'a', fields: [], key: [], rows: [], watchable: true, writes: ['insert'] },
    ]);
    const same = { ...source, stale: () => undefined, version: () => 'v1' };
    assert.deepEqual(Object.keys(undertaken(same)).sort(), Object.keys(same).sort());
  });
});
