// Knows: how the catalog of a live server becomes a saved model.
// Must not know: the configuration, queries, connections beyond the driver.

import type { config } from 'mssql';
import {
  type DatabaseModel,
  MODEL_FORMAT,
  type SavedParameter,
  type SavedRoutine,
  type SavedTable,
} from '../sql/model.ts';
import {
  type Cell,
  columnNames,
  declaredOf,
  type Known,
  knownFrom,
  type Line,
  type Lists,
  type Omitted,
  readLists,
  shownColumns,
} from './catalog-lists.ts';
import { mssqlDriver } from './driver.ts';

export const PRODUCT = 'mssql';

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

function modelOf(lists: Lists, wanted: readonly string[] | undefined): DatabaseModel {
  const known = knownFrom(lists);
  const { schemas } = known;
  const indexes = Map.groupBy(lists.indexes, ([object]) => object);
  const parts = Map.groupBy(lists.indexColumns, ([object, index]) => `${object}.${index}`);
  const foreign = Map.groupBy(lists.foreignKeys, ([, parent]) => parent);
  const foreignParts = Map.groupBy(lists.foreignKeyColumns, ([constraint]) => constraint);
  const omitted: Omitted[] = [];
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
            // What comes back may go in too, and need not.
            const both = output === '1';
            return {
              name: parameter.replace(/^@/, ''),
              type: typeOf(line),
              mode: both ? 'inout' : 'in',
              ...(both || optional === '1' ? { optional: true } : {}),
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
