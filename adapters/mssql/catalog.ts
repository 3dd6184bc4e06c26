// Knows: how the catalog of a live server becomes a saved model.
// Must not know: the configuration, queries, connections beyond the driver.

import type { config } from 'mssql';
import type { Driver } from '../sql/driver.ts';
import {
  type DatabaseModel,
  MODEL_FORMAT,
  type SavedColumn,
  type SavedParameter,
  type SavedRoutine,
  type SavedTable,
} from '../sql/model.ts';
import * as ask from './catalog-sql.ts';
import { mssqlDriver } from './driver.ts';
import { isShown } from './types.ts';

export const PRODUCT = 'mssql';

type Cell = string | undefined;
type Line = readonly Cell[];
/** The lines that have the same first cell. */
type Grouped = ReadonlyMap<Cell, readonly Line[]>;

/** Reads the catalog of the database connected to: the schemas named, else all. Throws a Fault. */
export async function readCatalog(
  connection: config,
  schemas: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<DatabaseModel> {
  await using driver = mssqlDriver({ connection, maxLifetimeMs: 0, readOnly: true, settings: {} });
  try {
    return modelOf(await readLists(driver, signal), schemas);
  } catch (error) {
    signal.throwIfAborted();
    throw driver.fault(error);
  }
}

async function readLists(driver: Driver, signal: AbortSignal) {
  const lines = async (sql: string): Promise<readonly Line[]> => {
    const all: Line[] = [];
    for await (const rows of driver.stream({ sql, parameters: [] }, signal)) {
      for (const row of rows) all.push(row.map(cellOf));
    }
    return all;
  };
  return {
    database: await lines(ask.DATABASE),
    schemas: await lines(ask.SCHEMAS),
    objects: await lines(ask.OBJECTS),
    columns: await lines(ask.COLUMNS),
    types: await lines(ask.TYPES),
    indexes: await lines(ask.INDEXES),
    indexColumns: await lines(ask.INDEX_COLUMNS),
    foreignKeys: await lines(ask.FOREIGN_KEYS),
    foreignKeyColumns: await lines(ask.FOREIGN_KEY_COLUMNS),
    comments: await lines(ask.COMMENTS),
    parameters: await lines(ask.PARAMETERS),
    synonyms: await lines(ask.SYNONYMS),
  };
}

type Lists = Awaited<ReturnType<typeof readLists>>;

/** Bits come as booleans, numbers as numbers: all as texts, bits as `1` and `0`. */
function cellOf(cell: unknown): Cell {
  if (cell === null) return undefined;
  return typeof cell === 'boolean' ? String(Number(cell)) : String(cell).trimEnd();
}

/** What the lists say of single things, found by their numbers. */
interface Known {
  readonly schemas: ReadonlyMap<Cell, string>;
  readonly types: ReadonlyMap<Cell, Line>;
  /** The type of the server's own behind each. */
  readonly base: ReadonlyMap<Cell, string>;
  readonly columns: Grouped;
  readonly comments: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<Cell, string>;
}

function modelOf(lists: Lists, wanted: readonly string[] | undefined): DatabaseModel {
  const schemas = new Map(lists.schemas.map(([id, name = '']) => [id, name]));
  const known: Known = {
    schemas,
    types: new Map(lists.types.map((line) => [line[0], line])),
    base: new Map(
      lists.types.flatMap(([id, system, name = '', own]) =>
        own === '0' && id === system ? [[system, name] as const] : [],
      ),
    ),
    columns: Map.groupBy(lists.columns, ([object]) => object),
    comments: new Map(lists.comments.map(([major, minor, comment = '']) => [`${major}.${minor}`, comment])),
    names: new Map(lists.objects.map(([id, schema, name]) => [id, `${schemas.get(schema) ?? ''}.${name}`])),
  };
  const indexes = Map.groupBy(lists.indexes, ([object]) => object);
  const parts = Map.groupBy(lists.indexColumns, ([object, index]) => `${object}.${index}`);
  const foreign = Map.groupBy(lists.foreignKeys, ([, parent]) => parent);
  const foreignParts = Map.groupBy(lists.foreignKeyColumns, ([constraint]) => constraint);
  const omitted: { readonly name: string; readonly reason: string }[] = [];
  const isWanted = (schema: Cell): boolean =>
    wanted === undefined || wanted.includes(schemas.get(schema) ?? '');
  const objects = lists.objects.filter(([, schema]) => isWanted(schema));

  const tables = new Map<Cell, SavedTable>();
  for (const [id, schema, name = '', type] of objects) {
    if (type !== 'U' && type !== 'V') continue;
    const place = `${schemas.get(schema)}.${name}`;
    const columns = shownColumns(id, place, known, omitted);
    if (columns.length === 0) {
      omitted.push({ name: place, reason: 'none of its columns can be read' });
      continue;
    }
    const names = columnNames(id, known);
    const shown = new Set(columns.map((column) => column.name));
    const found = (indexes.get(id) ?? []).flatMap((line) => {
      const own = (parts.get(`${id}.${line[1]}`) ?? []).map(([, , column]) => names.get(column) ?? '');
      return servesAll(line) && own.length > 0 && own.every((column) => shown.has(column))
        ? [{ unique: line[2] === '1', primary: line[3] === '1', columns: own }]
        : [];
    });
    const others = found.filter(({ primary }) => !primary);
    const comment = known.comments.get(`${id}.0`);
    tables.set(id, {
      schema: schemas.get(schema) ?? '',
      name,
      kind: type === 'U' ? 'table' : 'view',
      ...(comment === undefined ? {} : { comment }),
      columns,
      key: found.find(({ primary }) => primary)?.columns ?? [],
      unique: others.filter(({ unique }) => unique).map((index) => index.columns),
      indexes: others.filter(({ unique }) => !unique).map((index) => index.columns),
      foreignKeys: (foreign.get(id) ?? []).map(([constraint, , target]) => {
        const pairs = foreignParts.get(constraint) ?? [];
        const there = columnNames(target, known);
        return {
          columns: pairs.map(([, column]) => names.get(column) ?? ''),
          table: known.names.get(target) ?? '',
          references: pairs.map(([, , column]) => there.get(column) ?? ''),
        };
      }),
    });
  }
  const synonyms = lists.synonyms
    .filter(([, schema]) => isWanted(schema))
    .flatMap(([, schema, name = '', base = '', target]): readonly SavedTable[] => {
      const table = tables.get(target);
      const own = schemas.get(schema) ?? '';
      if (table !== undefined && !isElsewhere(base)) return [{ ...table, schema: own, name }];
      omitted.push({
        name: `${own}.${name}`,
        reason: `it is a synonym of ${base}, which is no table or view that was read here`,
      });
      return [];
    });
  const [[, collation] = []] = lists.database;
  return {
    format: MODEL_FORMAT,
    product: PRODUCT,
    ...(collation === undefined ? {} : { encoding: collation }),
    tables: [...tables.values(), ...synonyms],
    routines: routinesOf(objects, lists.parameters, known),
    omitted,
  };
}

/** An index over some rows alone, or one that is switched off, finds nothing. Heaps are in the list as type 0. */
function servesAll([, , , , filtered, disabled, hypothetical, type]: Line): boolean {
  return filtered !== '1' && disabled !== '1' && hypothetical !== '1' && (type === '1' || type === '2');
}

/** A name of three parts or four is of another database. */
function isElsewhere(name: string): boolean {
  return [...name.matchAll(/\[(?:[^\]]|\]\])*\]|[^.[\]]+/g)].length > 2;
}

function columnNames(object: Cell, known: Known): ReadonlyMap<Cell, string> {
  return new Map((known.columns.get(object) ?? []).map(([, id, name = '']) => [id, name]));
}

function shownColumns(
  object: Cell,
  place: string,
  known: Known,
  omitted: { readonly name: string; readonly reason: string }[],
): readonly SavedColumn[] {
  return (known.columns.get(object) ?? []).flatMap((line): readonly SavedColumn[] => {
    const [
      ,
      id,
      name = '',
      user,
      system,
      length,
      precision,
      scale,
      collation,
      nullable,
      identity,
      computed,
      standard,
    ] = line;
    const type = declaredOf(known, user, system, length, precision, scale);
    if (!isShown(type)) {
      omitted.push({ name: `${place}.${name}`, reason: `its type ${type} has no values to show` });
      return [];
    }
    const comment = known.comments.get(`${object}.${id}`);
    const version = type === 'rowversion';
    const generated = version
      ? 'version'
      : identity === '1'
        ? 'identity'
        : computed === '1'
          ? 'always'
          : undefined;
    return [
      {
        name,
        type,
        nullable: nullable === '1',
        ...(collation === undefined ? {} : { collation }),
        ...(comment === undefined ? {} : { comment }),
        ...(standard !== undefined && standard !== '0' ? { default: true } : {}),
        ...(generated === undefined ? {} : { generated }),
        trusted: true,
      },
    ];
  });
}

/** A type as it is declared; one of the database's own is shown as that behind it. */
function declaredOf(
  { types, base }: Known,
  user: Cell,
  system: Cell,
  length: Cell,
  precision: Cell,
  scale: Cell,
): string {
  const own = types.get(user);
  const name = base.get(system) ?? own?.[2] ?? 'sql_variant';
  const word = own?.[3] === '0' && !base.has(system) ? (own[2] ?? name) : name;
  const size = (bytesEach: number): string =>
    length === '-1' ? 'max' : String(Number(length ?? 0) / bytesEach);
  switch (word) {
    case 'timestamp':
      return 'rowversion';
    case 'char':
    case 'varchar':
    case 'binary':
    case 'varbinary':
      return `${word}(${size(1)})`;
    case 'nchar':
    case 'nvarchar':
      return `${word}(${size(2)})`;
    case 'decimal':
    case 'numeric':
      return `${word}(${precision},${scale})`;
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return `${word}(${scale})`;
    default:
      return word;
  }
}

/** Procedures, functions with a value, functions with a table (inline or of statements), and those written in .NET. */
const ROUTINES: Readonly<Record<string, SavedRoutine['kind']>> = {
  P: 'procedure',
  PC: 'procedure',
  FN: 'function',
  FS: 'function',
  IF: 'table function',
  TF: 'table function',
  FT: 'table function',
};

function routinesOf(
  objects: readonly Line[],
  parameters: readonly Line[],
  known: Known,
): readonly SavedRoutine[] {
  const of = Map.groupBy(parameters, ([object]) => object);
  return objects.flatMap(([id, schema, name = '', type = '']): readonly SavedRoutine[] => {
    const kind = ROUTINES[type];
    if (kind === undefined) return [];
    const comment = known.comments.get(`${id}.0`);
    const lines = of.get(id) ?? [];
    const typeOf = ([, , , user, system, length, precision, scale]: Line): string =>
      declaredOf(known, user, system, length, precision, scale);
    // The value of a function is its parameter 0.
    const returned = lines.find(([, at]) => at === '0');
    const columns = kind === 'table function' ? shownColumns(id, name, known, []) : [];
    return [
      {
        schema: known.schemas.get(schema) ?? '',
        name,
        kind,
        ...(comment === undefined ? {} : { comment }),
        parameters: lines
          .filter(([, at]) => at !== '0')
          .map((line): SavedParameter => {
            const [, , parameter = '', , , , , , output, optional] = line;
            return {
              name: parameter,
              type: typeOf(line),
              mode: output === '1' ? 'inout' : 'in',
              ...(optional === '1' ? { optional: true } : {}),
            };
          }),
        ...(returned === undefined ? {} : { returns: typeOf(returned) }),
        ...(columns.length === 0
          ? {}
          : {
              results: [
                columns.map((column) => ({
                  name: column.name,
                  type: column.type,
                  nullable: column.nullable,
                })),
              ],
            }),
      },
    ];
  });
}
