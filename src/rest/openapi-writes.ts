// Knows: how writes stand in the OpenAPI document: methods, headers, request bodies, answers.
// Must not know: how rows are read, operations, HTTP servers.

import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import type { Field } from '../model/type.ts';
import type { Policy } from '../policy.ts';
import { writtenFields } from '../query/change.ts';
import { createId, deleteId, type OpenapiNames, replaceId, updateId } from './openapi-names.ts';
import { groupInput } from './openapi-operations.ts';
import { parameterRef, refTo, type Schema } from './openapi-schema.ts';
import { bodyOf, headersOf, ifNoneMatch, JSON_TYPE, problemsOf } from './openapi-write-parts.ts';
import { itemWrites, listWrites, takesKey } from './routes.ts';
import { keyedFields } from './row-changes.ts';

/** Every field that may stand in a request body of a writable collection: their types need a schema as arguments. */
export function fieldsWritten({ collections }: Catalog): readonly Field[] {
  return [...collections.values()].flatMap(({ writes = [], fields }) => (writes.length === 0 ? [] : fields));
}

/** Schemas of the bodies of one row, by name: as a new row, as a patch, as a replacement. */
export function rowInputSchemas(
  { collections }: Catalog,
  names: OpenapiNames,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    [...collections.values()].flatMap((collection): (readonly [string, Schema])[] => {
      const { writes = [] } = collection;
      return [
        ...(writes.includes('insert')
          ? [
              [
                names.row(collection, 'insert'),
                groupInput(writtenFields(collection, 'insert'), names),
              ] as const,
            ]
          : []),
        ...(['update', 'upsert'] as const).flatMap((verb) =>
          writes.includes(verb)
            ? [[names.row(collection, verb), groupInput(keyedFields(collection, verb), names)] as const]
            : [],
        ),
      ];
    }),
  );
}

/** `post` of a list, where rows can be inserted. `view`: the parameters that shape the answer. */
export function listMethods(
  collection: CatalogCollection,
  view: readonly Schema[],
  names: OpenapiNames,
  { write }: Policy,
): Readonly<Record<string, Schema>> {
  if (listWrites(collection).length === 0) return {};
  const keyless = collection.key.length === 0;
  const input = refTo(names.row(collection, 'insert'));
  const row = refTo(collection.typeName);
  const many = { type: 'object', required: ['value'], properties: { value: { type: 'array', items: row } } };
  return {
    post: {
      operationId: createId(collection),
      tags: [collection.name],
      summary: `Inserts one of ${collection.name}, or a list of them: all or none`,
      parameters: [...(keyless ? [] : view), parameterRef('prefer'), parameterRef('idempotencyKey')],
      requestBody: bodyOf({
        oneOf: [input, { type: 'array', minItems: 1, maxItems: write.maxChanges, items: input }],
      }),
      responses: {
        '201': {
          description: keyless
            ? 'Made; a row without a key has no address and is not answered'
            : 'Made: the row, or for a list all rows in their order. Without a body where return=minimal was preferred',
          headers: {
            ...(keyless ? {} : headersOf('Location', 'ContentLocation', 'ETag')),
            ...headersOf('XRequestId'),
          },
          ...(keyless ? {} : { content: { [JSON_TYPE]: { schema: { anyOf: [row, many] } } } }),
        },
        ...problemsOf(['400', '406', '409', '415', '422']),
      },
    },
  };
}

/** `put`, `patch` and `delete` of an item, as far as they are claimed. */
export function itemMethods(
  collection: CatalogCollection,
  keys: readonly Schema[],
  view: readonly Schema[],
  names: OpenapiNames,
): Readonly<Record<string, Schema>> {
  const { name, typeName, writes = [] } = collection;
  const row = { [JSON_TYPE]: { schema: refTo(typeName) } };
  const answered = [...keys, ...view, parameterRef('prefer'), parameterRef('idempotencyKey')];
  const upsert = writes.includes('upsert');
  const methods = itemWrites(collection);
  const changed = {
    description: 'The row as it is now',
    headers: headersOf('ContentLocation', 'XRequestId'),
    content: row,
  };
  const done = { '204': { $ref: '#/components/responses/Done' } };
  return {
    ...(methods.includes('PUT')
      ? {
          put: {
            operationId: replaceId(collection),
            tags: [name],
            summary: upsert ? `Replaces one of ${name}, or makes it` : `Makes one of ${name}`,
            description: putWords(collection),
            parameters: [
              ...answered,
              ...(upsert ? [parameterRef('ifMatch')] : []),
              ...(takesKey(collection) ? [ifNoneMatch(!upsert)] : []),
            ],
            requestBody: bodyOf(putBody(collection, names)),
            responses: {
              ...(upsert ? { '200': changed, ...done } : {}),
              '201': {
                ...changed,
                description: 'Made: the row',
                headers: headersOf('Location', 'ContentLocation', 'XRequestId'),
              },
              ...problemsOf(['400', '406', '409', '412', '415', '422']),
            },
          },
        }
      : {}),
    ...(methods.includes('PATCH')
      ? {
          patch: {
            operationId: updateId(collection),
            tags: [name],
            summary: `Changes fields of one of ${name}`,
            description:
              'A merge patch (RFC 7396) of whole fields: a group or list that is given replaces the one before.',
            parameters: [...answered, parameterRef('ifMatch')],
            requestBody: bodyOf(refTo(names.row(collection, 'update')), 'application/merge-patch+json'),
            responses: {
              '200': { ...changed, headers: headersOf('ContentLocation', 'ETag', 'XRequestId') },
              ...done,
              ...problemsOf(['400', '404', '406', '409', '412', '415', '422']),
            },
          },
        }
      : {}),
    ...(methods.includes('DELETE')
      ? {
          delete: {
            operationId: deleteId(collection),
            tags: [name],
            summary: `Deletes one of ${name}`,
            // What select shows is what If-Match compares.
            parameters: [
              ...keys,
              ...view.filter((parameter) => parameter['name'] === 'select'),
              parameterRef('ifMatch'),
              parameterRef('idempotencyKey'),
            ],
            responses: { ...done, ...problemsOf(['400', '404', '406', '409', '412', '422']) },
          },
        }
      : {}),
  };
}

/** A replacement, or a new row, or either. */
function putBody(collection: CatalogCollection, names: OpenapiNames): Schema {
  const replaced = refTo(names.row(collection, 'upsert'));
  if (!takesKey(collection)) return replaced;
  const made = groupInput(keyedFields(collection, 'insert'), names);
  return collection.writes?.includes('upsert') === true ? { anyOf: [replaced, made] } : made;
}

function putWords(collection: CatalogCollection): string {
  const { writes = [] } = collection;
  return [
    ...(writes.includes('upsert')
      ? ['Every field is given: nothing of the row that was there before stays.']
      : []),
    ...(takesKey(collection)
      ? [
          'With `If-None-Match: *` the row is made only if there is none, and what a new row may leave out may be left out.',
        ]
      : []),
  ].join(' ');
}
