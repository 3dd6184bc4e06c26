// Knows: how operations stand in the OpenAPI document: paths, parameters, bodies, and the schemas of their types.
// Must not know: collections, HTTP servers.

import type { Catalog, CatalogOperation } from '../model/catalog.ts';
import { capital } from '../model/naming.ts';
import { type Field, isScalar, type ObjectType, type Type, type UnionType } from '../model/type.ts';
import { TAG } from '../model/value.ts';
import { type QueryArgument, queryArguments } from './call.ts';
import { described, orNull, refTo, type Schema, schemaOf } from './openapi-schema.ts';

/** Path items of all operations, by path. */
export function operationPaths(
  { operations }: Catalog,
  template: (operation: CatalogOperation) => string,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    [...operations.values()].map((operation) => [
      template(operation),
      {
        ...(operation.effect === 'read' && queryArguments(operation.input).complete
          ? { get: getOf(operation) }
          : {}),
        post: postOf(operation),
      },
    ]),
  );
}

/** OpenAPI's tag of the operations of one source. */
export function operationTag({ source }: CatalogOperation): string {
  return `operations of ${source}`;
}

function getOf(operation: CatalogOperation): Schema {
  return {
    operationId: `get${capital(operation.name)}`,
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

function postOf(operation: CatalogOperation): Schema {
  return {
    operationId: operation.name,
    ...wordsOf(operation),
    requestBody: {
      required: operation.input.some(({ nullable }) => nullable !== true),
      content: { 'application/json': { schema: groupInput(operation.input) } },
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
      headers: { 'X-Request-Id': { $ref: '#/components/headers/XRequestId' } },
      content: { 'application/json': { schema: orNull(schemaOf(output)) } },
    },
    ...more,
    ...Object.fromEntries(['400', '406', '422'].map((status) => [status, problem])),
    default: problem,
  };
}

const INPUT = 'Input';

/** Schemas of all groups and unions that arguments are made of, by name. */
export function inputSchemas({ operations }: Catalog): Readonly<Record<string, Schema>> {
  const schemas: Record<string, Schema> = {};
  const collect = (type: Type): void => {
    if (type.kind === 'list') collect(type.of);
    if (type.kind !== 'object' && type.kind !== 'union') return;
    const name = type.name + INPUT;
    if (schemas[name] !== undefined) return;
    schemas[name] = {};
    if (type.kind === 'object') {
      schemas[name] = groupInput(type.fields);
      for (const field of type.fields) collect(field.type);
    } else {
      schemas[name] = unionInput(type);
      for (const member of type.of) collect(member);
    }
  };
  for (const { input } of operations.values()) for (const { type } of input) collect(type);
  return schemas;
}

/** What is not nullable must be given; what is not known is refused. */
function groupInput(fields: readonly Field[], tag?: string): Schema {
  const required = [
    ...(tag === undefined ? [] : [TAG]),
    ...fields.filter(({ nullable }) => nullable !== true).map(({ name }) => name),
  ];
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: {
      ...(tag === undefined ? {} : { [TAG]: { type: 'string', const: tag } }),
      ...Object.fromEntries(fields.map((field) => [field.name, fieldInput(field)])),
    },
    additionalProperties: false,
  };
}

function fieldInput({ type, nullable, doc, legacyName }: Field): Schema {
  const schema = typeInput(type);
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
function typeInput(type: Type): Schema {
  if (type.kind === 'int64') return { ...schemaOf(type), type: ['string', 'integer'] };
  if (type.kind === 'decimal') return { ...schemaOf(type), type: ['string', 'number'] };
  if (isScalar(type)) return schemaOf(type);
  return type.kind === 'list' ? { type: 'array', items: typeInput(type.of) } : refTo(type.name + INPUT);
}

function unionInput({ of }: UnionType): Schema {
  return {
    oneOf: of.map((member: ObjectType & { readonly tag: string }) => groupInput(member.fields, member.tag)),
  };
}
