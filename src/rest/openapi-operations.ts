// Knows: how operations stand in the OpenAPI document: paths, parameters, bodies, and the schemas of their types.
// Must not know: collections, HTTP servers.

import type { Catalog, CatalogOperation } from '../model/catalog.ts';
import { type Field, isScalar, mayBeLeftOut, type Type, typesBelow, type UnionType } from '../model/type.ts';
import { TAG } from '../model/value.ts';
import { isGettable, type QueryArgument, queryArguments } from './call.ts';
import type { OpenapiNames } from './openapi-names.ts';
import { described, orNull, parameterRef, refTo, type Schema, schemaOf } from './openapi-schema.ts';
import { headersOf } from './openapi-write-parts.ts';

/** Path items of all operations, by path. */
export function operationPaths(
  { operations }: Catalog,
  template: (operation: CatalogOperation) => string,
  names: OpenapiNames,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    [...operations.values()].map((operation) => [
      template(operation),
      {
        ...(isGettable(operation) ? { get: getOf(operation, names) } : {}),
        post: postOf(operation, names),
      },
    ]),
  );
}

/** OpenAPI's tag of the operations of one source. */
export function operationTag({ source }: CatalogOperation): string {
  return `operations of ${source}`;
}

function getOf(operation: CatalogOperation, names: OpenapiNames): Schema {
  return {
    operationId: names.get(operation),
    ...wordsOf(operation),
    parameters: queryArguments(operation.input).arguments.map(parameterOf),
    responses: responsesOf(operation, { '304': { $ref: '#/components/responses/NotModified' } }),
  };
}

function parameterOf({ path, type, list, required, doc }: QueryArgument): Schema {
  const schema = schemaOf(type);
  return {
    name: path,
    in: 'query',
    required,
    ...described(doc),
    ...(list ? { style: 'form', explode: true } : {}),
    schema: list ? { type: 'array', items: schema } : schema,
  };
}

function postOf(operation: CatalogOperation, names: OpenapiNames): Schema {
  return {
    operationId: names.post(operation),
    ...wordsOf(operation),
    ...(operation.effect === 'write' ? { parameters: [parameterRef('idempotencyKey')] } : {}),
    requestBody: {
      required: !operation.input.every(mayBeLeftOut),
      content: { 'application/json': { schema: groupInput(operation.input, names) } },
    },
    responses: responsesOf(operation, {}),
  };
}

/** The first line is the summary, all of it the description. */
function wordsOf(operation: CatalogOperation): Schema {
  const { doc, legacyName, name } = operation;
  const [first = ''] = (doc ?? '').split('\n');
  const lines = [doc ?? '', legacyName === undefined ? '' : `${legacyName} at the source.`];
  return {
    tags: [operationTag(operation)],
    summary: first === '' ? `Calls ${legacyName ?? name}` : first,
    description: lines.filter((line) => line !== '').join('\n\n'),
  };
}

function responsesOf({ output }: CatalogOperation, more: Readonly<Record<string, Schema>>): Schema {
  const problem = { $ref: '#/components/responses/Problem' };
  return {
    '200': {
      description: 'The answer; null where there is none',
      headers: headersOf('Age', 'XAsOf', 'CacheStatus', 'XRequestId'),
      content: { 'application/json': { schema: orNull(schemaOf(output)) } },
    },
    ...more,
    ...Object.fromEntries(['400', '406', '422'].map((status) => [status, problem])),
    default: problem,
  };
}

/** Schemas of all groups and unions that arguments and written rows are made of, by name. */
export function inputSchemas(
  { operations }: Catalog,
  written: readonly Field[],
  names: OpenapiNames,
): Readonly<Record<string, Schema>> {
  const inputs = [...[...operations.values()].map(({ input }) => input), written];
  const types = new Set(inputs.flatMap((fields) => [...typesBelow(fields)]));
  return Object.fromEntries(
    [...types].flatMap((type): (readonly [string, Schema])[] => {
      if (type.kind === 'object') return [[names.input(type), groupInput(type.fields, names)]];
      return type.kind === 'union' ? [[names.input(type), unionInput(type, names)]] : [];
    }),
  );
}

/** What is not nullable must be given; what is not known, or is seen only masked, is refused. */
export function groupInput(all: readonly Field[], names: OpenapiNames, tag?: string): Schema {
  const fields = all.filter(({ mask }) => mask === undefined);
  const required = [
    ...(tag === undefined ? [] : [TAG]),
    ...fields.filter((field) => !mayBeLeftOut(field)).map(({ name }) => name),
  ];
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: {
      ...(tag === undefined ? {} : { [TAG]: { type: 'string', const: tag } }),
      ...Object.fromEntries(fields.map((field) => [field.name, fieldInput(field, names)])),
    },
    additionalProperties: false,
  };
}

function fieldInput({ type, nullable, doc, legacyName }: Field, names: OpenapiNames): Schema {
  const schema = typeInput(type, names);
  const words = [
    ...(doc === undefined ? [] : [doc]),
    ...(legacyName === undefined ? [] : [`${legacyName} at the source.`]),
  ];
  return {
    ...(nullable === true ? orNull(schema) : schema),
    ...described(words.length === 0 ? undefined : words.join(' ')),
  };
}

/** Exact numbers are answered as text; as arguments JSON numbers will do, too, as far as they are certain. */
function typeInput(type: Type, names: OpenapiNames): Schema {
  if (type.kind === 'int64') return { ...schemaOf(type), type: ['string', 'integer'] };
  if (type.kind === 'decimal') return { ...schemaOf(type), type: ['string', 'number'] };
  if (isScalar(type)) return schemaOf(type);
  return type.kind === 'list'
    ? { type: 'array', items: typeInput(type.of, names) }
    : refTo(names.input(type));
}

function unionInput({ of }: UnionType, names: OpenapiNames): Schema {
  return {
    oneOf: of.map(({ fields, tag }) => groupInput(fields, names, tag)),
  };
}
