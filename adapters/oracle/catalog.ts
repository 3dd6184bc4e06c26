// Knows: how the data dictionary of a live server becomes a saved model.
// Must not know: the configuration's collections, queries.

import { Fault } from '#spi';
import type { Driver, Parameter } from '../sql/driver.ts';
import { type DatabaseModel, MODEL_FORMAT, type SavedTable } from '../sql/model.ts';
import type { Ask, Line, Omitted } from './catalog-lines.ts';
import { CHARSET, COLUMNS, NOT_ORACLES, NOT_ORACLES_11, SYNONYMS, VERSION } from './catalog-sql.ts';
import { charsetOf } from './charset.ts';
import { type OracleServer, oracleDriver } from './driver.ts';
import type { OracleModule } from './driver-module.ts';
import type { OracleParameter } from './parameter.ts';
import { routinesOf } from './routines.ts';
import { nameOf, tablesOf } from './tables.ts';

export const PRODUCT = 'oracle';

/** Reads the dictionary as far as the login sees it: the schemas named, else all but Oracle's own. Throws a Fault. */
export async function readCatalog(
  oracledb: OracleModule,
  server: OracleServer,
  schemas: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<DatabaseModel> {
  const alone = { ...server, attributes: { ...server.attributes, poolMax: 1 }, readOnly: true };
  await using driver = oracleDriver(oracledb, alone);
  try {
    return await catalogOf(driver, schemas, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw driver.fault(error);
  }
}

async function linesOf(
  driver: Driver,
  sql: string,
  owners: readonly string[],
  signal: AbortSignal,
): Promise<readonly Line[]> {
  const parameters = owners.map((value): OracleParameter => ({ value, sqlType: 'varchar' }));
  const lines: Line[] = [];
  for await (const rows of driver.stream(
    { sql, parameters: parameters satisfies readonly Parameter[] },
    signal,
  )) {
    lines.push(...rows.map((row) => row.map((cell) => (cell === null ? undefined : String(cell)))));
  }
  return lines;
}

/** [12, 1] of `12.1.0.2.0`. */
function versionOf(text: string | undefined): readonly [number, number] {
  const [major = 11, minor = 0] = (text ?? '').split('.').map(Number);
  return [major, minor];
}

async function catalogOf(
  driver: Driver,
  schemas: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<DatabaseModel> {
  const [[versionText] = []] = await linesOf(driver, VERSION, [], signal);
  const [[charset = 'AL32UTF8'] = []] = await linesOf(driver, CHARSET, [], signal);
  const [major, minor] = versionOf(versionText);
  const within = (owners: readonly string[] | undefined): Ask => {
    const condition =
      owners === undefined
        ? major < 12
          ? NOT_ORACLES_11
          : NOT_ORACLES
        : `in (${owners.map((_, i) => `:${i + 1}`).join(', ')})`;
    return (sql) =>
      linesOf(driver, sql.replace('$IN', condition), sql.includes('$IN') ? (owners ?? []) : [], signal);
  };
  const chosen = within(schemas);
  const synonyms = await chosen(SYNONYMS);
  // What a synonym stands for may belong to another owner.
  const owners =
    schemas === undefined
      ? undefined
      : [
          ...new Set([
            ...schemas,
            ...synonyms.flatMap(([, , owner, , link]) => (link === undefined ? (owner ?? []) : [])),
          ]),
        ];
  const ask = within(owners);
  const columnsSql = COLUMNS.replace('$IDENTITY', major < 12 ? 'null' : 'identity_column').replace(
    '$COLLATION',
    major < 12 || (major === 12 && minor < 2) ? 'null' : 'collation',
  );
  const omitted: Omitted[] = [];
  const known = await tablesOf(ask, columnsSql, charsetOf(charset), major >= 12, omitted);
  const shown = (name: string): boolean =>
    schemas === undefined || schemas.some((own) => name.startsWith(`${own}.`));
  const tables = [
    ...known.filter((table) => shown(nameOf(table))),
    ...synonyms.flatMap((line) => synonymOf(line, known, omitted)),
  ];
  for (const schema of schemas ?? []) {
    if (tables.some((table) => table.schema === schema)) continue;
    throw new Fault('invalid', `The login sees no table, view or synonym in a schema "${schema}"`, {
      code: 'bad-schema',
      misconfigured: true,
      hint: 'Names of schemas are mostly in capitals.',
    });
  }
  const routines = await routinesOf(chosen, omitted);
  return {
    format: MODEL_FORMAT,
    product: PRODUCT,
    encoding: charset,
    tables,
    ...(routines.length === 0 ? {} : { routines }),
    omitted: omitted.filter(({ name }) => shown(name)),
  };
}

function synonymOf(
  [owner = '', name = '', targetOwner, target, link]: Line,
  tables: readonly SavedTable[],
  omitted: Omitted[],
): readonly SavedTable[] {
  if (link !== undefined) {
    omitted.push({
      name: `${owner}.${name}`,
      reason: `a synonym for something behind the database link ${link}`,
    });
    return [];
  }
  const found = tables.find((table) => table.schema === targetOwner && table.name === target);
  if (found !== undefined) return [{ ...found, schema: owner, name }];
  omitted.push({
    name: `${owner}.${name}`,
    reason: `a synonym for ${targetOwner}.${target}, which is no table or view that can be read`,
  });
  return [];
}
