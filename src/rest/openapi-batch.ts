// Knows: how several changes in one request stand in the OpenAPI document: `POST /api`.
// Must not know: the writes of single collections.

import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import type { Policy } from '../policy.ts';
import { writtenFields } from '../query/change.ts';
import { CHANGE_MEMBERS, expectedFields, keyFields } from './batch.ts';
import { type OpenapiNames, WRITE_ALL_ID } from './openapi-names.ts';
import { groupInput } from './openapi-operations.ts';
import { parameterRef, type Schema } from './openapi-schema.ts';
import { bodyOf, headersOf, JSON_TYPE, problemsOf } from './openapi-write-parts.ts';
import { API, isWritable } from './routes.ts';

/** No collection has this name: it has a blank in it. */
export const CHANGES_TAG = 'several changes';

/** `POST /api`, where anything can be written. */
export function batchPath(
  catalog: Catalog,
  names: OpenapiNames,
  { write }: Policy,
): Readonly<Record<string, Schema>> {
  if (!isWritable(catalog)) return {};
  const changes = [...catalog.collections.values()].flatMap((collection) => changesOf(collection, names));
  return {
    [API]: {
      post: {
        operationId: WRITE_ALL_ID,
        tags: [CHANGES_TAG],
        summary: 'Makes several changes in one transaction: all or none',
        description:
          'Collections of one source. A change that cannot be made is named by `record` of the problem, the first is 1; `expected` are values that its row must still have.',
        parameters: [parameterRef('prefer'), parameterRef('idempotencyKey')],
        requestBody: bodyOf({
          type: 'object',
          required: ['changes'],
          properties: {
            changes: { type: 'array', minItems: 1, maxItems: write.maxChanges, items: { oneOf: changes } },
          },
          additionalProperties: false,
        }),
        responses: {
          '200': {
            description: 'What came of the changes, in their order',
            headers: headersOf('XRequestId'),
            content: { [JSON_TYPE]: { schema: outcomesSchema() } },
          },
          '204': { $ref: '#/components/responses/Done' },
          ...problemsOf(['400', '404', '406', '409', '412', '415', '422']),
        },
      },
    },
  };
}

function changesOf(collection: CatalogCollection, names: OpenapiNames): readonly Schema[] {
  const { name, writes = [] } = collection;
  return (['insert', 'update', 'upsert', 'delete'] as const).flatMap((verb): readonly Schema[] => {
    if (!writes.includes(verb)) return [];
    const { needs, takes } = CHANGE_MEMBERS[verb];
    const members: Readonly<Record<string, () => Schema>> = {
      key: () => groupInput(keyFields(collection), names),
      expected: () => ({ ...groupInput(expectedFields(collection), names), minProperties: 1 }),
      // The key stands beside the values, not among them.
      values: () => groupInput(verb === 'delete' ? [] : writtenFields(collection, verb), names),
    };
    return [
      {
        type: 'object',
        required: [verb, ...needs],
        properties: {
          [verb]: { type: 'string', const: name },
          ...Object.fromEntries(
            [...needs, ...takes].flatMap((member) => {
              const schema = members[member];
              return schema === undefined ? [] : [[member, schema()]];
            }),
          ),
        },
        additionalProperties: false,
      },
    ];
  });
}

function outcomesSchema(): Schema {
  return {
    type: 'object',
    required: ['outcomes'],
    properties: {
      outcomes: {
        type: 'array',
        items: {
          type: 'object',
          required: ['collection', 'key', 'created'],
          properties: {
            collection: { type: 'string' },
            key: { type: 'object', description: 'The key fields; none for a row without a key' },
            created: { type: 'boolean', description: 'The row was not there before' },
          },
        },
      },
    },
  };
}
