// Knows: how the catalog of a live server (information_schema) becomes a saved model.
// Must not know: the configuration, queries. Its statements are text: Kysely would add nothing to fixed ones.

import type { ConnectionOptions } from 'mysql2';
import type { Driver, Parameter } from '../sql/driver.ts';
import {
  type DatabaseModel,
  MODEL_FORMAT,
  type Omitted,
  type SavedColumn,
  type SavedParameter,
  type SavedRoutine,
  type SavedTable,
} from '../sql/model.ts';
import { mysqlDriver } from './driver.ts';
import { isShown } from './types.ts';

export const PRODUCT = 'mysql';

type Line = readonly (string | undefined)[];
type Ask = (sql: string) => Promise<readonly Line[]>;

/** Reads the catalog of a server: the databases named, else the one connected to, else all. Throws a Fault. */
export async function readCatalog(
  connection: ConnectionOptions,
  databases: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<DatabaseModel> {
  const pool = { max: 1, idleMs: 0, maxLifetimeMs: 0, waitMs: connection.connectTimeout ?? 10_000 };
  await using driver = mysqlDriver({ connection, pool, readOnly: true, settings: {} });
  const own = connection.database === undefined ? undefined : [connection.database];
  try {
    return await catalogOf(driver, databases ?? own, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw driver.fault(error);
  }
}

/** `$IN` in a statement stands for the condition on the database. */
function asking(driver: Driver, databases: readonly string[] | undefined, signal: AbortSignal): Ask {
  const condition =
    databases === undefined
      ? "not in ('information_schema', 'mysql', 'performance_schema', 'sys')"
      : `in (${databases.map(() => '?').join(', ')})`;
  return async (sql) => {
    const lines: Line[] = [];
    const parameters: readonly Parameter[] =
      databases === undefined || !sql.includes('$IN') ? [] : databases.map((value) => ({ value }));
    for await (const rows of driver.stream({ sql: sql.replace('$IN', condition), parameters }, signal)) {
      for (const row of rows) {
        lines.push(
          row.map((cell) =>
            cell === null
              ? undefined
              : cell instanceof Uint8Array
                ? new TextDecoder().decode(cell)
                : String(cell),
          ),
        );
      }
    }
    return lines;
  };
}

async function catalogOf(
  driver: Driver,
  databases: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<DatabaseModel> {
  const ask = asking(driver, databases, signal);
  const [[version = ''] = []] = await ask('select version()');
  const tables = await ask(
    'select table_schema, table_name, table_type, table_comment, engine from information_schema.tables where table_schema $IN order by binary table_schema, binary table_name',
  );
  const engines = await ask("select engine from information_schema.engines where transactions = 'YES'");
  const transactional = new Set(engines.map(([engine]) => engine));
  const columns = await ask(
    'select table_schema, table_name, column_name, column_type, is_nullable, collation_name, column_comment, column_default, extra from information_schema.columns where table_schema $IN order by ordinal_position',
  );
  const indexes = await ask(
    'select table_schema, table_name, index_name, non_unique, column_name, sub_part, index_type from information_schema.statistics where table_schema $IN order by binary index_name, seq_in_index',
  );
  const foreign = await ask(
    'select table_schema, table_name, constraint_name, column_name, referenced_table_schema, referenced_table_name, referenced_column_name from information_schema.key_column_usage where referenced_table_name is not null and table_schema $IN order by binary constraint_name, ordinal_position',
  );
  // MariaDB keeps JSON as a text with a check; MySQL has a type for it.
  const checks = version.includes('MariaDB')
    ? await ask(
        'select constraint_schema, table_name, check_clause from information_schema.check_constraints where constraint_schema $IN',
      )
    : [];
  const documents = new Set(
    checks.map(([schema, table, clause]) => [schema, table, jsonColumn(clause ?? '')].join('\0')),
  );
  const omitted: Omitted[] = [];
  const ofTable = byTable(columns);
  const indexesOf = byTable(indexes);
  const foreignOf = byTable(foreign);
  const saved = tables.flatMap(
    ([schema = '', name = '', type = '', comment = '', engine]): readonly SavedTable[] => {
      const place = `${schema}\0${name}`;
      const kind = type === 'VIEW' ? 'view' : 'table';
      if (!['VIEW', 'BASE TABLE', 'SYSTEM VERSIONED'].includes(type)) {
        omitted.push({ name: `${schema}.${name}`, reason: `it is a ${type.toLowerCase()}` });
        return [];
      }
      const lines = ofTable.get(place) ?? [];
      const shown = lines.filter(([, , column = '', declared = '']) => {
        if (isShown(declared)) return true;
        omitted.push({
          name: `${schema}.${name}.${column}`,
          reason: `its type ${declared} has no values to show`,
        });
        return false;
      });
      if (shown.length === 0) {
        omitted.push({ name: `${schema}.${name}`, reason: 'none of its columns can be read' });
        return [];
      }
      const names = new Set(shown.map(([, , column]) => column));
      const found = indexesIn(indexesOf.get(place) ?? [], names);
      const key = found.find((index) => index.name === 'PRIMARY')?.columns ?? [];
      const others = found.filter((index) => index.name !== 'PRIMARY');
      return [
        {
          schema,
          name,
          kind,
          ...(comment === '' || kind === 'view' ? {} : { comment }),
          columns: shown.map((line) => columnOf(line, documents.has(`${place}\0${line[2]}`))),
          key,
          unique: others.filter(({ unique }) => unique).map((index) => index.columns),
          indexes: others.filter(({ unique }) => !unique).map((index) => index.columns),
          foreignKeys: foreignKeysIn(foreignOf.get(place) ?? []),
          ...(kind === 'table' && !transactional.has(engine) ? { transactional: false } : {}),
        },
      ];
    },
  );
  return {
    format: MODEL_FORMAT,
    product: PRODUCT,
    server: version,
    tables: saved,
    routines: await routinesOf(ask, omitted),
    omitted,
  };
}

function byTable(lines: readonly Line[]): ReadonlyMap<string, readonly Line[]> {
  return Map.groupBy(lines, ([schema, table]) => `${schema}\0${table}`);
}

/** The column of a check that is just json_valid(`column`). */
function jsonColumn(clause: string): string {
  const [, name = ''] = /^\(?json_valid\(`((?:[^`]|``)+)`\)\)?$/i.exec(clause) ?? [];
  return name.replaceAll('``', '`');
}

function columnOf(
  [, , name = '', declared = '', nullable, collation, comment = '', standard, extra = '']: Line,
  json: boolean,
): SavedColumn {
  const features = extra.toLowerCase();
  const generated = features.includes('auto_increment')
    ? 'identity'
    : /\bgenerated\b(?!.*default)|\b(?:virtual|stored|persistent)\b/.test(features) &&
        !features.includes('default_generated')
      ? 'always'
      : undefined;
  return {
    name,
    type: json ? 'json' : declared,
    nullable: nullable === 'YES',
    ...(collation === undefined ? {} : { collation }),
    ...(comment === '' ? {} : { comment }),
    // MariaDB writes the expression: no default at all is the word NULL.
    ...((standard !== undefined && standard !== 'NULL') || generated === 'identity' ? { default: true } : {}),
    ...(generated === undefined ? {} : { generated }),
    trusted: true,
  };
}

interface Index {
  readonly name: string;
  readonly unique: boolean;
  readonly columns: readonly string[];
}

/** Indexes over whole columns; one over the beginnings of values or over expressions orders and tells apart nothing here. */
function indexesIn(lines: readonly Line[], names: ReadonlySet<string | undefined>): readonly Index[] {
  return [...Map.groupBy(lines, ([, , index = '']) => index)].flatMap(([name, parts]): readonly Index[] => {
    const columns = parts.flatMap(([, , , , column]) => column ?? []);
    const whole = parts.every(
      ([, , , , column, prefix, type]) =>
        column !== undefined &&
        names.has(column) &&
        prefix === undefined &&
        ['BTREE', 'HASH'].includes(type ?? ''),
    );
    return whole ? [{ name, unique: parts[0]?.[3] === '0', columns }] : [];
  });
}

function foreignKeysIn(lines: readonly Line[]): SavedTable['foreignKeys'] {
  return [...Map.groupBy(lines, ([, , constraint = '']) => constraint).values()].map((parts) => ({
    columns: parts.flatMap(([, , , column]) => column ?? []),
    table: `${parts[0]?.[4]}.${parts[0]?.[5]}`,
    references: parts.flatMap((part) => part[6] ?? []),
  }));
}

async function routinesOf(ask: Ask, omitted: Omitted[]): Promise<readonly SavedRoutine[]> {
  const routines = await ask(
    'select routine_schema, specific_name, routine_name, routine_type, routine_comment, dtd_identifier from information_schema.routines where routine_schema $IN order by binary routine_schema, binary routine_name, routine_type',
  );
  const parameters = await ask(
    'select specific_schema, specific_name, routine_type, ordinal_position, parameter_mode, parameter_name, dtd_identifier from information_schema.parameters where ordinal_position > 0 and specific_schema $IN order by ordinal_position',
  );
  const of = Map.groupBy(parameters, ([schema, name, type]) => [schema, name, type].join('\0'));
  return routines.flatMap(([schema = '', specific, name = '', type = '', comment = '', returns]) => {
    const own = (of.get([schema, specific, type].join('\0')) ?? []).map(
      ([, , , , mode, parameter = '', declared = '']): SavedParameter => ({
        name: parameter,
        type: declared,
        mode: mode === 'OUT' ? 'out' : mode === 'INOUT' ? 'inout' : 'in',
      }),
    );
    const reason = whyNotCalled(type, own, returns);
    if (reason !== undefined) {
      omitted.push({ name: `${schema}.${name}`, reason });
      return [];
    }
    const saved: SavedRoutine = {
      schema,
      name,
      kind: type === 'FUNCTION' ? 'function' : 'procedure',
      ...(comment === '' ? {} : { comment }),
      parameters: own,
      ...(type === 'FUNCTION' && returns !== undefined ? { returns } : {}),
    };
    return [saved];
  });
}

function whyNotCalled(
  type: string,
  parameters: readonly SavedParameter[],
  returns: string | undefined,
): string | undefined {
  if (type !== 'FUNCTION' && type !== 'PROCEDURE') return `it is a ${type.toLowerCase()}`;
  const unshown = parameters.find((parameter) => !isShown(parameter.type));
  if (unshown !== undefined) {
    return `its parameter "${unshown.name}" is of the type ${unshown.type}, which has no values to show`;
  }
  return type === 'FUNCTION' && returns !== undefined && !isShown(returns)
    ? `it returns the type ${returns}, which has no values to show`
    : undefined;
}
