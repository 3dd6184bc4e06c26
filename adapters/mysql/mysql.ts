// Knows: how a MySQL or MariaDB source is opened and described.
// Must not know: how queries become SQL.

import { defineAdapter } from '#spi';
import { descriptionOf } from '../sql/description.ts';
import { operationsOf } from '../sql/operations.ts';
import { readModel } from '../sql/saved-model.ts';
import { sqlSource } from '../sql/source.ts';
import { tableOf } from '../sql/table.ts';
import { PRODUCT, readCatalog } from './catalog.ts';
import { connectionOptions } from './connect.ts';
import { dialectOf } from './dialect.ts';
import { mysqlDriver } from './driver.ts';
import { type MysqlOptions, options } from './options.ts';

export const adapter = defineAdapter<MysqlOptions>({
  name: PRODUCT,
  options,
  async open(given, host) {
    const { model, collections, operations, databases, pool, readOnly, settings } = given;
    const connection = await connectionOptions(given, host);
    const saved =
      model === undefined
        ? await readCatalog(connection, databases, new AbortController().signal)
        : await readModel(host, model, PRODUCT);
    const dialect = dialectOf(saved.server ?? '');
    const tables = Object.entries(collections).map(([name, table]) => tableOf(name, table, saved, dialect));
    const driver = mysqlDriver({ connection, pool, readOnly, settings });
    return sqlSource(tables, dialect, driver, operationsOf(operations, saved, dialect, readOnly));
  },
  async describe(given, host, signal) {
    const catalog = await readCatalog(await connectionOptions(given, host), given.databases, signal);
    return descriptionOf(catalog, given.model);
  },
});
