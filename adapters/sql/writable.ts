// Knows: whether the writes that a configuration names can be carried out, and which values a table takes.
// Must not know: any product, statements.

import { Fault, misfit, typeText, type Value, type WriteVerb } from '#spi';
import type { OpenTable } from './access.ts';
import type { Dialect, Writer, Writing } from './dialect.ts';
import type { Driver, Parameter } from './driver.ts';
import { type Column, qualified } from './table.ts';
import type { Written } from './write.ts';

/** A table that is written. */
export interface Writable {
  readonly open: OpenTable;
  readonly dialect: Dialect;
  readonly writing: Writing;
  /** By API name. */
  readonly writers: ReadonlyMap<string, Writer>;
}

/** Undefined for a table that is only read. Throws a misconfigured Fault for writes that cannot be had. */
export function writableOf(open: OpenTable, dialect: Dialect, driver: Driver): Writable | undefined {
  const { name, writes = [] } = open.table.collection;
  if (writes.length === 0) return undefined;
  const { writing } = dialect;
  const why =
    writing === undefined
      ? 'this product is only read'
      : driver.transaction === undefined
        ? 'the source has `readOnly: true`, which is the default'
        : whyNot(open, writes);
  if (writing === undefined || why !== undefined) {
    throw new Fault('invalid', `Collection "${name}" cannot have these writes: ${why}`, {
      code: 'bad-writes',
      misconfigured: true,
      collection: name,
    });
  }
  const writers = [...open.table.columns].flatMap(([field, column]): [string, Writer][] => {
    const writer = column.field.readOnly === true ? undefined : writing.writer(column);
    return writer === undefined ? [] : [[field, writer]];
  });
  return { open, dialect, writing, writers: new Map(writers) };
}

function whyNot({ table, compared }: OpenTable, writes: readonly WriteVerb[]): string | undefined {
  const { key, enforced, unwritten } = table;
  const names = (columns: readonly Column[]) => columns.map(({ name }) => `"${name}"`).join(', ');
  const place = qualified(table);
  if (!table.transactional) {
    return `"${place}" keeps what was written even when a transaction is rolled back, so that a failed request would leave half of its changes`;
  }
  const named = writes.filter((verb) => verb !== 'insert');
  if (named.length > 0) {
    if (key.length === 0) return `${named.join(', ')} name a row by its key, and "${place}" has none`;
    const incomparable = key.filter(({ field }) => compared.get(field.name)?.comparison.equality === 'none');
    if (incomparable.length > 0) {
      return `${named.join(', ')} name a row by its key, and the database cannot look for values of ${names(incomparable)}`;
    }
  }
  if (writes.some((verb) => verb === 'insert' || verb === 'upsert') && unwritten.length > 0) {
    return `a new row must have a value in ${unwritten.map((name) => `"${name}"`).join(', ')}, which clients cannot write`;
  }
  if (writes.includes('update') && !hasOthers(table)) {
    return 'beside its key it has no column that update could change';
  }
  if (writes.includes('upsert')) {
    const readOnly = key.filter(({ field }) => field.readOnly === true);
    if (readOnly.length > 0) return `upsert writes the key, and the database makes ${names(readOnly)} itself`;
    if (enforced.length === 0 || key.some(({ nullable }) => nullable)) {
      return `upsert needs a unique index of the database over the key (${names(key)}) without nulls, or two at the same time make two rows`;
    }
  }
  return undefined;
}

function hasOthers({ columns, key }: OpenTable['table']): boolean {
  return [...columns.values()].some((column) => column.field.readOnly !== true && !key.includes(column));
}

/** Values by API name → what is bound for their columns. Throws `invalid` for a value that its column would not hold as it is. */
export function writtenOf(values: Readonly<Record<string, Value>>, writable: Writable): readonly Written[] {
  const unknown = Object.keys(values).find((name) => !writable.writers.has(name));
  if (unknown !== undefined) throw unwritable(unknown);
  // In the order of the columns: inserts of the same columns are then alike.
  return [...writable.open.table.columns].flatMap(([name, column]): Written[] => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    const writer = writable.writers.get(name);
    if (value === undefined || writer === undefined) return [];
    return [{ column, parameter: parameterOf(value, column, writer) }];
  });
}

function parameterOf(value: Value, column: Column, writer: Writer): Parameter {
  const { name } = column.field;
  if (value === null) {
    if (!column.nullable) throw badValue(name, 'must not be null');
    return { value, column };
  }
  const written = fits(value, column) ? writer(value) : undefined;
  if (written !== undefined) return written;
  throw badValue(name, 'has a value that the database would not keep as it is', declaredText(column));
}

function declaredText({ declared, type }: Column): string {
  return declared === '' ? typeText(type) : `${typeText(type)}, declared "${declared}"`;
}

/** Whether a value has room in its type, whatever the product. Databases cut and round without a word. */
function fits(value: Value, { type, padded }: Column): boolean {
  if (typeof value !== 'string') return true;
  if (type.kind === 'enum') return type.values.includes(value);
  // What ends with blanks is read without them.
  if (type.kind === 'string' && padded && value.endsWith(' ')) return false;
  return misfit(type, value, '') === undefined;
}

function unwritable(field: string): Fault {
  return new Fault('invalid', `"${field}" cannot be written`, { code: 'read-only-field', field });
}

export function badValue(field: string, what: string, hint?: string): Fault {
  return new Fault('invalid', `"${field}" ${what}`, {
    code: 'bad-value',
    field,
    ...(hint === undefined ? {} : { hint }),
  });
}
