// Knows: how changes of collections stand in the OpenAPI document: paths, parameters, and the schema of an event.
// Must not know: how anything else is asked, HTTP servers.

import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { CHANGE_KINDS } from '../query/watching.ts';
import { keyFields } from './batch.ts';
import { CHANGES_TYPES } from './negotiate.ts';
import { type OpenapiNames, watchId } from './openapi-names.ts';
import { PROBLEM } from './openapi-problem.ts';
import { refTo, type Schema, schemaOf } from './openapi-schema.ts';
import { changesPath } from './routes.ts';

const KINDS = {
  insert: 'a row is new',
  update: 'a row has other values',
  delete: 'a row is gone',
  reset: 'anything may have happened to any row: read the collection again',
  position: 'nothing has happened; it tells where to resume',
} as const satisfies Record<(typeof CHANGE_KINDS)[number], string>;

/** Path items of all collections that can be watched, by path. `viewOf`: what shapes the answer of one row. */
export function changesPaths(
  { collections }: Catalog,
  viewOf: (collection: CatalogCollection) => readonly Schema[],
  names: OpenapiNames,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    [...collections.values()]
      .filter(({ watchable }) => watchable === true)
      .map((collection) => [changesPath(collection), { get: changesOf(collection, viewOf, names) }]),
  );
}

function changesOf(
  collection: CatalogCollection,
  viewOf: (collection: CatalogCollection) => readonly Schema[],
  names: OpenapiNames,
): Schema {
  const { name, key } = collection;
  const event = refTo(names.event(collection));
  const position = { type: 'string', maxLength: 200 };
  const problem = { $ref: '#/components/responses/Problem' };
  return {
    operationId: watchId(collection),
    tags: [name],
    summary: `What happens to rows of ${name}`,
    description: [
      `As ${CHANGES_TYPES.events} for ever, as it happens; as ${CHANGES_TYPES.ndjson} what has happened since \`after\`, then it ends: its last line is of the kind \`position\`, without which it is not complete.`,
      'Without a position it begins now, and says where that is.',
      ...(key.length === 0
        ? [
            'Rows without a key cannot be told apart: every change is a `reset`, and the collection is read again.',
          ]
        : []),
    ].join('\n\n'),
    parameters: [
      {
        name: 'after',
        in: 'query',
        description: 'Position of the last event that was taken: begins behind it',
        schema: position,
      },
      {
        name: 'lastEventId',
        in: 'query',
        description: 'The same as `after`, for clients that say so',
        schema: position,
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'The same, as browsers send it when they reconnect; it goes before the parameters',
        schema: position,
      },
      ...viewOf(collection),
    ],
    responses: {
      '200': {
        description: 'What happens',
        headers: { 'X-Request-Id': { $ref: '#/components/headers/XRequestId' } },
        content: {
          [CHANGES_TYPES.events]: {
            schema: {
              type: 'string',
              description: `Blocks of \`event\` (the kind), \`id\` (the position) and \`data\` (${names.event(collection)}); \`event: fault\` with a problem is the last one of a stream that has failed`,
            },
          },
          [CHANGES_TYPES.ndjson]: { schema: { description: 'One such object on each line', ...event } },
        },
      },
      ...Object.fromEntries(['400', '406', '422'].map((status) => [status, problem])),
      default: problem,
    },
  };
}

/** Schemas of the events of all collections that can be watched, by name. */
export function eventSchemas(
  { collections }: Catalog,
  names: OpenapiNames,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    [...collections.values()]
      .filter(({ watchable }) => watchable === true)
      .map((collection) => [names.event(collection), eventSchema(collection)]),
  );
}

function eventSchema(collection: CatalogCollection): Schema {
  const keyed = collection.key.length > 0;
  const kinds = CHANGE_KINDS.filter((kind) => keyed || kind === 'reset' || kind === 'position');
  const key = keyFields(collection).map(({ name, type }) => [name, schemaOf(type)] as const);
  return {
    type: 'object',
    required: ['kind', 'position'],
    properties: {
      kind: {
        type: 'string',
        enum: kinds,
        description: kinds.map((kind) => `\`${kind}\`: ${KINDS[kind]}`).join('; '),
      },
      ...(keyed
        ? {
            key: {
              type: 'object',
              description: 'Which row it is: of insert, update and delete',
              required: key.map(([name]) => name),
              properties: Object.fromEntries(key),
            },
            row: {
              description: 'The row as it is now: of insert and update',
              ...refTo(collection.typeName),
            },
            fault: { description: 'In place of a row that does not decode', ...refTo(PROBLEM) },
            changed: {
              type: 'array',
              items: { type: 'string' },
              description: 'Of an update: fields that have other values than before, selected or not',
            },
          }
        : {}),
      asOf: { type: 'string', format: 'date-time', description: 'When the data was current' },
      position: { type: 'string', maxLength: 200, description: 'Where to resume: behind this event' },
    },
  };
}
