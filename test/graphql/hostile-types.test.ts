// Types as schemas really have them: every one refers to every other one, some have no value that ends.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertValidSchema, printSchema } from 'graphql';
import { createSchema } from '../../src/graphql/schema.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import { hasFiniteValue } from '../../src/model/finite.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { methodsOf, queryInput } from '../../src/rest/call.ts';
import { openapi } from '../../src/rest/openapi.ts';
import { type Field, type ObjectType, type Operation, scalarPaths } from '../../src/spi.ts';

const text: Field['type'] = { kind: 'string' };

function shared(name: string): ObjectType & { readonly fields: Field[] } {
  return { kind: 'object', name, shared: true, fields: [{ name: 'text', type: text }] };
}

/** `count` types of which each has a field of every other one. */
function tangle(count: number): readonly ObjectType[] {
  const types = Array.from({ length: count }, (_, i) => shared(`Part${i}`));
  for (const type of types) {
    for (const [i, other] of types.entries()) {
      if (other !== type) type.fields.push({ name: `part${i}`, type: other, nullable: true });
    }
  }
  return types;
}

const operation = (name: string, input: readonly Field[], output: Operation['output'] = text): Operation => ({
  name,
  effect: 'read',
  idempotent: true,
  input,
  output,
});

function catalogOf(operations: readonly Operation[], collections: readonly ObjectType[] = []) {
  const { catalog, problems } = buildCatalog(
    [
      {
        source: 'legacy',
        operations,
        collections: collections.map((row, i) => ({
          name: `rows${i}`,
          key: ['id'],
          fields: [
            { name: 'id', type: text },
            { name: 'part', type: row },
          ],
        })),
      },
    ],
    [],
  );
  assert.deepEqual(problems, []);
  return catalog;
}

const TITLE = { title: 'test', version: '0' };

describe('types that refer to each other', () => {
  const [first] = tangle(14);
  assert.ok(first);
  const catalog = catalogOf([operation('send', [{ name: 'part', type: first }], first)], [first]);

  it('make a catalog, a valid GraphQL schema and an OpenAPI document, each type once', () => {
    const schema = createSchema(catalog, DEFAULT_POLICY);
    assertValidSchema(schema);
    const types = [...printSchema(schema).matchAll(/^(?:type|input) (Part\d+(?:Input)?) /gm)].map(
      ([, name]) => name,
    );
    assert.equal(types.length, 28);
    assert.equal(new Set(types).size, 28);
    const document = JSON.stringify(openapi(catalog, DEFAULT_POLICY, TITLE));
    assert.equal(document.split('"Part13Input":').length, 2);
  });

  it('are filtered by the fields of the outermost one', () => {
    const row = catalog.collections.get('rows0');
    assert.deepEqual(
      scalarPaths(row?.fields ?? []).map(([path]) => path),
      ['id', 'part.text'],
    );
  });
});

describe('a type that must contain itself', () => {
  const endless = shared('Endless');
  endless.fields.push({ name: 'next', type: endless });
  const ends = shared('Ends');
  ends.fields.push({ name: 'next', type: { kind: 'list', of: ends } });

  it('has no value, unless what it must contain may be an empty list', () => {
    assert.equal(hasFiniteValue(endless), false);
    assert.equal(hasFiniteValue(ends), true);
    assert.equal(
      hasFiniteValue({
        kind: 'union',
        name: 'U',
        of: [
          { ...endless, tag: 'a' },
          { ...ends, tag: 'b' },
        ],
      }),
      true,
    );
  });

  it('leaves the rest of the GraphQL schema valid', () => {
    const catalog = catalogOf([
      operation('never', [{ name: 'part', type: endless }]),
      operation('without', [{ name: 'part', type: endless, nullable: true }]),
      operation('fine', [{ name: 'part', type: ends }]),
    ]);
    const schema = createSchema(catalog, DEFAULT_POLICY);
    assertValidSchema(schema);
    const fields = schema.getQueryType()?.getFields() ?? {};
    assert.deepEqual(Object.keys(fields), ['without', 'fine']);
    assert.deepEqual(fields['without']?.args, []);
  });
});

describe('names that every JavaScript object has', () => {
  for (const name of ['valueOf', 'constructor', 'toString', 'hasOwnProperty']) {
    it(`an argument "${name}" that is left out has no value`, () => {
      const [optional] = catalogOf([
        operation('ask', [{ name, type: text, nullable: true }]),
      ]).operations.values();
      assert.ok(optional);
      assert.deepEqual(queryInput(optional, ''), {});
      assert.deepEqual(queryInput(optional, `${name}=x`), { [name]: 'x' });
      const [needed] = catalogOf([operation('ask', [{ name, type: text }])]).operations.values();
      assert.ok(needed);
      assert.throws(() => queryInput(needed, ''), { kind: 'invalid', code: 'missing-argument' });
    });
  }
});

describe('the OpenAPI document', () => {
  const customer: ObjectType = {
    kind: 'object',
    name: 'Customer',
    shared: true,
    fields: [{ name: 'a', type: text }],
  };
  const input: ObjectType = {
    kind: 'object',
    name: 'CustomerInput',
    shared: true,
    fields: [{ name: 'b', type: text }],
  };
  const catalog = buildCatalog(
    [
      {
        source: 'legacy',
        collections: [{ name: 'orders', key: ['id'], fields: [{ name: 'id', type: text }] }],
        operations: [
          operation('getOrder', [{ name: 'customer', type: customer }], input),
          operation('listOrders', []),
          operation('find', [{ name: 'all', type: { kind: 'list', of: input } }], customer),
        ],
      },
    ],
    [],
  ).catalog;
  const document = openapi(catalog, DEFAULT_POLICY, TITLE);

  it('has each operationId once; collections keep theirs', () => {
    const ids = [...JSON.stringify(document).matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.includes('listOrders') && ids.includes('getOrder') && ids.includes('getOrder2'));
  });

  it('has another schema for a group as an argument than for any group of an answer', () => {
    const text = JSON.stringify(document);
    assert.match(text, /"CustomerInput":\{"type":"object","properties":\{"b"/);
    assert.match(text, /"CustomerInput2":\{"type":"object","required":\["a"\]/);
  });

  it('offers GET, as `Allow` does, only where all arguments fit into a query string', () => {
    const methods = Object.fromEntries(
      [...catalog.operations.values()].map((own) => [own.name, methodsOf(own)]),
    );
    assert.deepEqual(methods, {
      getOrder: ['GET', 'HEAD', 'POST', 'OPTIONS'],
      listOrders: ['GET', 'HEAD', 'POST', 'OPTIONS'],
      find: ['POST', 'OPTIONS'],
    });
  });
});
