// Knows: the options of a SOAP source.
// Must not know: what is made of them.

import { z } from 'zod';
import { secretReference } from '#spi';
import { collectionsOptions } from './collections/options.ts';
import { exchangeOptions, faultRule } from './exchange/options.ts';
import { timeOptions } from './times.ts';

const effect = z
  .enum(['read', 'write'])
  .default('write')
  .describe(
    'read: a query in GraphQL, GET and POST in REST; write: a mutation and POST. Never guessed from the name',
  );

const operationOptions = z.strictObject({
  name: z
    .string()
    .min(1)
    .exactOptional()
    .describe('API name of the operation; by default its own in camelCase'),
  effect,
  idempotent: z
    .boolean()
    .exactOptional()
    .describe(
      'Calling it again does no harm: it may then be repeated. By default what only reads is idempotent',
    ),
  doc: z
    .string()
    .exactOptional()
    .describe('What it does, for the API reference; by default as the WSDL documents it'),
  hidden: z
    .boolean()
    .default(false)
    .describe('Leave the operation out of the API; collections may still use it'),
  action: z.string().exactOptional().describe('SOAPAction, where the WSDL says it wrong'),
  faults: z
    .array(faultRule)
    .default([])
    .describe('What faults of this operation mean; these go before those of the source'),
});

/** A value of a header block: as it stands, or a secret. */
const headerValue: z.ZodType<HeaderValue> = z.lazy(() =>
  z.union([
    secretReference,
    z.string(),
    z.number(),
    z.boolean(),
    z.array(headerValue),
    z.record(z.string(), headerValue),
  ]),
);

export type HeaderValue =
  | { readonly env: string }
  | { readonly file: string }
  | string
  | number
  | boolean
  | readonly HeaderValue[]
  | { readonly [name: string]: HeaderValue };

export const options = z.strictObject({
  wsdl: z
    .string()
    .min(1)
    .describe(
      'The saved WSDL: overpunch import wsdl URL -o FOLDER saves it with everything that it leads to',
    ),
  service: z.string().min(1).exactOptional().describe('Which service, where the WSDL has several'),
  port: z.string().min(1).exactOptional().describe('Which port of the service, where it has several'),
  endpoint: z
    .union([z.url({ protocol: /^https?$/ }), secretReference])
    .exactOptional()
    .describe('Address of the service, where it is not the one in the WSDL'),
  ...exchangeOptions,
  headers: z
    .record(z.string(), headerValue)
    .default({})
    .describe(
      'Header blocks that the WSDL declares, by element name, with a value for all calls (fields by their API names); the others are arguments',
    ),
  times: timeOptions.prefault({}),
  replies: z
    .strictObject({
      names: z
        .enum(['exact', 'local'])
        .default('exact')
        .describe(
          'local: elements count by their local name, for services that put them into the wrong namespace',
        ),
      unknown: z
        .enum(['fail', 'ignore'])
        .default('fail')
        .describe('ignore: leave out elements and attributes that the WSDL does not know'),
    })
    .prefault({})
    .describe('How strictly replies are read'),
  operations: z
    .record(z.string(), operationOptions)
    .default({})
    .describe(
      'By WSDL name: effect, name, idempotent. Operations that are not named here are shown as write',
    ),
  expose: z
    .enum(['all', 'listed'])
    .default('all')
    .describe('listed: show only the operations under `operations`, for a WSDL of hundreds'),
  faults: z
    .array(faultRule)
    .default([])
    .describe('What faults of the service mean; the first rule that fits decides'),
  check: z
    .string()
    .exactOptional()
    .describe(
      'Operation without arguments and with effect read that tells whether the service is well; by default any answer at its address will do',
    ),
  collections: collectionsOptions,
});

export type SoapOptions = z.infer<typeof options>;
export type OperationOptions = z.infer<typeof operationOptions>;
