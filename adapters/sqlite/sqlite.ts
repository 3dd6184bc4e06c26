// Knows: the options of a SQLite source and how it is opened.
// Must not know: how queries become SQL.

import { z } from 'zod';
import { defineAdapter, Fault } from '#spi';
import { descriptionOf } from '../sql/description.ts';
import type { DatabaseModel } from '../sql/model.ts';
import { operationsOptions } from '../sql/operation-options.ts';
import { collectionsOptions } from '../sql/options.ts';
import { readModel } from '../sql/saved-model.ts';
import { sqlSource } from '../sql/source.ts';
import { tableOf } from '../sql/table.ts';
import { PRODUCT, readCatalog } from './catalog.ts';
import { sqliteDialect } from './dialect.ts';
import { sqliteDriver } from './driver.ts';

const options = z.strictObject({
  file: z.string().min(1).describe('The database file'),
  waitMs: z
    .int()
    .min(0)
    .default(5_000)
    .describe('Longest wait of a write for another program, or a reader, that holds the file'),
  readOnly: z.boolean().default(true).describe('Open the file for reading only'),
  model: z
    .string()
    .min(1)
    .optional()
    .describe('Saved model of the database (JSON): the gateway then starts while the file is missing'),
  collections: collectionsOptions,
  operations: operationsOptions,
});

type SqliteOptions = z.infer<typeof options>;

export const adapter = defineAdapter<SqliteOptions>({
  name: PRODUCT,
  options,
  async open({ file, readOnly, waitMs, model, collections, operations }, host) {
    const [operation] = Object.keys(operations);
    if (operation !== undefined) {
      throw new Fault('invalid', `Operation "${operation}": SQLite has no stored procedures and functions`, {
        code: 'bad-operation',
        misconfigured: true,
        operation,
      });
    }
    const path = host.path(file);
    const saved: DatabaseModel =
      model === undefined ? readCatalog(path, readOnly) : await readModel(host, model, PRODUCT);
    const dialect = sqliteDialect(saved.encoding ?? 'UTF-8');
    const tables = Object.entries(collections).map(([name, table]) => tableOf(name, table, saved, dialect));
    return sqlSource(tables, dialect, sqliteDriver({ path, readOnly, waitMs, sliceMs: host.sliceMs }));
  },
  async describe({ file, model, readOnly }, host, signal) {
    signal.throwIfAborted();
    return descriptionOf(readCatalog(host.path(file), readOnly), model);
  },
});
