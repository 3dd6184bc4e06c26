// Knows: the JSON Schema (draft 2020-12, as OpenAPI 3.1 uses it) of each type's one JSON form.
// Must not know: paths and parameters.

import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import {
  type Field,
  type Scalar,
  type Type,
  typesBelow,
  type UnionMember,
  type UnionType,
} from '../model/type.ts';
import { type Json, TAG } from '../model/value.ts';
import { exampleOf } from '../query/literal.ts';
import { maskText } from '../query/masked.ts';

export type Schema = { readonly [keyword: string]: Json };

/** Schemas by name: one for each row, group, union, member of a union, and enum. */
export function componentSchemas(catalog: Catalog): Readonly<Record<string, Schema>> {
  const schemas: Record<string, Schema> = {};
  for (const collection of catalog.collections.values()) {
    schemas[collection.typeName] = rowSchema(catalog, collection);
    for (const { type } of collection.fields) collect(type, schemas);
  }
  for (const { input, output } of catalog.operations.values()) {
    collect(output, schemas);
    // Of arguments only enums stand here: groups have other schemas as arguments than in answers.
    for (const type of typesBelow(input)) if (type.kind === 'enum') collect(type, schemas);
  }
  return schemas;
}

/** No member is required: `select` may leave out any. */
function rowSchema(catalog: Catalog, collection: CatalogCollection): Schema {
  const properties: Record<string, Schema> = propertiesOf(collection.fields);
  for (const { name, to, cardinality, doc } of collection.relations.values()) {
    const target = catalog.collections.get(to);
    if (target === undefined) continue;
    const row = refTo(target.typeName);
    const description = doc ?? `Only with include=${name}`;
    if (cardinality === 'one') {
      properties[name] = { description, anyOf: [row, { type: 'null' }] };
    } else {
      properties[name] = { description, type: 'array', items: row };
      properties[`${name}@nextLink`] = {
        description: `Where the rest of ${name} is, when there are more`,
        type: 'string',
        format: 'uri-reference',
      };
    }
  }
  return { type: 'object', ...described(collection.doc), properties };
}

function collect(type: Type, schemas: Record<string, Schema>): void {
  if ('name' in type && schemas[type.name] !== undefined) return;
  switch (type.kind) {
    case 'object':
      schemas[type.name] = { type: 'object', properties: propertiesOf(type.fields) };
      for (const field of type.fields) collect(field.type, schemas);
      return;
    case 'list':
      collect(type.of, schemas);
      return;
    case 'union':
      schemas[type.name] = unionSchema(type);
      for (const member of type.of) {
        if (member.shared !== true) collectMember(member, schemas);
        else for (const field of member.fields) collect(field.type, schemas);
      }
      return;
    case 'enum':
      schemas[type.name] = { type: 'string', enum: [...type.values] };
      return;
    default:
      return;
  }
}

/** Exactly one of the members, told apart by their tags. A shared one stands here itself: where it is used alone it has no tag. */
function unionSchema({ of }: UnionType): Schema {
  if (of.some(({ shared }) => shared === true)) return { oneOf: of.map(memberSchema) };
  return {
    oneOf: of.map(({ name }) => refTo(name)),
    discriminator: {
      propertyName: TAG,
      mapping: Object.fromEntries(of.map(({ name, tag }) => [tag, `#/components/schemas/${name}`])),
    },
  };
}

/** A union's member says by its tag which one it is. */
function collectMember(member: UnionMember, schemas: Record<string, Schema>): void {
  schemas[member.name] = memberSchema(member);
  for (const field of member.fields) collect(field.type, schemas);
}

function memberSchema({ tag, fields }: UnionMember): Schema {
  return {
    type: 'object',
    required: [TAG],
    properties: { [TAG]: { type: 'string', const: tag }, ...propertiesOf(fields) },
  };
}

function propertiesOf(fields: readonly Field[]): Record<string, Schema> {
  return Object.fromEntries(fields.map((field) => [field.name, fieldSchema(field)]));
}

function fieldSchema(field: Field): Schema {
  const { type, nullable, doc, legacyName, alternate, readOnly, mask } = field;
  const schema = mask === 'null' ? { type: 'null' } : schemaOf(type);
  const masked = maskText(field);
  const words = [
    ...(doc === undefined ? [] : [doc]),
    ...(legacyName === undefined ? [] : [`${legacyName} at the source.`]),
    ...(masked === undefined ? [] : [masked]),
    ...(alternate === true ? ['Another reading of the same bytes: only answered when select names it.'] : []),
  ];
  return {
    ...(nullable === true && mask !== 'null' ? orNull(schema) : schema),
    ...described(words.length === 0 ? undefined : words.join(' ')),
    ...(readOnly === true ? { readOnly } : {}),
  };
}

export function orNull(schema: Schema): Schema {
  return typeof schema['type'] === 'string'
    ? { ...schema, type: [schema['type'], 'null'] }
    : { anyOf: [schema, { type: 'null' }] };
}

export function described(description: string | undefined): Schema {
  return description === undefined ? {} : { description };
}

export function refTo(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

export function parameterRef(name: string): Schema {
  return { $ref: `#/components/parameters/${name}` };
}

export function schemaOf(type: Type): Schema {
  switch (type.kind) {
    case 'object':
    case 'union':
    case 'enum':
      return refTo(type.name);
    case 'list':
      return { type: 'array', items: schemaOf(type.of) };
    default:
      return scalarSchema(type);
  }
}

function decimalPattern({ precision, scale }: Extract<Scalar, { readonly kind: 'decimal' }>): string {
  if (scale === 0) return precision === undefined ? '^-?[0-9]+$' : `^-?[0-9]{1,${Math.max(1, precision)}}$`;
  if (precision === undefined || scale === undefined) return '^-?[0-9]+(\\.[0-9]+)?$';
  return `^-?[0-9]{1,${Math.max(1, precision - scale)}}\\.[0-9]{${scale}}$`;
}

/** Formats are those of the OpenAPI Format Registry. */
function scalarSchema(type: Exclude<Scalar, { readonly kind: 'enum' }>): Schema {
  switch (type.kind) {
    case 'boolean':
      return { type: 'boolean' };
    case 'int32':
      return { type: 'integer', format: 'int32', minimum: -2_147_483_648, maximum: 2_147_483_647 };
    case 'int64':
      return { type: 'string', format: 'int64', pattern: '^-?[0-9]{1,19}$', examples: [exampleOf(type)] };
    case 'float64':
      return { anyOf: [{ type: 'number', format: 'double' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] };
    case 'decimal': {
      return {
        type: 'string',
        format: 'decimal',
        pattern: decimalPattern(type),
        examples: [exampleOf(type)],
      };
    }
    case 'date':
      return { type: 'string', format: 'date', examples: [exampleOf(type)] };
    case 'time':
      return { type: 'string', format: 'time-local', examples: [exampleOf(type)] };
    case 'timestamp':
      return { type: 'string', format: 'date-time-local', examples: [exampleOf(type)] };
    case 'instant':
      return { type: 'string', format: 'date-time', examples: [exampleOf(type)] };
    case 'bytes':
      return { type: 'string', contentEncoding: 'base64', examples: [exampleOf(type)] };
    case 'string':
      return type.length === undefined ? { type: 'string' } : { type: 'string', maxLength: type.length };
    case 'json':
      return {};
  }
}
