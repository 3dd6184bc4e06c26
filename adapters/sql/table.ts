// Knows: how a table of the saved model and its options become a collection: names, types, key.
// Must not know: SQL text, connections, any product.

import {
  type Collection,
  camelCase,
  didYouMean,
  distinct,
  Fault,
  type Field,
  isApiName,
  type Scalar,
} from '#spi';
import type { DeclaredType, Dialect } from './dialect.ts';
import type { DatabaseModel, SavedColumn, SavedTable } from './model.ts';
import type { TableOptions } from './options.ts';

/** A column of a table and the field that shows it. */
export interface Column {
  /** Name in the database. */
  readonly name: string;
  /** Declared type in the words of the product: it says how the database stores and compares. */
  readonly declared: string;
  /** What the configuration says that it should have been; mostly the same. It says what a value means. */
  readonly meant: string;
  readonly type: Scalar;
  readonly padded: boolean;
  readonly nullable: boolean;
  readonly collation?: string;
  /** Every stored value fits the declared type. */
  readonly trusted: boolean;
  /** The database numbers new rows by it. */
  readonly numbered: boolean;
  readonly field: Field;
}

/** A table or view and the collection that shows it. */
export interface Table {
  readonly collection: Collection;
  readonly schema?: string;
  readonly name: string;
  /** By API name, in declared order. */
  readonly columns: ReadonlyMap<string, Column>;
  readonly key: readonly Column[];
  /** Columns of the key that the database itself keeps unique, as far as none of them is null; empty where it does not. */
  readonly enforced: readonly Column[];
  /** API names of the columns of each index, the primary key first. */
  readonly indexes: readonly (readonly string[])[];
  readonly position?: string;
  /** Columns that a new row must have and that cannot be written through the API. */
  readonly unwritten: readonly string[];
  /** What was written into it can be rolled back. */
  readonly transactional: boolean;
  /** What no index serves is not asked of the database. */
  readonly indexedOnly: boolean;
  /** A value of more bytes is a fault. */
  readonly maxValueBytes: number;
}

/** Throws a misconfigured Fault that names the collection and what is wrong with it. */
export function tableOf(
  name: string,
  options: TableOptions,
  model: DatabaseModel,
  { typeOf, writing }: Pick<Dialect, 'typeOf' | 'writing'>,
): Table {
  const refuse = (message: string): never => {
    throw new Fault('invalid', `Collection "${name}": ${message}`, {
      code: 'bad-table',
      misconfigured: true,
      collection: name,
    });
  };
  const whole = model.tables.filter((table) => qualified(table) === options.table);
  const alike = whole.length > 0 ? whole : model.tables.filter((table) => table.name === options.table);
  if (alike.length > 1) {
    refuse(`"${options.table}" can be more than one: ${alike.map(qualified).join(', ')}`);
  }
  const saved = alike[0] ?? find(model.tables, options.table, (table) => [qualified(table), table.name]);
  if (saved === undefined) {
    const omitted = model.omitted.find((entry) => entry.name === options.table);
    if (omitted !== undefined) return refuse(`"${options.table}" cannot be exposed: ${omitted.reason}`);
    const hint = didYouMean(options.table, model.tables.map(qualified));
    return refuse(`there is no table or view "${options.table}".${hint}`);
  }
  const columnNames = saved.columns.map((column) => column.name);
  const settings = new Map(
    Object.entries(options.columns).map(([asked, setting]) => {
      const column = find(saved.columns, asked, ({ name: own }) => [own]);
      return [
        column?.name ??
          refuse(`"${options.table}" has no column "${asked}".${didYouMean(asked, columnNames)}`),
        typeof setting === 'string' ? { name: setting, hidden: false } : setting,
      ] as const;
    }),
  );
  const shown = saved.columns.filter((column) => settings.get(column.name)?.hidden !== true);
  if (shown.length === 0) refuse(`every column of "${options.table}" is hidden`);
  const apiNames = distinct(shown.map((column) => settings.get(column.name)?.name ?? camelCase(column.name)));
  const columns = shown.map((column, i): Column => {
    const setting = settings.get(column.name);
    const apiName = apiNames[i] ?? column.name;
    if (!isApiName(apiName)) {
      refuse(`"${apiName}" cannot name a field. Did you mean "${camelCase(apiName)}"?`);
    }
    const own = columnOf(column, apiName, setting ?? {}, typeOf);
    // Without a writer the column cannot hold what its values mean here.
    const made = isMade(column) || (writing !== undefined && writing.writer(own) === undefined);
    return made ? { ...own, field: { ...own.field, readOnly: true } } : own;
  });
  const key = (options.key ?? saved.key).map((asked) => {
    const column = find(columns, asked, ({ name: own, field }) => [own, field.name]);
    return column ?? refuse(`there is no column "${asked}" for the key.${didYouMean(asked, columnNames)}`);
  });
  const byName = new Map(columns.map((column) => [column.name, column.field.name]));
  const apiNamesOf = (names: readonly string[]) => names.map((own) => byName.get(own) ?? '');
  const keyNames = new Set(key.map((column) => column.name));
  const doc = options.doc ?? saved.comment;
  const written = new Set(columns.flatMap(({ name: own, field }) => (field.readOnly === true ? [] : [own])));
  const enforced = [saved.key, ...saved.unique].find(
    (unique) => unique.length > 0 && unique.every((column) => keyNames.has(column)),
  );
  return {
    collection: {
      name,
      ...(doc === undefined ? {} : { doc }),
      fields: columns.map(({ field }) => field),
      key: key.map(({ field }) => field.name),
      ...(options.writes.length === 0 ? {} : { writes: options.writes }),
    },
    ...(saved.schema === undefined ? {} : { schema: saved.schema }),
    name: saved.name,
    columns: new Map(columns.map((column) => [column.field.name, column])),
    key,
    enforced: key.filter((column) => enforced?.includes(column.name) === true),
    indexes: [saved.key, ...saved.unique, ...saved.indexes]
      .filter((index) => index.length > 0)
      .map(apiNamesOf),
    ...(saved.position === undefined ? {} : { position: saved.position }),
    unwritten: saved.columns.flatMap((column) =>
      written.has(column.name) || mayBeAbsent(column) ? [] : [column.name],
    ),
    transactional: saved.transactional !== false,
    indexedOnly: options.scans === 'refuse',
    maxValueBytes: options.maxValueBytes,
  };
}

export interface ColumnSetting {
  readonly type?: string | undefined;
  readonly doc?: string | undefined;
  readonly trusted?: boolean | undefined;
}

export function columnOf(
  saved: SavedColumn,
  apiName: string,
  { type: override, doc: ownDoc, trusted }: ColumnSetting,
  typeOf: (declared: string, values?: readonly string[]) => DeclaredType,
): Column {
  const meant = override ?? saved.type;
  const { type, padded, note } = override === undefined ? typeOf(meant, saved.values) : typeOf(meant);
  const doc = [ownDoc ?? saved.comment, note].filter((part) => part !== undefined).join('. ');
  return {
    name: saved.name,
    declared: saved.type,
    meant,
    type,
    padded,
    nullable: saved.nullable,
    ...(saved.collation === undefined ? {} : { collation: saved.collation }),
    // What the database enforces is its own declaration, not what the configuration says instead.
    trusted: trusted ?? (override === undefined && saved.trusted === true),
    numbered: saved.generated === 'identity',
    field: {
      name: apiName,
      type,
      ...(saved.nullable ? { nullable: true } : {}),
      ...(mayBeAbsent(saved) && !saved.nullable ? { optional: true } : {}),
      ...(doc === '' ? {} : { doc }),
      legacyName: saved.name,
    },
  };
}

/** The database makes its values and takes no others. */
function isMade({ generated, default: standard }: SavedColumn): boolean {
  return generated !== undefined && !(generated === 'identity' && standard === true);
}

/** In a new row: the database has a value for it, or none. */
function mayBeAbsent({ nullable, default: standard, generated }: SavedColumn): boolean {
  return nullable || standard === true || generated !== undefined;
}

export function qualified({ schema, name }: Pick<SavedTable, 'schema' | 'name'>): string {
  return schema === undefined ? name : `${schema}.${name}`;
}

/** By exact name, else by the only one that differs in case alone. */
export function find<T>(
  items: readonly T[],
  asked: string,
  names: (item: T) => readonly string[],
): T | undefined {
  const exact = items.find((item) => names(item).includes(asked));
  if (exact !== undefined) return exact;
  const lower = asked.toLowerCase();
  const near = items.filter((item) => names(item).some((name) => name.toLowerCase() === lower));
  return near.length === 1 ? near[0] : undefined;
}
