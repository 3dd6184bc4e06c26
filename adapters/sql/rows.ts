// Knows: how stored rows become rows of the API: each value decoded when its row is asked for.
// Must not know: SQL, connections, any product.

import { type Batch, type Cell, Fault, type Row, typeText } from '#spi';
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
        row[column.field.name] = value === undefined ? misfit(values, at, columns, table) : value;
      });
      return row satisfies Row;
    },
  };
}

const HEX_BYTES = 32;

/** The fault of one cell: which column, which row as far as its key was read too, and what stands there. */
function misfit(values: StoredRow, at: number, columns: readonly DecodedColumn[], table: Table): Fault {
  const column = columns[at]?.column;
  const stored = values[at];
  const key = table.key.flatMap(({ field }) => {
    const place = columns.findIndex((candidate) => candidate.column.field === field);
    const part = values[place];
    const plain = typeof part === 'string' || typeof part === 'bigint' || typeof part === 'number';
    return place >= 0 && place !== at && plain ? [`${field.name} = ${String(part).slice(0, 100)}`] : [];
  });
  const row = key.length === 0 || key.length < table.key.length ? '' : ` in the row with ${key.join(', ')}`;
  const bytes = typeof stored === 'string' ? new TextEncoder().encode(stored.slice(0, HEX_BYTES)) : stored;
  return new Fault(
    'corrupt',
    `Column "${column?.name}" holds ${described(stored)} that is no ${column === undefined ? 'value' : typeText(column.type)} (declared "${column?.meant}")${row}`,
    {
      code: 'bad-column-value',
      collection: table.collection.name,
      ...(column === undefined ? {} : { field: column.field.name }),
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
