// Knows: how stored rows become rows of the API: each value decoded when its row is asked for.
// Must not know: SQL, connections, any product.

import { type Batch, type Cell, Fault, type Row, typeText, type Value } from '#spi';
import type { Decode } from './dialect.ts';
import type { StoredRow } from './driver.ts';
import type { Column, Table } from './table.ts';

export interface DecodedColumn {
  readonly column: Column;
  readonly decode: Decode;
}

/** `columns` in the order of the selection. */
export function batchOf(
  stored: readonly StoredRow[],
  columns: readonly DecodedColumn[],
  table: Table,
  asOf: string,
): Batch {
  return {
    length: stored.length,
    asOf,
    row(i) {
      const values = stored[i] ?? [];
      const row: Record<string, Cell> = {};
      columns.forEach(({ column, decode }, at) => {
        const value = decode(values[at]);
        if (value === undefined) row[column.field.name] = misfit(values, at, columns, table);
        else {
          const large = isLarger(value, values[at], table.maxValueBytes);
          row[column.field.name] = large ? tooLarge(values, at, columns, table) : value;
        }
      });
      return row satisfies Row;
    },
  };
}

const MOST_BYTES_OF_A_UNIT = 3;

/** Bytes are counted as they are, texts in UTF-8, documents as the text that was read. */
function isLarger(value: Value, stored: unknown, maxBytes: number): boolean {
  if (value instanceof Uint8Array) return value.length > maxBytes;
  const text = typeof value === 'object' ? stored : value;
  if (typeof text !== 'string' || text.length * MOST_BYTES_OF_A_UNIT <= maxBytes) return false;
  return text.length > maxBytes || new TextEncoder().encode(text).length > maxBytes;
}

function tooLarge(values: StoredRow, at: number, columns: readonly DecodedColumn[], table: Table): Fault {
  const column = columns[at]?.column;
  return new Fault(
    'too-costly',
    `Column "${column?.name}" holds a value of more than ${table.maxValueBytes} bytes${rowOf(values, at, columns, table)}`,
    {
      code: 'value-limit',
      collection: table.collection.name,
      ...(column === undefined ? {} : { field: column.field.name }),
      hint: 'Leave the field out, or raise maxValueBytes of the collection',
    },
  );
}

const HEX_BYTES = 32;

/** ` in the row with id = 7`, as far as the key was read too. */
function rowOf(values: StoredRow, at: number, columns: readonly DecodedColumn[], table: Table): string {
  const key = table.key.flatMap(({ field }) => {
    const place = columns.findIndex((candidate) => candidate.column.field === field);
    const part = values[place];
    const plain = typeof part === 'string' || typeof part === 'bigint' || typeof part === 'number';
    return place >= 0 && place !== at && plain ? [`${field.name} = ${String(part).slice(0, 100)}`] : [];
  });
  return key.length === 0 || key.length < table.key.length ? '' : ` in the row with ${key.join(', ')}`;
}

/** The fault of one cell: which column, which row, and what stands there. */
function misfit(values: StoredRow, at: number, columns: readonly DecodedColumn[], table: Table): Fault {
  const column = columns[at]?.column;
  const stored = values[at];
  if (column === undefined) throw new TypeError('a value beside the columns that were selected');
  return unfit(`Column "${column.name}"`, column, stored, rowOf(values, at, columns, table)).at({
    collection: table.collection.name,
    field: column.field.name,
  });
}

/**
 * What stands there is no value of the declared type, or the driver's own fault. `subject` begins the message, `where` ends it.
 */
export function unfit(subject: string, column: Column, stored: unknown, where = ''): Fault {
  if (stored instanceof Fault) return stored;
  const bytes = typeof stored === 'string' ? new TextEncoder().encode(stored.slice(0, HEX_BYTES)) : stored;
  return new Fault(
    'corrupt',
    `${subject} holds ${described(stored)} that is no ${typeText(column.type)} (declared "${column.meant}")${where}`,
    {
      code: 'bad-column-value',
      ...(bytes instanceof Uint8Array ? { hex: bytes.subarray(0, HEX_BYTES).toHex().toUpperCase() } : {}),
    },
  );
}

function described(stored: unknown): string {
  switch (typeof stored) {
    case 'string':
      return 'a text';
    case 'bigint':
      return 'an integer';
    case 'number':
      return 'a floating-point number';
    default:
      return stored instanceof Uint8Array ? 'bytes' : 'a value';
  }
}
