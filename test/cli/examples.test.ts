import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEVELOPER } from '../../src/auth/developer.ts';
import { examples, firstKey, showcase } from '../../src/cli/examples.ts';
import { Fault } from '../../src/fault.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Field } from '../../src/model/type.ts';

function catalogOf(
  collections: readonly { name: string; key: readonly string[]; fields: readonly Field[] }[],
) {
  return buildCatalog([{ source: 's', collections, operations: [] }], []).catalog;
}

describe('the requests to paste', () => {
  it('show a collection without a key as a list', () => {
    const catalog = catalogOf([
      { name: 'logs', key: [], fields: [{ name: 'text', type: { kind: 'string' } }] },
    ]);
    const collection = showcase(catalog);
    assert.ok(collection);
    assert.deepEqual(examples(catalog, 'http://h', collection), [
      "curl -G 'http://h/api/logs' -d first=3 --data-urlencode 'filter=text isNull false'",
      "curl 'http://h/api/logs?first=1'",
      `curl 'http://h/graphql' -H 'content-type: application/json' -d '{"query":"{ logs(first: 2) { items { text } } }"}'`,
    ]);
  });

  it('filter an enum by one of its names', () => {
    const status = { kind: 'enum', name: 'Status', values: ['OPEN', 'CLOSED'] } as const;
    const catalog = catalogOf([
      {
        name: 'orders',
        key: ['id'],
        fields: [
          { name: 'id', type: { kind: 'int64' } },
          { name: 'status', type: status },
        ],
      },
    ]);
    const collection = showcase(catalog);
    assert.ok(collection);
    const [list = '', item = ''] = examples(catalog, 'http://h', collection, { key: [7n] });
    assert.match(list, /filter=status eq '\\''OPEN'\\'''$/);
    assert.equal(item, "curl 'http://h/api/orders/7'");
  });

  it('do without a key when the source does not answer', async () => {
    const catalog = catalogOf([
      { name: 'a', key: ['id'], fields: [{ name: 'id', type: { kind: 'int64' } }] },
    ]);
    const collection = showcase(catalog);
    assert.ok(collection);
    const down = async () => {
      throw new Fault('unavailable', 'down');
    };
    assert.equal(
      await firstKey(collection, down, { caller: DEVELOPER, signal: AbortSignal.timeout(1000) }),
      undefined,
    );
  });

  it('are none for a catalog without collections', () => {
    assert.equal(showcase(catalogOf([])), undefined);
  });
});
