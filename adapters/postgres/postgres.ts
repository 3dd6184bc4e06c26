// Knows: how a PostgreSQL source is opened and described.
// Must not know: how queries become SQL.

import { defineAdapter } from '#spi';
import { descriptionOf } from '../sql/description.ts';
import { operationsOf } from '../sql/operations.ts';
import { readModel } from '../sql/saved-model.ts';
import { sqlSource } from '../sql/source.ts';
import { tableOf } from '../sql/table.ts';
import { PRODUCT, readCatalog } from './catalog.ts';
import { clientConfig } from './connect.ts';
import { postgresDialect } from './dialect.ts';
import { postgresDriver } from './driver.ts';
import { options, type PostgresOptions } from './options.ts';

export const adapter = defineAdapter<PostgresOptions>({
  name: PRODUCT,
  options,
  async open(given, host) {
    const { model, collections, operations, schemas, pool, readOnly, settings, prepare } = given;
    const connection = await clientConfig(given, host);
    const saved =
      model === undefined
        ? await readCatalog(connection, schemas, new AbortController().signal)
        : await readModel(host, model, PRODUCT);
    const dialect = postgresDialect(saved.encoding ?? 'UTF8');
    const tables = Object.entries(collections).map(([name, table]) => tableOf(name, table, saved, dialect));
    const driver = postgresDriver({ connection, pool, readOnly, settings, prepare });
    return sqlSource(tables, dialect, driver, operationsOf(operations, saved, dialect, readOnly));
  },
  async describe(given, host, signal) {
    const catalog = await readCatalog(await clientConfig(given, host), given.schemas, signal);
    return descriptionOf(catalog, given.model);
  },
});
