// Unions and lists of groups in the GraphQL facade: what is asked for, what is counted, what is shown first.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse, validate } from 'graphql';
import { type MemoryCollection, memorySource } from '../../adapters/memory/memory.ts';
import { firstQuery } from '../../src/graphql/graphiql.ts';
import { createSchema, printSchemaText } from '../../src/graphql/schema.ts';
import { someFields } from '../../src/graphql/some-fields.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Collection, Field, Type } from '../../src/model/type.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import type { Request } from '../../src/query/request.ts';
import { createExecute } from '../../src/run/run.ts';
import { serve } from './serve.ts';

const INT = { kind: 'int32' } as const;
const text = (name: string): Field => ({ name, type: { kind: 'string' } });
const group = (fields: readonly Field[]) => ({ kind: 'object', name: 'GROUP', fields }) as const;
const listOf = (fields: readonly Field[]): Type => ({ kind: 'list', of: group(fields) });

const body: Type = {
  kind: 'union',
  name: 'BODY',
  of: [
    { ...group([text('a'), { name: 'deep', type: listOf([text('b')]) }]), tag: 'Full' },
    { ...group([]), tag: 'Empty' },
  ],
};
const records: MemoryCollection = {
  name: 'records',
  key: [],
  fields: [
    { name: 'body', type: body },
    { name: 'lines', type: listOf([text('text'), { ...text('raw'), alternate: true }]) },
    { name: 'nothing', type: { kind: 'list', of: { kind: 'union', name: 'NONE', of: [] } } },
  ],
  rows: [
    { body: { '@type': 'Full', a: '1', deep: [{ b: 'x' }] }, lines: [{ text: 't', raw: 'r' }] },
    { body: { '@type': 'Empty' }, lines: [] },
  ],
};

function catalogOf(...collections: readonly Collection[]) {
  const { catalog, problems } = buildCatalog([{ source: 's', collections, operations: [] }], []);
  assert.deepEqual(problems, []);
  return catalog;
}

async function ask(query: string, maxTokens = DEFAULT_POLICY.graphql.maxTokens) {
  const policy = {
    ...DEFAULT_POLICY,
    graphql: { ...DEFAULT_POLICY.graphql, maxDepth: 100, maxTokens, maxAliases: 100_000 },
  };
  const catalog = catalogOf(records);
  const requests: Request[] = [];
  const execute = createExecute({ catalog, policy, source: () => memorySource([records]) });
  await using graphql = await serve({
    catalog,
    policy,
    execute: (request, context) => {
      requests.push(request);
      return execute(request, context);
    },
  });
  const answer = await graphql.ask(query);
  return { ...answer, fields: requests.map(({ selection }) => selection.fields) };
}

describe('unions and lists of groups in GraphQL', () => {
  it('a union is read as a whole, whatever is selected in it, and not without being selected', async () => {
    const union = await ask(
      '{ records { items { a: body { __typename } b: body { ... on RecordBodyFull { a } } } } }',
    );
    assert.deepEqual([union.errors, union.fields], [[], [['body']]]);
    const [full, empty] = union.data.records.items;
    assert.deepEqual([full.b, empty.a, empty.b], [{ a: '1' }, { __typename: 'RecordBodyEmpty' }, {}]);
    assert.deepEqual((await ask('{ records { items { lines { text } } } }')).fields, [['lines.text']]);
  });

  it('another reading in the groups of a list is read when it is selected', async () => {
    const { errors, data, fields } = await ask(
      '{ records(first: 1) { items { lines { raw } more: lines { text } } } }',
    );
    assert.deepEqual([errors, fields], [[], [['lines.raw', 'lines.text']]]);
    assert.deepEqual(data.records.items, [{ lines: [{ raw: 'r' }], more: [{ text: 't' }] }]);
  });

  it('a list of which only the type name is selected is read as a whole', async () => {
    const { errors, data, fields } = await ask('{ records(first: 1) { items { lines { __typename } } } }');
    assert.deepEqual([errors, fields], [[], [['lines']]]);
    assert.deepEqual(data.records.items, [{ lines: [{ __typename: 'RecordLines' }] }]);
  });

  it('a member of a union without fields is there by its type; a union without members is not shown', async () => {
    const { errors, data } = await ask(
      '{ records { items { body { ... on RecordBodyEmpty { _empty } } } } }',
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(data.records.items, [{ body: {} }, { body: { _empty: null } }]);
    const schema = printSchemaText(catalogOf(records));
    assert.match(schema, /union RecordBody = RecordBodyFull \| RecordBodyEmpty/);
    assert.doesNotMatch(schema, /nothing/i);
  });

  it('fragments within unions and lists cannot make a short text select without end', async () => {
    const twenty = (inside: string) => Array.from({ length: 20 }, (_, i) => `f${i}: ${inside}`).join(' ');
    const inUnion = `{ records { items { ...R } } }
      fragment R on Record { ${twenty('body { ...B }')} }
      fragment B on RecordBodyFull { ${twenty('deep { ...D }')} }
      fragment D on RecordBodyFullDeep { ${twenty('b')} }`;
    const refused = await ask(inUnion, 1_000);
    assert.equal(refused.errors[0]?.extensions['code'], 'field-limit');
    assert.deepEqual((await ask(inUnion, 20_000)).errors, []);
    const inList = `{ records { items { ...R } } }
      fragment R on Record { ${twenty('lines { ...L }')} } fragment L on RecordLines { ${twenty('text')} }`;
    assert.equal((await ask(inList, 300)).errors[0]?.extensions['code'], 'field-limit');
  });

  it('a condition or an order inside a list or a union is none of the schema', async () => {
    for (const given of ['filter: { body: { a: { eq: "1" } } }', 'orderBy: [{ lines: { text: ASC } }]']) {
      const { status, errors } = await ask(`{ records(${given}) { items { body { __typename } } } }`);
      assert.equal(errors[0]?.extensions['kind'], 'invalid', `${status}`);
    }
  });

  it('the first query of GraphiQL is valid and shows something, whatever fields come first', () => {
    const shapes: readonly (readonly [readonly Field[], string])[] = [
      [records.fields, 'body { __typename }'],
      [[{ name: 'list', type: listOf([text('x'), text('y')]) }], 'list { x y }'],
      [
        [{ name: 'outer', type: group([{ name: 'inner', type: group([text('x')]) }]) }],
        'outer { inner { x } }',
      ],
      [
        [
          { name: 'filler', type: group([]) },
          { name: 'n', type: INT },
          { ...text('other'), alternate: true },
        ],
        'n',
      ],
      [
        [
          { name: 'body', type: body },
          { name: 'tags', type: { kind: 'list', of: INT } },
        ],
        'tags',
      ],
    ];
    for (const [fields, expected] of shapes) {
      assert.deepEqual(someFields(fields, 4), [expected]);
      const catalog = catalogOf({ name: 'records', key: [], fields });
      const errors = validate(createSchema(catalog, DEFAULT_POLICY), parse(firstQuery(catalog)));
      assert.deepEqual(errors, []);
      assert.ok(firstQuery(catalog).includes(expected));
    }
  });
});
