// Knows: how an Oracle source is opened and described.
// Must not know: how queries become SQL.

import { type AdapterDefinition, defineAdapter, type Host } from '#spi';
import { descriptionOf } from '../sql/description.ts';
import { operationsOf } from '../sql/operations.ts';
import { readModel } from '../sql/saved-model.ts';
import { sqlSource } from '../sql/source.ts';
import { tableOf } from '../sql/table.ts';
import { PRODUCT, readCatalog } from './catalog.ts';
import { poolAttributes } from './connect.ts';
import { oracleDialect } from './dialect.ts';
import { type OracleServer, oracleDriver } from './driver.ts';
import { loadOracledb, type OracleModule } from './driver-module.ts';
import { oracleFault } from './faults.ts';
import { type OracleOptions, options } from './options.ts';

/** Where no collection is read: what comes from routines. */
const DEFAULT_LIMIT = 1_048_576;

/** `load`: what brings the driver; tests put another in its place. */
export function oracleAdapter(load: () => Promise<OracleModule>): AdapterDefinition<OracleOptions> {
  const server = async (given: OracleOptions, host: Host) => {
    const oracledb = await load();
    if (given.client !== undefined) useClient(oracledb, given.client, host);
    const { pool, readOnly, collections } = given;
    const attributes = await poolAttributes(given, host, oracledb);
    const limits = Object.values(collections).map(({ maxValueBytes }) => maxValueBytes);
    const maxLobLength = limits.length === 0 ? DEFAULT_LIMIT : Math.max(...limits);
    const settings: OracleServer = { attributes, waitMs: pool.waitMs, maxLobLength, readOnly };
    return { oracledb, settings };
  };
  return defineAdapter<OracleOptions>({
    name: PRODUCT,
    options,
    async open(given, host) {
      const { oracledb, settings } = await server(given, host);
      const { model, schemas, collections, operations, version, readOnly } = given;
      const saved =
        model === undefined
          ? await readCatalog(oracledb, settings, schemas, new AbortController().signal)
          : await readModel(host, model, PRODUCT);
      const dialect = oracleDialect({ charset: saved.encoding ?? 'AL32UTF8', version });
      const tables = Object.entries(collections).map(([name, table]) => tableOf(name, table, saved, dialect));
      const driver = oracleDriver(oracledb, settings);
      return sqlSource(tables, dialect, driver, operationsOf(operations, saved, dialect, readOnly));
    },
    async describe(given, host, signal) {
      const { oracledb, settings } = await server(given, host);
      return descriptionOf(await readCatalog(oracledb, settings, given.schemas, signal), given.model);
    },
  });
}

/** The first source that is opened decides for the process; the same again is no mistake. */
function useClient(oracledb: OracleModule, client: NonNullable<OracleOptions['client']>, host: Host): void {
  const { libDir, configDir } = client;
  try {
    oracledb.initOracleClient({
      libDir: host.path(libDir),
      ...(configDir === undefined ? {} : { configDir: host.path(configDir) }),
    });
  } catch (error) {
    throw oracleFault(error);
  }
}

export const adapter = oracleAdapter(loadOracledb);
