// The tables that the suite of writes writes into, in words that every product has. Names are plain lower-case words.

import type { Collection, Scalar } from '#spi';

export interface WriteColumn {
  readonly name: string;
  readonly type: Scalar;
  readonly nullable?: boolean;
  /** The database numbers new rows, and takes numbers that are given. */
  readonly identity?: boolean;
  /** A literal of SQL. */
  readonly default?: string;
  /** An expression over other columns. */
  readonly generated?: string;
}

export interface WriteTable {
  readonly name: string;
  readonly columns: readonly WriteColumn[];
  readonly key: readonly string[];
  readonly unique?: readonly string[];
  /** A condition of SQL. */
  readonly check?: string;
  readonly references?: { readonly column: string; readonly table: string; readonly key: string };
}

const int32: Scalar = { kind: 'int32' };
const text = (length: number): Scalar => ({ kind: 'string', length });

/** All column types; what they hold is compared with the memory adapter. */
export const THINGS: WriteTable = {
  name: 'things',
  columns: [
    { name: 'id', type: int32 },
    { name: 'label', type: text(12), nullable: true },
    { name: 'amount', type: { kind: 'decimal', precision: 9, scale: 2 }, nullable: true },
    { name: 'big', type: { kind: 'int64' }, nullable: true },
    { name: 'ratio', type: { kind: 'float64' }, nullable: true },
    { name: 'flag', type: { kind: 'boolean' }, nullable: true },
    { name: 'born', type: { kind: 'date' }, nullable: true },
    { name: 'seen', type: { kind: 'timestamp' }, nullable: true },
    { name: 'raw', type: { kind: 'bytes' }, nullable: true },
  ],
  key: ['id'],
};

export const PARTS: WriteTable = {
  name: 'parts',
  columns: [
    { name: 'code', type: text(8) },
    { name: 'seq', type: int32 },
    { name: 'qty', type: int32 },
    { name: 'remark', type: text(20), nullable: true },
  ],
  key: ['code', 'seq'],
};

/** Nothing but a key. */
export const TAGS: WriteTable = { name: 'tags', columns: [{ name: 'tag', type: text(20) }], key: ['tag'] };

export const OWNERS: WriteTable = {
  name: 'owners',
  columns: [
    { name: 'id', type: int32 },
    { name: 'email', type: text(40) },
    { name: 'age', type: int32, nullable: true },
  ],
  key: ['id'],
  unique: ['email'],
  check: 'age is null or age >= 18',
};

export const PETS: WriteTable = {
  name: 'pets',
  columns: [
    { name: 'id', type: { kind: 'int64' }, identity: true },
    { name: 'owner', type: int32, nullable: true },
    { name: 'status', type: text(10), default: "'NEW'" },
    { name: 'legs', type: int32, nullable: true },
    { name: 'twice', type: int32, nullable: true, generated: 'legs * 2' },
  ],
  key: ['id'],
  references: { column: 'owner', table: 'owners', key: 'id' },
};

export const TABLES: readonly WriteTable[] = [THINGS, PARTS, TAGS, OWNERS, PETS];

/** What the memory adapter is told of a table. */
export function collectionOf({ name, columns, key }: WriteTable): Collection {
  return {
    name,
    key,
    writes: ['insert', 'update', 'upsert', 'delete'],
    fields: columns.map((column) => ({
      name: column.name,
      type: column.type,
      ...(column.nullable === true ? { nullable: true } : {}),
    })),
  };
}

/** How a product says what a table is. */
export interface Words {
  type(scalar: Scalar): string;
  /** Behind the type of a column. */
  readonly identity: string;
  generated(expression: string): string;
  /** Behind the whole. */
  readonly trailer?: string;
}

/** CREATE TABLE; `prefix` stands before the name. */
export function createTable(table: WriteTable, words: Words, prefix = ''): string {
  const { name, columns, key, unique, check, references } = table;
  const parts = [
    ...columns.map((column) =>
      [
        column.name,
        words.type(column.type),
        column.identity === true ? words.identity : '',
        column.generated === undefined ? '' : words.generated(column.generated),
        column.default === undefined ? '' : `default ${column.default}`,
        column.nullable === true ? '' : 'not null',
      ]
        .filter((word) => word !== '')
        .join(' '),
    ),
    `primary key (${key.join(', ')})`,
    ...(unique === undefined ? [] : [`unique (${unique.join(', ')})`]),
    ...(check === undefined ? [] : [`check (${check})`]),
    ...(references === undefined
      ? []
      : [`foreign key (${references.column}) references ${prefix}${references.table} (${references.key})`]),
  ];
  return `create table ${prefix}${name} (${parts.join(', ')})${words.trailer ?? ''}`;
}
