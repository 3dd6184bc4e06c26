import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memorySource } from '../../adapters/memory/memory.ts';
import { decorated } from '../../src/guard/decorated.ts';

const plain = memorySource([{ name: 'a', fields: [], key: [], rows: [] }]);
const all = {
  ...plain,
  stale: () => undefined,
  version: (collection: string) => `${collection} 1`,
  write: async () => [],
  invoke: async () => 'answer',
  async *watch() {},
};

describe('what stands around a source', () => {
  it('adds no claim that the source does not make', () => {
    const { write: _, watch: __, ...silent } = plain;
    const around = decorated(silent, { write: (write) => write, watch: (watch) => watch });
    assert.deepEqual(['write' in around, 'watch' in around, 'invoke' in around], [false, false, false]);
  });

  it('lets through what it says nothing of', async () => {
    const around = decorated(all, {});
    assert.deepEqual(Object.keys(around).sort(), Object.keys(all).sort());
    assert.equal(around.version?.('a'), 'a 1');
    assert.equal(await around.invoke?.('x', {}, { signal: new AbortController().signal }), 'answer');
  });

  it('is told before the source is disposed of', async () => {
    const order: string[] = [];
    const source = { ...all, [Symbol.asyncDispose]: async () => void order.push('source') };
    await decorated(source, { end: () => void order.push('around') })[Symbol.asyncDispose]();
    assert.deepEqual(order, ['around', 'source']);
  });
});
