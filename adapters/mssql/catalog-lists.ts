// Knows: the lists that the catalog of a live server gives, and what they say of schemas, types and columns.
// Must not know: what a saved model is made of beyond its columns, the configuration.

import type { Driver } from '../sql/driver.ts';
import type { SavedColumn } from '../sql/model.ts';
import * as ask from './catalog-sql.ts';
import { isShown } from './types.ts';

export type Cell = string | undefined;
export type Line = readonly Cell[];
/** The lines that have the same first cell. */
type Grouped = ReadonlyMap<Cell, readonly Line[]>;

/** Something that the model leaves out. */
export interface Omitted {
  readonly name: string;
  readonly reason: string;
}

export async function readLists(driver: Driver, signal: AbortSignal) {
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

export type Lists = Awaited<ReturnType<typeof readLists>>;

/** Bits come as booleans, numbers as numbers: all as texts, bits as `1` and `0`. */
function cellOf(cell: unknown): Cell {
  if (cell === null) return undefined;
  return typeof cell === 'boolean' ? String(Number(cell)) : String(cell);
}

/** What the lists say of single things, found by their numbers. */
export interface Known {
  readonly schemas: ReadonlyMap<Cell, string>;
  readonly types: ReadonlyMap<Cell, Line>;
  /** The type of the server's own behind each. */
  readonly base: ReadonlyMap<Cell, string>;
  readonly columns: Grouped;
  readonly comments: ReadonlyMap<string, string>;
  readonly names: ReadonlyMap<Cell, string>;
}

export function knownFrom(lists: Lists): Known {
  const schemas = new Map(lists.schemas.map(([id, name = '']) => [id, name]));
  return {
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
}

export function columnNames(object: Cell, known: Known): ReadonlyMap<Cell, string> {
  return new Map((known.columns.get(object) ?? []).map(([, id, name = '']) => [id, name]));
}

export function shownColumns(
  object: Cell,
  place: string,
  known: Known,
  omitted: Omitted[],
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
        // A number is taken where one is given: the insert then says so (IDENTITY_INSERT).
        ...((standard !== undefined && standard !== '0') || generated === 'identity'
          ? { default: true }
          : {}),
        ...(generated === undefined ? {} : { generated }),
        trusted: true,
      },
    ];
  });
}

/** A type as it is declared; one of the database's own is shown as that behind it. */
export function declaredOf(
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
