import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { GraphQLObjectType, validateSchema } from 'graphql';
import { createSchema, printSchemaText } from '../../src/graphql/schema.ts';
import { buildCatalog } from '../../src/model/build-catalog.ts';
import type { Catalog } from '../../src/model/catalog.ts';
import type { Field, Operation } from '../../src/model/type.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { CATALOG, EMPTY_CATALOG } from './bank.ts';

function fieldNames(catalog: Catalog, type: string): readonly string[] {
  const found = createSchema(catalog, DEFAULT_POLICY).getType(type);
  assert.ok(found instanceof GraphQLObjectType, `no object type ${type}`);
  return Object.keys(found.getFields());
}

function catalogOf(
  names: readonly string[],
  fields: readonly Field[],
  operations: readonly Operation[] = [],
): Catalog {
  const collections = names.map((name) => ({
    name,
    fields,
    key: fields.slice(0, 1).map((field) => field.name),
  }));
  return buildCatalog([{ source: 'store', collections, operations }], []).catalog;
}

const id: Field = { name: 'id', type: { kind: 'int32' } };

describe('the GraphQL schema', () => {
  it('is derived from the catalog: every scalar, group, list, enum, key and relation has its place', (t) => {
    t.assert.fileSnapshot(printSchemaText(CATALOG), join(import.meta.dirname, 'bank.schema.txt'), {
      serializers: [String],
    });
  });

  it('is valid for every catalog', () => {
    for (const catalog of [CATALOG, EMPTY_CATALOG, catalogOf(['queries', 'ints', 'mutations'], [id])]) {
      assert.deepEqual(validateSchema(createSchema(catalog, DEFAULT_POLICY)), []);
    }
  });

  it('has a query field even when nothing is configured', () => {
    assert.deepEqual(fieldNames(EMPTY_CATALOG, 'Query'), ['_empty']);
  });

  it('gives every type a name of its own, whatever the collections are called', () => {
    const catalog = catalogOf(['longs', 'queries', 'pageInfos', 'customers', 'customerFilters'], [id]);
    const text = printSchemaText(catalog);
    for (const name of ['Long2', 'Query2', 'PageInfo2', 'CustomerFilter']) {
      assert.match(text, new RegExp(`^type ${name} \\{`, 'm'));
    }
    // The collection took the name that the filter of customers would have had.
    assert.match(text, /customers\([^)]*filter: CustomerFilter2/s);
  });

  it('offers no single item of a keyless collection', () => {
    assert.ok(fieldNames(CATALOG, 'Query').includes('postings'));
    assert.ok(!fieldNames(CATALOG, 'Query').includes('posting'));
  });

  it('leaves out groups without fields, which GraphQL cannot show', () => {
    assert.ok(!fieldNames(CATALOG, 'Customer').includes('filler'));
  });

  it('has a mutation only where an operation writes', () => {
    const read: Operation = {
      name: 'getScore',
      effect: 'read',
      idempotent: true,
      input: [id, { name: 'at', type: { kind: 'date' }, nullable: true }],
      output: { kind: 'decimal', precision: 5, scale: 2 },
    };
    const reading = catalogOf(['things'], [id], [read]);
    assert.equal(createSchema(reading, DEFAULT_POLICY).getMutationType() ?? undefined, undefined);
    assert.match(printSchemaText(reading), /getScore\(id: Int!, at: Date\): Decimal/);

    const writing = catalogOf(['things'], [id], [read, { ...read, name: 'setScore', effect: 'write' }]);
    assert.deepEqual(fieldNames(writing, 'Mutation'), ['setScore']);
    assert.ok(!fieldNames(writing, 'Query').includes('setScore'));
  });

  it('is the same text for the same catalog', () => {
    assert.equal(printSchemaText(CATALOG), printSchemaText(CATALOG));
  });
});
