// Knows: what all writes have in common in the OpenAPI document: headers, bodies, responses, and the components behind them.
// Must not know: which writes there are.

import type { Catalog } from '../model/catalog.ts';
import type { Schema } from './openapi-schema.ts';
import { isWritable } from './routes.ts';

export const JSON_TYPE = 'application/json';

/** Components that only writes refer to. */
export function writeComponents(catalog: Catalog): {
  readonly parameters: Readonly<Record<string, Schema>>;
  readonly headers: Readonly<Record<string, Schema>>;
  readonly responses: Readonly<Record<string, Schema>>;
} {
  if (!isWritable(catalog)) return { parameters: {}, headers: {}, responses: {} };
  return {
    parameters: {
      ifMatch: {
        name: 'If-Match',
        in: 'header',
        description:
          'Only if the row is still as it was: the ETag of a GET of the same address, its select included, or * for any row that is there; else 412',
        schema: { type: 'string' },
      },
      prefer: {
        name: 'Prefer',
        in: 'header',
        description: 'return=minimal leaves the body of the answer out (RFC 7240)',
        schema: { type: 'string', examples: ['return=minimal'] },
      },
    },
    headers: {
      Location: { description: 'Address of the row', schema: { type: 'string', format: 'uri-reference' } },
      ContentLocation: {
        description: 'The address whose GET answers this body',
        schema: { type: 'string', format: 'uri-reference' },
      },
    },
    responses: { Done: { description: 'Done; there is nothing to answer' } },
  };
}

export function ifNoneMatch(required: boolean): Schema {
  return {
    name: 'If-None-Match',
    in: 'header',
    required,
    description: 'Only if there is no such row; else 412',
    schema: { type: 'string', enum: ['*'] },
  };
}

export function bodyOf(schema: Schema, ...more: readonly string[]): Schema {
  return {
    required: true,
    content: Object.fromEntries([JSON_TYPE, ...more].map((type) => [type, { schema }])),
  };
}

export function headersOf(...names: readonly string[]): Schema {
  const spelt = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=X)(?=Request|As)/g, '-');
  return Object.fromEntries(
    names.map((name) => [name === 'ETag' ? name : spelt(name), { $ref: `#/components/headers/${name}` }]),
  );
}

export function problemsOf(statuses: readonly string[]): Schema {
  const problem = { $ref: '#/components/responses/Problem' };
  return { ...Object.fromEntries(statuses.map((status) => [status, problem])), default: problem };
}
