// Changes in the OpenAPI document: where they are claimed, and as they are told.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { problemOf } from '../../src/http/problem.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { Happening } from '../../src/query/watching.ts';
import { eventText } from '../../src/rest/changes-format.ts';
import { parseChanges } from '../../src/rest/changes-request.ts';
import { openapi } from '../../src/rest/openapi.ts';
import { bank } from './bank.ts';
import { violations } from './json-schema.ts';

function bankWith(watchable: readonly string[]): Catalog {
  const { catalog } = bank();
  const collections = new Map(
    [...catalog.collections].map(([name, one]) => [name, { ...one, watchable: watchable.includes(name) }]),
  );
  return { ...catalog, collections };
}

function documentOf(catalog: Catalog) {
  return JSON.parse(JSON.stringify(openapi(catalog, DEFAULT_POLICY, { title: 't', version: '1' })));
}

describe('changes in the OpenAPI document', () => {
  it('stand where they are claimed, under names of their own', () => {
    const { paths, components } = documentOf(bankWith(['accounts', 'events']));
    const found = Object.keys(paths).filter((path) => path.endsWith('/changes'));
    assert.deepEqual(found, ['/api/accounts/changes', '/api/events/changes']);
    assert.deepEqual(
      found.map((path) => paths[path].get.operationId),
      ['watchAccounts', 'watchEvents'],
    );
    assert.deepEqual(
      Object.keys(components.schemas).filter((name) => name.endsWith('Change')),
      ['AccountChange', 'EventChange'],
    );
    assert.deepEqual(components.schemas.EventChange.properties.kind.enum, ['reset', 'position']);
    assert.deepEqual(Object.keys(components.schemas.EventChange.properties), ['kind', 'asOf', 'position']);
    const none = documentOf(bankWith([]));
    assert.ok(!Object.keys(none.paths).some((path) => path.endsWith('/changes')));
  });

  it('have the schema of what is told', () => {
    const catalog = bankWith(['accounts']);
    const document = documentOf(catalog);
    const accounts = catalog.collections.get('accounts') ?? assert.fail();
    const asked = parseChanges(
      accounts,
      { url: '/api/accounts/changes', accept: undefined, lastEventId: undefined },
      catalog,
    );
    const text = eventText(asked, catalog, (fault) => problemOf(fault, '/api/accounts/changes', 'r'));
    const row = { bank: 'A', number: 9_007_199_254_740_993n, custId: 'C', balance: '1.00' };
    const item = { row, related: new Map(), cursor: '' };
    const key = ['A', 9_007_199_254_740_993n];
    const broken = { ...item, row: { ...row, balance: new Fault('corrupt', 'no digit', { record: 1 }) } };
    const happenings: readonly Happening[] = [
      { kind: 'insert', key, item, position: '1', asOf: '2026-01-01T00:00:00Z' },
      { kind: 'update', key, item, changed: ['balance'], position: '2' },
      { kind: 'update', key, item: broken, changed: ['balance'], position: '3' },
      { kind: 'delete', key, position: '4' },
      { kind: 'reset', position: '5' },
      { kind: 'position', position: '6' },
    ];
    for (const happening of happenings) {
      const told: unknown = JSON.parse(text(happening));
      assert.deepEqual(violations(document, { $ref: '#/components/schemas/AccountChange' }, told), []);
    }
    const { kind: _, ...unnamed } = JSON.parse(text(happenings[0] ?? assert.fail()));
    assert.notDeepEqual(violations(document, { $ref: '#/components/schemas/AccountChange' }, unnamed), []);
  });
});
