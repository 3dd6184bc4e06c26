// Knows: what one result set of a routine is to the API: its columns, its type, and how stored rows become its rows.
// Must not know: how it came about, SQL, any product.

import {
  type Cell,
  camelCase,
  didYouMean,
  distinct,
  Fault,
  isApiName,
  type ObjectType,
  type Row,
  type Type,
} from '#spi';
import type { Dialect } from './dialect.ts';
import type { SavedRoutine } from './model.ts';
import type { ResultOptions } from './operation-options.ts';
import type { StoredSet } from './routine-call.ts';
import { type DecodedColumn, unfit } from './rows.ts';
import { type Column, columnOf, find } from './table.ts';

/** A result set that is expected. Without columns it is read and not shown. */
export interface ResultShape {
  /** For messages: `result set 1`, `the rows of "P_ROWS"`. */
  readonly what: string;
  readonly columns: readonly DecodedColumn[];
  /** All of its columns in their order, where only the configuration knows them. */
  readonly declared?: readonly Column[];
  readonly single: boolean;
  readonly doc?: string;
}

type KnownColumns = NonNullable<SavedRoutine['results']>[number];

/** Columns of the catalog and of the configuration together. `refuse` throws what is wrong with them. */
export function resultShape(
  what: string,
  known: KnownColumns,
  options: ResultOptions | undefined,
  dialect: Pick<Dialect, 'typeOf' | 'decoder'>,
  refuse: (message: string) => never,
): ResultShape {
  const settings = new Map(
    Object.entries(options?.columns ?? {}).map(([asked, setting]) => {
      const own = typeof setting === 'string' ? { type: setting, hidden: false } : setting;
      const column = find(known, asked, ({ name }) => [name]);
      if (column === undefined && known.length > 0) {
        const names = known.map(({ name }) => name);
        return refuse(`${what} has no column "${asked}".${didYouMean(asked, names)}`);
      }
      if (column === undefined && own.type === undefined && !own.hidden) {
        return refuse(`column "${asked}" of ${what} needs a type: the catalog does not know it`);
      }
      return [column?.name ?? asked, own] as const;
    }),
  );
  const all: KnownColumns =
    known.length > 0 ? known : [...settings].map(([name, { type = '' }]) => ({ name, type }));
  const shown = options?.hidden === true ? [] : all.filter(({ name }) => settings.get(name)?.hidden !== true);
  if (shown.length === 0 && all.length > 0 && options?.hidden !== true) {
    refuse(`every column of ${what} is hidden`);
  }
  const names = distinct(shown.map(({ name }) => settings.get(name)?.name ?? camelCase(name)));
  // What a statement answers with may be null, whatever the table behind it says.
  const made = (saved: KnownColumns[number], name: string): Column => {
    const { doc, type } = settings.get(saved.name) ?? {};
    const setting = known.length > 0 ? { doc, type } : { doc };
    return columnOf({ ...saved, nullable: true, trusted: true }, name, setting, dialect.typeOf);
  };
  const columns = shown.map((saved, i): DecodedColumn => {
    const name = names[i] ?? saved.name;
    if (!isApiName(name)) refuse(`"${name}" cannot name a field. Did you mean "${camelCase(name)}"?`);
    const column = made(saved, name);
    return { column, decode: dialect.decoder(column) };
  });
  return {
    what,
    columns,
    ...(known.length > 0 ? {} : { declared: all.map((saved) => made(saved, saved.name)) }),
    single: options?.single ?? false,
    ...(options?.doc === undefined ? {} : { doc: options.doc }),
  };
}

/** A list of rows, or one row. */
export function resultType({ columns, single }: ResultShape, name: string): Type {
  const row: ObjectType = { kind: 'object', name, fields: columns.map(({ column }) => column.field) };
  return single ? row : { kind: 'list', of: row };
}

/** Null where the set did not come at all. Throws `upstream` where it is not what was declared. */
export function decodeSet(shape: ResultShape, stored: StoredSet | undefined): Cell {
  if (stored === undefined) return null;
  const places = shape.columns.map(({ column }) => placeOf(column.name, stored.columns, shape.what));
  const rows = stored.rows.map((values, at): Row => {
    const row: Record<string, Cell> = {};
    for (const [i, { column, decode }] of shape.columns.entries()) {
      const value = decode(values[places[i] ?? -1]);
      row[column.field.name] =
        value === undefined
          ? unfit(
              `Column "${column.name}"`,
              column,
              values[places[i] ?? -1],
              ` in row ${at + 1} of ${shape.what}`,
            )
          : value;
    }
    return row;
  });
  if (!shape.single) return rows;
  if (rows.length > 1) {
    throw new Fault(
      'upstream',
      `The call answered with ${rows.length} rows where one is declared: ${shape.what}`,
      {
        code: 'not-single',
        hint: 'Declare the result set without `single`.',
      },
    );
  }
  return rows[0] ?? null;
}

/** By exact name, else by the only one that differs in case alone. */
function placeOf(name: string, columns: readonly string[], what: string): number {
  const places = columns.flatMap((column, i) => (column === name ? [i] : []));
  const lower = name.toLowerCase();
  const near =
    places.length > 0 ? places : columns.flatMap((column, i) => (column.toLowerCase() === lower ? [i] : []));
  const [place] = near;
  if (place !== undefined && near.length === 1) return place;
  throw new Fault(
    'upstream',
    `The call answered with ${near.length === 0 ? 'no column' : `${near.length} columns`} "${name}" in ${what}`,
    {
      code: near.length === 0 ? 'missing-column' : 'repeated-column',
      hint: `It has: ${columnNames(columns)}`,
    },
  );
}

/** A result set that nobody declared. */
export function undeclared(stored: StoredSet, number: number): Fault {
  return new Fault('upstream', `The call answered with a result set that is not declared: the ${number}.`, {
    code: 'undeclared-result',
    hint: `Declare it under \`results\` of the operation; it has: ${columnNames(stored.columns)}`,
  });
}

const SHOWN_COLUMNS = 20;

function columnNames(columns: readonly string[]): string {
  const shown = columns.slice(0, SHOWN_COLUMNS).join(', ');
  return columns.length > SHOWN_COLUMNS ? `${shown}, …` : shown;
}
