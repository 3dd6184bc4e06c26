// Knows: the JSON Schema (draft 2020-12) of a row, as a document of its own.
// Must not know: the schema of each type: OpenAPI has it already.

import type { Field } from '../../model/type.ts';
import type { Json } from '../../model/value.ts';
import { componentSchemas } from '../../rest/openapi-schema.ts';

const COMPONENTS = '#/components/schemas/';

/** Without `alternate`s: a row has them only when they are asked for. */
export function rowSchemaOf(typeName: string, fields: readonly Field[]): Json {
  const collection = {
    name: 'rows',
    itemName: 'row',
    typeName,
    source: '',
    fields: fields.filter(({ alternate }) => alternate !== true),
    key: [],
    relations: new Map(),
  };
  const schemas = componentSchemas({ collections: new Map([['rows', collection]]), operations: new Map() });
  const { [typeName]: row, ...others } = schemas;
  const document = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: typeName,
    ...row,
    ...(Object.keys(others).length === 0 ? {} : { $defs: others }),
  };
  return JSON.parse(JSON.stringify(document).replaceAll(COMPONENTS, '#/$defs/'));
}
