// Knows: how a SQL Server source is opened and described.
// Must not know: how queries become SQL.

import { defineAdapter } from '#spi';
import { descriptionOf } from '../sql/description.ts';
import { operationsOf } from '../sql/operations.ts';
import { readModel } from '../sql/saved-model.ts';
import { sqlSource } from '../sql/source.ts';
import { tableOf } from '../sql/table.ts';
import { PRODUCT, readCatalog } from './catalog.ts';
import { connectionConfig } from './connect.ts';
import { mssqlDialect } from './dialect.ts';
import { mssqlDriver } from './driver.ts';
import { type MssqlOptions, options } from './options.ts';

export const adapter = defineAdapter<MssqlOptions>({
  name: PRODUCT,
  options,
  async open(given, host) {
    const { model, collections, operations, schemas, pool, readOnly, settings } = given;
    const connection = await connectionConfig(given, host);
    const saved =
      model === undefined
        ? await readCatalog(connection, schemas, new AbortController().signal)
        : await readModel(host, model, PRODUCT);
    const dialect = mssqlDialect(saved.encoding);
    const tables = Object.entries(collections).map(([name, table]) => tableOf(name, table, saved, dialect));
    const { maxLifetimeMs } = pool;
    const driver = mssqlDriver({ connection, maxLifetimeMs, readOnly, settings });
    return sqlSource(tables, dialect, driver, operationsOf(operations, saved, dialect, readOnly));
  },
  async describe(given, host, signal) {
    const catalog = await readCatalog(await connectionConfig(given, host), given.schemas, signal);
    return descriptionOf(catalog, given.model);
  },
});
