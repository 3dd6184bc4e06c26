// Knows: THE schema of the configuration file: from it come the type, the validation, the JSON Schema for editors and
// the documentation.
// Must not know: YAML, files, what the adapters' options mean.

import { z } from 'zod';
import { DEFAULT_POLICY, type Policy } from '../policy.ts';
import type { AdapterDefinition } from '../spi.ts';

type Limits = {
  readonly [Group in keyof Policy]: { readonly [Name in keyof Policy[Group]]: z.ZodType<number> };
};

/** A whole number with its default; `default` is a word of the schema, so the documentation shows it. */
function limit(standard: number, doc: string, min = 1) {
  return z.int().min(min).max(Number.MAX_SAFE_INTEGER).default(standard).describe(doc);
}

/** Longest delay that a timer of Node can wait, in milliseconds. */
const MAX_DELAY_MS = 2_147_483_647;

function delay(standard: number, doc: string, min = 1) {
  return z.int().min(min).max(MAX_DELAY_MS).default(standard).describe(doc);
}

const { page, query, http, graphql, source, run } = DEFAULT_POLICY;

/** Every limit of the gateway; each one has a default. */
const LIMITS = {
  page: {
    defaultRows: limit(page.defaultRows, 'Rows of a list when the client names no `first`'),
    maxRows: limit(page.maxRows, 'Largest `first` of a list'),
  },
  query: {
    maxDepth: limit(query.maxDepth, 'Deepest nesting of relations in one request'),
    maxCost: limit(query.maxCost, 'Rows that one request may ask for, along all its relations'),
    maxScanRows: limit(
      query.maxScanRows,
      'Rows that a source may look at for one answer without key or index',
    ),
    maxSortRows: limit(query.maxSortRows, 'Rows kept in memory for an order that the source does not give'),
    maxRelationRows: limit(query.maxRelationRows, 'Rows read for all parents of one relation together'),
    keysPerRead: limit(query.keysPerRead, 'Keys in one batched read of a relation'),
    maxFilterChars: limit(query.maxFilterChars, 'Characters of a filter'),
    maxFilterConditions: limit(query.maxFilterConditions, 'Conditions in one filter'),
    maxFilterDepth: limit(query.maxFilterDepth, 'Nesting of parentheses in one filter'),
  },
  http: {
    maxBodyBytes: limit(http.maxBodyBytes, 'Bytes of a request body'),
    bufferedBytes: limit(
      http.bufferedBytes,
      'Answers up to this size are buffered: they get an ETag and a late error its status',
      0,
    ),
    drainMs: delay(http.drainMs, 'How long running requests may go on after SIGTERM, in milliseconds', 0),
  },
  graphql: {
    maxDepth: limit(graphql.maxDepth, 'Deepest nesting of a GraphQL document'),
    maxTokens: limit(graphql.maxTokens, 'Tokens of a GraphQL document'),
  },
  source: {
    timeoutMs: delay(source.timeoutMs, 'Longest wait for one answer of a source, in milliseconds'),
    checkMs: delay(source.checkMs, 'Longest wait for the check of a source at start, in milliseconds'),
    reopenMs: delay(source.reopenMs, 'Pause between attempts to bring a source back, in milliseconds'),
  },
  run: {
    sliceMs: delay(run.sliceMs, 'Longest time that a scan keeps other requests waiting, in milliseconds'),
  },
} as const satisfies Limits;

const policy = z
  .strictObject({
    page: z
      .strictObject(LIMITS.page)
      .refine(({ defaultRows, maxRows }) => defaultRows <= maxRows, {
        path: ['defaultRows'],
        message: 'expected at most maxRows',
      })
      .prefault({})
      .describe('Pages of lists'),
    query: z.strictObject(LIMITS.query).prefault({}).describe('What one request may cost'),
    http: z.strictObject(LIMITS.http).prefault({}).describe('Requests and answers'),
    graphql: z.strictObject(LIMITS.graphql).prefault({}).describe('GraphQL documents'),
    source: z.strictObject(LIMITS.source).prefault({}).describe('Waiting for sources'),
    run: z.strictObject(LIMITS.run).prefault({}).describe('Sharing the processor'),
  })
  .prefault({})
  .describe('Limits; what is left out has its default');

const relation = z
  .strictObject({
    to: z.string().min(1).describe('Collection that the relation leads to'),
    on: z
      .record(z.string(), z.string().min(1))
      .describe('Fields that are equal: field of the first collection → field of the other'),
    inverse: z
      .string()
      .min(1)
      .exactOptional()
      .describe('Name of the way back; by default the name of the collection, or of one row of it'),
  })
  .describe('Both directions become fields');

const server = z
  .strictObject({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .exactOptional()
      .describe('Port to listen on; --port and the environment variable PORT go first. 4000 by default'),
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on; --host goes first'),
    title: z.string().min(1).default('Overpunch').describe('Name of the API in its reference'),
  })
  .prefault({})
  .describe('Where the gateway listens');

/** Members of every source, beside the options of its adapter. */
function common(adapter: string) {
  return {
    adapter: z.literal(adapter).describe('What kind of system the source is'),
    timeoutMs: z
      .int()
      .min(1)
      .max(MAX_DELAY_MS)
      .exactOptional()
      .describe('Longest wait for one answer of this source, in milliseconds; by default as in the policy'),
  };
}

function sourceSchema({ options, name }: AdapterDefinition) {
  if (!isObjectSchema(options)) throw new TypeError(`The options of adapter ${name} must be a zod object`);
  return options.safeExtend(common(name));
}

/** An adapter's members are its own affair; what is said of all sources stands in `common`. */
function isObjectSchema(schema: z.ZodType): schema is z.ZodObject<Record<never, z.ZodType>, z.core.$strict> {
  return schema instanceof z.ZodObject;
}

/** Sources have the options of the adapters given here; `adapter` tells which. */
export function configSchema(definitions: readonly AdapterDefinition[]) {
  const [first, ...others] = definitions.map(sourceSchema);
  const source =
    first === undefined
      ? z.looseObject({ ...common(''), adapter: z.never() })
      : z.discriminatedUnion('adapter', [first, ...others]);
  return z
    .strictObject({
      sources: z
        .record(
          z.string().regex(/^[A-Za-z][\w-]*$/, 'expected a name of letters, digits, - and _, a letter first'),
          source.describe('A source and how its adapter reaches it'),
        )
        .refine((sources) => Object.keys(sources).length > 0, 'expected at least one source')
        .describe('Source name → adapter and its options'),
      relations: z
        .record(z.string(), relation)
        .default({})
        .describe('"collection.field" → where this new field leads'),
      server,
      policy,
    })
    .describe('Configuration of Overpunch');
}

export type ConfigDocument = z.output<ReturnType<typeof configSchema>>;

/** For editors: `schemas/overpunch.schema.json`. */
export function configJsonSchema(definitions: readonly AdapterDefinition[]): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(configSchema(definitions), { io: 'input', unrepresentable: 'any', reused: 'inline' });
}
