// Knows: the OpenAPI 3.1 document of the REST surface, derived from the catalog.
// Must not know: HTTP servers, sources.

import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { fieldAt, isScalar, typeText } from '../model/type.ts';
import type { Policy } from '../policy.ts';
import { OPERATORS_OF } from '../query/filter.ts';
import { exampleOf, requiredText } from '../query/literal.ts';
import { askablePaths } from '../query/masked.ts';
import { MEDIA_TYPES } from './negotiate.ts';
import { batchPath, CHANGES_TAG } from './openapi-batch.ts';
import { changesPaths, eventSchemas } from './openapi-changes.ts';
import { itemId, listId, openapiNames } from './openapi-names.ts';
import { inputSchemas, operationPaths, operationTag } from './openapi-operations.ts';
import { PROBLEM, problemSchema } from './openapi-problem.ts';
import { componentSchemas, described, parameterRef, refTo, type Schema, schemaOf } from './openapi-schema.ts';
import { type Accepted, securityOf } from './openapi-security.ts';
import { headersOf, writeComponents } from './openapi-write-parts.ts';
import { fieldsWritten, itemMethods, listMethods, rowInputSchemas } from './openapi-writes.ts';
import { API, isWritable, type Route, routesOf } from './routes.ts';

export interface Titled {
  readonly title: string;
  readonly version: string;
  /** Absent: nobody is asked who it is. */
  readonly accepted?: Accepted;
}

const DESCRIPTION = `Every list is filtered, ordered and paged with the same parameters; each is also understood with a \`$\` in front.
A parameter that is not known is refused, never ignored.

- \`filter=status eq 'OPEN' and (amount gt 100 or not contains(name,'x'))\`: text in single quotes, a quote inside it doubled.
- \`status=OPEN\` is short for equality with any field; given several times, any of the values.
- Of a record that has one of several forms, \`@type\` says which one. Such a part is answered whole, and no condition looks inside it, or inside lists.
- Numbers of more than 32 bits and decimals are JSON strings, exact to the last digit.
- A list as \`${MEDIA_TYPES.ndjson}\` or \`${MEDIA_TYPES.csv}\` without \`first\` is the whole collection, streamed. A connection that breaks off means that the answer is not complete.
- CSV cells are exact, not guarded against spreadsheets that take text beginning with = + - @ for formulas.
- Answers that fit the server's buffer have a strong \`ETag\`; \`If-None-Match\` gives 304.`;

const WRITING = `

Where rows can be written, \`If-Match\` with the \`ETag\` of a row's GET makes a change only if the row is still the one that was read.
What a write answers is what the row's GET answers, with \`select\` and \`include\`; when it cannot be read back, the problem's code \`written-not-read\` says that the change was made.`;

/** The document as plain data. */
export function openapi(catalog: Catalog, policy: Policy, { title, version, accepted }: Titled): Schema {
  const routes = routesOf(catalog);
  const schemas = componentSchemas(catalog);
  const written = fieldsWritten(catalog);
  const names = openapiNames(catalog, Object.keys(schemas), written);
  const writing = writeComponents(catalog);
  const security = securityOf(accepted);
  return {
    openapi: '3.1.1',
    info: { title, version, description: isWritable(catalog) ? DESCRIPTION + WRITING : DESCRIPTION },
    servers: [{ url: '/' }],
    ...security.document,
    tags: [
      ...[...catalog.collections.values()].map(({ name, doc }) => ({
        name,
        ...(doc === undefined ? {} : { description: doc }),
      })),
      ...(isWritable(catalog) ? [{ name: CHANGES_TAG }] : []),
      ...[...new Set([...catalog.operations.values()].map(operationTag))].map((name) => ({ name })),
    ],
    paths: {
      ...batchPath(catalog, names, policy),
      ...Object.fromEntries(
        routes.map((route) => [
          route.template,
          route.kind === 'list'
            ? {
                get: listOperation(route),
                ...listMethods(route.collection, viewOf(route.collection), names, policy),
              }
            : {
                get: itemOperation(route),
                ...itemMethods(route.collection, keyParameters(route), viewOf(route.collection), names),
              },
        ]),
      ),
      ...changesPaths(catalog, viewOf, names),
      ...operationPaths(catalog, ({ name }) => `${API}/${name}`, names),
    },
    components: {
      ...security.components,
      schemas: {
        ...schemas,
        ...inputSchemas(catalog, written, names),
        ...rowInputSchemas(catalog, names),
        ...eventSchemas(catalog, names),
        [PROBLEM]: problemSchema(),
      },
      parameters: {
        first: {
          name: 'first',
          in: 'query',
          description: `Rows of the page; ${policy.page.defaultRows} unless told otherwise`,
          schema: { type: 'integer', minimum: 1, maximum: policy.page.maxRows },
        },
        after: {
          name: 'after',
          in: 'query',
          description:
            'Cursor of an earlier page of the same list, filter and order: follow nextLink instead of making one',
          schema: { type: 'string' },
        },
        count: {
          name: 'count',
          in: 'query',
          description: 'Also count all rows of the filter (application/json only)',
          schema: { type: 'boolean' },
        },
        ...writing.parameters,
      },
      headers: {
        ETag: { description: 'Strong validator of exactly this answer', schema: { type: 'string' } },
        Link: { description: 'The next page: the same as nextLink', schema: { type: 'string' } },
        Age: { description: 'Seconds since the data was current', schema: { type: 'integer', minimum: 0 } },
        XAsOf: {
          description: 'When the data was current; of several sources, that of the oldest',
          schema: { type: 'string', format: 'date-time' },
        },
        CacheStatus: {
          description:
            'What the cache of the gateway had to do with it (RFC 9211), for what is kept: `hit`, `fwd=miss`, `collapsed`; older than it should be: `fwd=stale` with the reason, because the source does not answer, or `detail=revalidating`',
          schema: { type: 'string' },
        },
        XRequestId: { description: 'Names this request in the log', schema: { type: 'string' } },
        ...writing.headers,
      },
      responses: {
        NotModified: { description: 'The answer is the one that the client has' },
        Problem: {
          description: 'What went wrong (RFC 9457)',
          content: { 'application/problem+json': { schema: refTo(PROBLEM) } },
        },
        ...writing.responses,
      },
    },
  };
}

function listOperation({ collection }: Route): Schema {
  const row = refTo(collection.typeName);
  const page = {
    type: 'object',
    required: ['value'],
    properties: {
      value: { type: 'array', items: row },
      nextLink: { type: 'string', format: 'uri-reference' },
      totalCount: { type: 'integer', minimum: 0 },
    },
  };
  return {
    operationId: listId(collection),
    tags: [collection.name],
    summary: collection.doc ?? `Lists ${collection.name}`,
    ...described(requiredText(collection)),
    parameters: [
      selectParameter(collection),
      {
        name: 'filter',
        in: 'query',
        description: `Conditions joined by and, or, not${filterExample(collection)}. Fields and their operators:\n\n${operatorTable(collection)}`,
        schema: { type: 'string' },
      },
      {
        name: 'orderby',
        in: 'query',
        description:
          'Fields with commas between them, each with asc or desc behind it: nulls first ascending',
        schema: { type: 'string' },
      },
      parameterRef('first'),
      parameterRef('after'),
      ...includeParameter(collection),
      parameterRef('count'),
      equalityParameter(collection),
    ],
    // A cursor that counts rows ends with the version that it counts in.
    responses: responses(page, row, ['400', '406', ...(collection.key.length === 0 ? ['412'] : []), '422']),
  };
}

function itemOperation(route: Route): Schema {
  const { collection } = route;
  const row = refTo(collection.typeName);
  return {
    operationId: itemId(collection),
    tags: [collection.name],
    summary: `One of ${collection.name} by its key`,
    parameters: [...keyParameters(route), ...viewOf(collection)],
    responses: responses(row, row, ['400', '404', '406']),
  };
}

function keyParameters({ collection }: Route): readonly Schema[] {
  return collection.key.map((name) => {
    const field = fieldAt(collection.fields, name);
    return {
      name,
      in: 'path',
      required: true,
      description: `${field?.doc ?? `Key field ${name}`}; a comma or slash inside it is %2C or %2F`,
      schema: field === undefined ? { type: 'string' } : schemaOf(field.type),
    };
  });
}

/** What shapes the answer of one row. */
function viewOf(collection: CatalogCollection): readonly Schema[] {
  return [selectParameter(collection), ...includeParameter(collection)];
}

function responses(json: Schema, row: Schema, expected: readonly string[]): Schema {
  const headers = headersOf('ETag', 'Link', 'Age', 'XAsOf', 'CacheStatus', 'XRequestId');
  const problem = { $ref: '#/components/responses/Problem' };
  return {
    '200': {
      description: 'What was asked for',
      headers,
      content: {
        [MEDIA_TYPES.json]: { schema: json },
        [MEDIA_TYPES.ndjson]: { schema: { description: 'One such object on each line', ...row } },
        [MEDIA_TYPES.csv]: { schema: { type: 'string' } },
      },
    },
    '304': { $ref: '#/components/responses/NotModified' },
    ...Object.fromEntries(expected.map((status) => [status, problem])),
    default: problem,
  };
}

function selectParameter({ fields, relations }: CatalogCollection): Schema {
  const example = fields.slice(0, 2).map(({ name }) => name);
  const below = [...relations.keys()]
    .slice(0, 1)
    .map((name) => `; fields of an included relation as \`${name}.…\``);
  return {
    name: 'select',
    in: 'query',
    description: `Fields of the answer in their order, dotted inside groups and lists of groups${below.join('')}. All fields unless told otherwise.`,
    style: 'form',
    explode: false,
    schema: { type: 'array', items: { type: 'string' } },
    ...(example.length === 0 ? {} : { examples: { some: { value: example } } }),
  };
}

function includeParameter({ relations }: CatalogCollection): readonly Schema[] {
  if (relations.size === 0) return [];
  const names = [...relations.keys()];
  return [
    {
      name: 'include',
      in: 'query',
      description: `Related rows to nest into each row: ${names.join(', ')}; deeper ones dotted`,
      style: 'form',
      explode: false,
      schema: { type: 'array', items: { type: 'string' } },
    },
  ];
}

/** Equality with any field is one exploded object: each of its members is a parameter of its own. */
function equalityParameter({ fields }: CatalogCollection): Schema {
  const properties = askablePaths(fields).flatMap(([path, type]) =>
    type.kind === 'json' ? [] : [[path, schemaOf(type)] as const],
  );
  return {
    name: 'equals',
    in: 'query',
    description: 'Short for equality: each member is a parameter of its own, `?status=OPEN`',
    style: 'form',
    explode: true,
    schema: { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false },
    // Else the reference page would try it out with a made-up value for every field.
    example: {},
  };
}

function operatorTable({ fields }: CatalogCollection): string {
  return askablePaths(fields)
    .map(([path, type]) => `- \`${path}\` (${typeText(type)}): ${OPERATORS_OF[type.kind].join(' ')}`)
    .join('\n');
}

/** In words: an example of the parameter itself would be filled in by the reference page, and find nothing. */
function filterExample({ fields, key }: CatalogCollection): string {
  const [path] = [...key, ...askablePaths(fields).map(([name]) => name)];
  const type = path === undefined ? undefined : fieldAt(fields, path)?.type;
  if (path === undefined || type === undefined || !isScalar(type) || type.kind === 'json') return '';
  const quoted = type.kind === 'string' || type.kind === 'enum';
  const literal = quoted ? `'${exampleOf(type)}'` : exampleOf(type);
  return `: \`${path} eq ${literal}\``;
}
