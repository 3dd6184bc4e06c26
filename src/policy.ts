// Knows: every limit of the gateway: its default, its bounds, and what the documentation says of it. One line for each.
// Must not know: who enforces them, and the rest of the configuration.

import { z } from 'zod';

/** A count with its default; `default` is a word of the schema, so the documentation shows it. */
function limit(standard: number, doc: string, min = 1) {
  return z.int().min(min).max(Number.MAX_SAFE_INTEGER).default(standard).describe(doc);
}

/** Longest delay that a timer of Node can wait, in milliseconds. */
export const MAX_DELAY_MS = 2_147_483_647;

function delay(standard: number, doc: string, min = 1) {
  return z.int().min(min).max(MAX_DELAY_MS).default(standard).describe(doc);
}

const page = z
  .strictObject({
    defaultRows: limit(50, 'Rows of a list when the client names no `first`'),
    maxRows: limit(1_000, 'Largest `first` of a list'),
  })
  .refine(({ defaultRows, maxRows }) => defaultRows <= maxRows, {
    path: ['defaultRows'],
    message: 'expected at most maxRows',
  });

const query = z.strictObject({
  maxDepth: limit(8, 'Deepest nesting of relations in one request'),
  maxCost: limit(
    10_000_000,
    'Rows that one request may ask for: `first` of each level multiplied along its relations, summed up',
  ),
  maxScanRows: limit(20_000_000, 'Rows that a source may look at for one answer without key or index'),
  maxSortRows: limit(200_000, 'Rows kept in memory for an order that the source does not give'),
  maxRelationRows: limit(100_000, 'Rows read for all parents of one relation together'),
  keysPerRead: limit(1_000, 'Keys in one batched read of a relation'),
  maxFilterChars: limit(8_192, 'Characters of a filter'),
  maxFilterConditions: limit(200, 'Conditions in one filter'),
  maxFilterDepth: limit(20, 'Nesting of parentheses in one filter'),
});

const write = z.strictObject({
  maxChanges: limit(1_000, 'Changes in one request: they are carried out in one transaction'),
});

const watch = z.strictObject({
  maxWatches: limit(1_000, 'Clients that watch changes at the same time'),
  openMs: delay(
    1_000,
    'How long a watch waits for a first sign of its source before the client is told that it stands, in milliseconds',
    0,
  ),
  heartbeatMs: delay(
    15_000,
    'A watch on which nothing happens gives a sign of life this often, so that proxies keep it open, in milliseconds',
  ),
  retryMs: delay(
    3_000,
    'How long a client that has lost its connection waits before it asks again, in milliseconds',
    0,
  ),
});

const http = z.strictObject({
  maxBodyBytes: limit(1_048_576, 'Bytes of a request body'),
  maxBodyDepth: limit(64, 'Nesting of lists and objects in a request body'),
  bufferedBytes: limit(
    262_144,
    'Answers up to this size are buffered: they get an ETag and a late error its status',
    0,
  ),
  requestMs: delay(
    120_000,
    'Longest time that one request may take, in milliseconds; a stream of changes may take any. A client asks for less by `Prefer: wait=SECONDS`',
  ),
  maxAnswerRows: limit(100_000_000, 'Rows of one answer, those of its relations included'),
  maxAnswerBytes: limit(17_179_869_184, 'Bytes of one answer'),
  drainMs: delay(10_000, 'How long running requests may go on after SIGTERM, in milliseconds', 0),
  drainDelayMs: delay(
    0,
    'How long requests are still taken after SIGTERM while /health/ready says no, so that load balancers look elsewhere first, in milliseconds',
    0,
  ),
});

const graphql = z.strictObject({
  maxDepth: limit(16, 'Deepest nesting of a GraphQL document'),
  maxTokens: limit(4_000, 'Tokens of a GraphQL document'),
  maxAliases: limit(100, 'Aliases in a GraphQL document', 0),
  maxRootFields: limit(50, 'Root fields of a GraphQL document'),
});

const source = z.strictObject({
  timeoutMs: delay(30_000, 'Longest wait for one answer of a source, in milliseconds'),
  openMs: delay(
    30_000,
    'Longest wait for a source that is being opened, in milliseconds; meanwhile it is down, and it is taken when it is there',
  ),
  checkMs: delay(10_000, 'Longest wait for a check of a source, in milliseconds'),
  checkEveryMs: delay(
    60_000,
    'How often a source that is up is checked, so that the health knows of one that nobody asks, in milliseconds; 0: only after a fault',
    0,
  ),
  reopenMs: delay(5_000, 'Pause between attempts to bring a source back, in milliseconds'),
  concurrency: limit(
    64,
    'Calls of one source at the same time, and as many again for rows that belong to rows which are being read',
  ),
  queue: limit(1_000, 'Calls of one source that may wait for their turn', 0),
  queueMs: delay(5_000, 'Longest wait of a call for its turn, in milliseconds', 0),
  retries: limit(1, 'Further attempts at a read that a source did not answer', 0),
  retryMs: delay(
    100,
    'Pause before the first further attempt, in milliseconds; it doubles, and varies by chance',
  ),
  breakerFailures: limit(10, 'Failures of a source in a row after which it is not asked for a while'),
  breakerOpenMs: delay(5_000, 'How long a source is not asked before one call tries it, in milliseconds'),
});

const run = z.strictObject({
  sliceMs: delay(10, 'Longest time that a scan keeps other requests waiting, in milliseconds'),
});

const reload = z.strictObject({
  pollMs: delay(5_000, 'How often files are looked at whose changes nobody tells of, in milliseconds'),
  settleMs: delay(
    250,
    'How long a changed file must stay as it is before it is read: it may be half written, in milliseconds',
  ),
  replacedMs: delay(
    30_000,
    'How long streams of changes go on with a configuration that has been replaced, in milliseconds; then their clients go on with the new one. They end at once where access or roles have changed',
    0,
  ),
});

/** `policy` in the configuration; every limit that is left out has its default. */
export const policySchema = z
  .strictObject({
    page: page.prefault({}).describe('Pages of lists'),
    query: query.prefault({}).describe('What one request may cost'),
    write: write.prefault({}).describe('What one request may change'),
    watch: watch.prefault({}).describe('Watching changes'),
    http: http.prefault({}).describe('Requests and answers'),
    graphql: graphql.prefault({}).describe('GraphQL documents'),
    source: source.prefault({}).describe('Asking sources'),
    reload: reload.prefault({}).describe('Reading the configuration again'),
    run: run.prefault({}).describe('Sharing the processor'),
  })
  .prefault({})
  .describe('Limits; what is left out has its default');

type Groups = z.output<typeof policySchema>;

/** The limits in force, by group. */
export type Policy = { readonly [Group in keyof Groups]: Readonly<Groups[Group]> };

export const DEFAULT_POLICY: Policy = policySchema.parse({});
