import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import { parseDecimal } from '../../src/model/decimal.ts';
import type { Scalar } from '../../src/model/type.ts';
import { parseScalar } from '../../src/model/value.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { exampleOf } from '../../src/query/literal.ts';
import { openapi } from '../../src/rest/openapi.ts';
import { schemaOf } from '../../src/rest/openapi-schema.ts';
import { bank } from './bank.ts';

const { catalog, policy } = bank();
// The document as a client gets it.
const document: unknown = JSON.parse(
  JSON.stringify(openapi(catalog, policy, { title: 'Bank', version: '1' })),
);

/** The value behind a path of members; fails where there is none. */
function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((inner: unknown, step) => {
    assert.ok(isObject(inner) && Object.hasOwn(inner, step), `${path.join(' → ')}: no ${step}`);
    return inner[step];
  }, value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every object of the document with the names that lead to it. */
function* objects(
  value: unknown,
  path: readonly string[] = [],
): Generator<readonly [readonly string[], Record<string, unknown>]> {
  if (Array.isArray(value))
    for (const [i, inner] of value.entries()) yield* objects(inner, [...path, String(i)]);
  if (!isObject(value)) return;
  yield [path, value];
  for (const [name, inner] of Object.entries(value)) yield* objects(inner, [...path, name]);
}

function operations(): readonly (readonly [string, Record<string, unknown>])[] {
  const paths = at(document, 'paths');
  assert.ok(isObject(paths));
  return Object.keys(paths).map((path) => {
    const operation = at(document, 'paths', path, 'get');
    assert.ok(isObject(operation));
    return [path, operation];
  });
}

function parametersOf(operation: Record<string, unknown>): readonly Record<string, unknown>[] {
  const list = operation['parameters'];
  assert.ok(Array.isArray(list));
  return list.map((parameter: unknown) => {
    assert.ok(isObject(parameter));
    const reference = parameter['$ref'];
    const resolved =
      typeof reference === 'string' ? at(document, ...reference.slice(2).split('/')) : parameter;
    assert.ok(isObject(resolved));
    return resolved;
  });
}

describe('the OpenAPI document', () => {
  it('says which version it is and has the parts that 3.1 requires', () => {
    assert.match(String(at(document, 'openapi')), /^3\.1\.\d+$/);
    assert.deepEqual([at(document, 'info', 'title'), at(document, 'info', 'version')], ['Bank', '1']);
  });

  it('every reference leads somewhere', () => {
    let references = 0;
    for (const [, object] of objects(document)) {
      const reference = object['$ref'];
      if (typeof reference !== 'string') continue;
      references++;
      assert.match(reference, /^#\//);
      at(document, ...reference.slice(2).split('/'));
    }
    assert.ok(references > 20);
  });

  it('has a path for each list and, where there is a key, for its items', () => {
    assert.deepEqual(
      operations().map(([path]) => path),
      [
        '/api/customers',
        '/api/customers/{custId}',
        '/api/accounts',
        '/api/accounts/{bank},{number}',
        '/api/events',
      ],
    );
  });

  it('operation ids are unique, and every operation has described responses', () => {
    const ids = operations().map(([, operation]) => operation['operationId']);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, { responses }] of operations()) {
      assert.ok(isObject(responses) && '200' in responses && 'default' in responses);
      for (const [status, response] of Object.entries(responses)) {
        assert.match(status, /^([1-5]\d\d|default)$/);
        assert.ok(isObject(response) && ('$ref' in response || typeof response['description'] === 'string'));
      }
    }
  });

  it('parameters of a path are exactly those of its template, and each place and name occurs once', () => {
    for (const [path, operation] of operations()) {
      const parameters = parametersOf(operation);
      const inPath = parameters.filter((parameter) => parameter['in'] === 'path');
      assert.deepEqual(
        inPath.map((parameter) => parameter['name']),
        [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name),
      );
      assert.ok(inPath.every((parameter) => parameter['required'] === true));
      const names = parameters.map((parameter) => `${parameter['in']} ${parameter['name']}`);
      assert.equal(new Set(names).size, names.length);
      for (const parameter of parameters) assert.ok(isObject(parameter['schema']), String(parameter['name']));
    }
  });

  it('component names are of the characters that 3.1 allows', () => {
    const components = at(document, 'components');
    assert.ok(isObject(components));
    for (const part of Object.values(components)) {
      assert.ok(isObject(part));
      for (const name of Object.keys(part)) assert.match(name, /^[a-zA-Z0-9._-]+$/);
    }
  });

  it('schema types are those of JSON Schema, and nothing of OpenAPI 3.0 is left', () => {
    const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer'];
    const schemas = at(document, 'components', 'schemas');
    for (const [path, schema] of objects(schemas)) {
      if (path.at(-1) === 'properties') continue;
      assert.ok(!('nullable' in schema) && !('example' in schema), path.join('.'));
      const type = schema['type'];
      for (const name of Array.isArray(type) ? type : typeof type === 'string' ? [type] : []) {
        assert.ok(TYPES.includes(String(name)), `${path.join('.')}: ${name}`);
      }
      if (type === 'array') assert.ok('items' in schema, path.join('.'));
    }
  });

  it('a row has its fields, its relations, and the rest of a page of related rows', () => {
    const row = at(document, 'components', 'schemas', 'Customer', 'properties');
    assert.deepEqual(at(row, 'name', 'type'), ['string', 'null']);
    assert.deepEqual(at(row, 'balance', 'pattern'), '^-?[0-9]{1,9}\\.[0-9]{2}$');
    assert.equal(at(row, 'status', '$ref'), '#/components/schemas/CustomerStatus');
    assert.equal(at(row, 'address', '$ref'), '#/components/schemas/CustomerAddress');
    assert.equal(at(row, 'accounts', 'items', '$ref'), '#/components/schemas/Account');
    assert.equal(at(row, 'accounts@nextLink', 'type'), 'string');
    assert.match(String(at(row, 'custId', 'description')), /CUST-ID/);
  });

  it('says which operators each field takes, and the limits of the policy', () => {
    const [, list] = operations()[0] ?? assert.fail();
    const filter = parametersOf(list).find(({ name }) => name === 'filter');
    assert.match(
      String(filter?.['description']),
      /`balance` \(decimal\(11,2\)\): eq ne gt gte lt lte in isNull/,
    );
    assert.equal(at(document, 'components', 'parameters', 'first', 'schema', 'maximum'), policy.page.maxRows);
  });

  it('unions are told apart by a discriminator, lists and documents have their forms', () => {
    const source = buildCatalog(
      [
        {
          source: 's',
          operations: [],
          collections: [
            {
              name: 'records',
              key: [],
              fields: [
                {
                  name: 'body',
                  type: {
                    kind: 'union',
                    name: 'Body',
                    of: [
                      {
                        kind: 'object',
                        name: 'Head',
                        tag: 'Head',
                        fields: [{ name: 'a', type: { kind: 'int32' } }],
                      },
                      {
                        kind: 'object',
                        name: 'Tail',
                        tag: 'Tail',
                        fields: [{ name: 'extra', type: { kind: 'json' } }],
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      [],
    );
    const other: unknown = openapi(source.catalog, DEFAULT_POLICY, { title: 't', version: '1' });
    const schemas = at(other, 'components', 'schemas');
    assert.deepEqual(at(schemas, 'Record', 'properties', 'body'), {
      $ref: '#/components/schemas/RecordBody',
    });
    assert.equal(at(schemas, 'RecordBody', 'discriminator', 'propertyName'), '@type');
    assert.equal(at(schemas, 'RecordBodyHead', 'properties', '@type', 'const'), 'Head');
    assert.deepEqual(at(schemas, 'RecordBodyTail', 'properties', 'extra'), {});
  });

  const scalars: readonly Scalar[] = [
    { kind: 'boolean' },
    { kind: 'int32' },
    { kind: 'int64' },
    { kind: 'float64' },
    { kind: 'date' },
    { kind: 'time' },
    { kind: 'timestamp' },
    { kind: 'instant' },
    { kind: 'bytes' },
    { kind: 'string' },
    { kind: 'enum', name: 'E', values: ['A'] },
    ...[
      [1, 0],
      [1, 1],
      [3, 3],
      [11, 2],
      [31, 0],
    ].map(([precision = 1, scale = 0]): Scalar => ({ kind: 'decimal', precision, scale })),
  ];
  for (const type of scalars) {
    it(`the example of ${JSON.stringify(type)} is a value of it`, () => {
      const example = exampleOf(type);
      assert.notEqual(parseScalar(type, example), undefined);
      const { pattern } = schemaOf(type);
      if (typeof pattern === 'string') assert.match(example, new RegExp(pattern));
      if (type.kind === 'decimal') assert.equal(parseDecimal(example), example);
    });
  }
});
