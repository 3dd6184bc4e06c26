// Knows: how a configuration picks stored procedures and functions; the same for every SQL product that has them.
// Must not know: any product.

import { z } from 'zod';

const parameterOptions = z.union([
  z.string().describe('API name of the parameter'),
  z.strictObject({
    name: z.string().exactOptional().describe('API name of the parameter'),
    type: z
      .string()
      .exactOptional()
      .describe(
        'The type that it should have been declared with, in the words of the database: decimal(11,2)',
      ),
    doc: z.string().exactOptional().describe('What it means, for the API reference'),
    optional: z
      .boolean()
      .exactOptional()
      .describe(
        'It may be left out or null. By default what has a default in the database, which then counts where it is left out; without one it is null',
      ),
  }),
]);

const resultColumnOptions = z.union([
  z.string().describe('Declared type of the column, in the words of the database: decimal(11,2)'),
  z.strictObject({
    type: z
      .string()
      .exactOptional()
      .describe('Declared type of the column; needed where the catalog does not know it'),
    name: z.string().exactOptional().describe('API name of the column'),
    doc: z.string().exactOptional().describe('What the column means, for the API reference'),
    hidden: z.boolean().default(false).describe('Leave the column out of the API'),
  }),
]);

const resultOptions = z.strictObject({
  name: z
    .string()
    .min(1)
    .exactOptional()
    .describe('API name of the result set; by default that of its cursor, else rows, rows2, …'),
  cursor: z
    .string()
    .min(1)
    .exactOptional()
    .describe('The parameter that brings it; by default it is the next one that the call answers with'),
  columns: z
    .record(z.string(), resultColumnOptions)
    .default({})
    .describe(
      'By column: its declared type, or { type, name, doc, hidden }. Columns that are neither named here nor known to the catalog are left out',
    ),
  single: z
    .boolean()
    .default(false)
    .describe('It has at most one row: shown as an object or null instead of a list'),
  hidden: z.boolean().default(false).describe('Leave the result set out of the API'),
  doc: z.string().exactOptional().describe('What it is, for the API reference'),
});

const faultRule = z.strictObject({
  code: z
    .string()
    .min(1)
    .describe('The code that it raises: a SQLSTATE, or a number where the product raises numbers'),
  subcode: z.string().min(1).exactOptional().describe('The number beside the SQLSTATE (MySQL: MYSQL_ERRNO)'),
  as: z
    .enum(['not-found', 'conflict', 'invalid', 'rejected', 'forbidden', 'stale'])
    .describe('What it means; without a rule it is rejected'),
});

export const operationOptions = z.strictObject({
  procedure: z
    .string()
    .min(1)
    .describe(
      'Stored procedure or function, with its schema in front, and its package: bank.open_account. One of several with the same name by its types behind it: bank.rate(integer, text)',
    ),
  kind: z
    .enum(['procedure', 'function'])
    .exactOptional()
    .describe('Which one, where a procedure and a function have the same name'),
  effect: z
    .enum(['read', 'write'])
    .default('write')
    .describe(
      'read: a query in GraphQL, GET and POST in REST; write: a mutation and POST. Never guessed from the name',
    ),
  idempotent: z
    .boolean()
    .exactOptional()
    .describe(
      'Calling it again does no harm: it may then be repeated. By default what only reads is idempotent',
    ),
  doc: z
    .string()
    .exactOptional()
    .describe('What it does, for the API reference; by default the comment of the catalog'),
  arguments: z
    .record(z.string(), parameterOptions)
    .default({})
    .describe(
      'By parameter, in and out (one without a name by its number, from 1): another API name, or { name, type, doc, optional }',
    ),
  results: z
    .array(resultOptions)
    .default([])
    .describe('Its result sets in their order, where the catalog does not know their columns'),
  maxRows: z
    .int()
    .min(1)
    .default(10_000)
    .describe('Most rows of all result sets together; more is too-costly, never cut off'),
  transaction: z
    .enum(['call', 'own'])
    .default('call')
    .describe(
      'call: all that it does is committed at its end, or rolled back when it fails; own: it begins and commits by itself and is called outside a transaction',
    ),
  faults: z
    .array(faultRule)
    .default([])
    .describe('What the errors mean that it raises on purpose; the first rule that fits decides'),
  messages: z
    .enum(['hide', 'show'])
    .default('hide')
    .describe(
      'show: clients are told the text of errors that it raises on purpose (RAISE EXCEPTION, SIGNAL), written for them; otherwise its code alone',
    ),
});

export const operationsOptions = z
  .record(z.string(), operationOptions)
  .default({})
  .describe('Operation name → the stored procedure or function behind it');

export type FaultRule = z.infer<typeof faultRule>;
export type OperationOptions = z.infer<typeof operationOptions>;
export type ResultOptions = z.infer<typeof resultOptions>;
