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
  const changing =
    isWritable(catalog) || [...catalog.operations.values()].some(({ effect }) => effect === 'write');
  const once = changing ? { idempotencyKey: IDEMPOTENCY_KEY } : {};
  if (!isWritable(catalog)) return { parameters: once, headers: {}, responses: {} };
  return {
    parameters: {
      ...once,
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

const IDEMPOTENCY_KEY: Schema = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    "A key of the client's own for this one request, mostly a UUID: sent again with the same key it is not carried out again but answered as " +
    'before, with Idempotency-Replayed: true. While it is under way 409; with another request 422; where nobody knows what came of it 502',
  schema: { type: 'string', maxLength: 257, examples: ['"8e03978e-40d5-43dd-bc93-6894a57f9324"'] },
};

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
