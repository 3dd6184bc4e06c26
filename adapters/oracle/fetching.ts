// Knows: how the driver is told to give values without loss, and how the LOBs of rows are read, up to a limit.
// Must not know: statements, connections.

import { Fault } from '#spi';
import type { StoredRow } from '../sql/driver.ts';
import type { Fetched, Lob, Metadata, OracleModule } from './driver-module.ts';
import { DRIVER_DIGITS, instant, localMoment, tooFine } from './moments.ts';

/**
 * Numbers as their text; LOBs stay where they are until their length is known. Moments come as text where the statement is ours; what
 * a cursor has of them is made text here, as far as the driver knows it.
 */
export function fetchHandler(oracledb: OracleModule): (metadata: Metadata) => Fetched | undefined {
  const local = { converter: ofDate(localMoment) };
  const zoned = { converter: ofDate(instant) };
  return ({ dbType, precision }) => {
    const fine = precision === undefined || precision > DRIVER_DIGITS;
    switch (dbType) {
      case oracledb.DB_TYPE_NUMBER:
        return { type: oracledb.DB_TYPE_VARCHAR };
      case oracledb.DB_TYPE_DATE:
        return local;
      case oracledb.DB_TYPE_TIMESTAMP:
        return fine ? { converter: ofDate(tooFine) } : local;
      case oracledb.DB_TYPE_TIMESTAMP_TZ:
      case oracledb.DB_TYPE_TIMESTAMP_LTZ:
        return fine ? { converter: ofDate(tooFine) } : zoned;
      default:
        return undefined;
    }
  };
}

function ofDate(text: (date: Date) => string | Fault): (value: unknown) => unknown {
  return (value) => (value instanceof Date ? text(value) : value);
}

/** A row as an array, because statements are run so; the driver's types do not know that. */
export function storedRow(row: unknown): StoredRow {
  if (!Array.isArray(row)) throw new TypeError('the driver gave a row that is no array');
  return row;
}

/** What RETURNING brought: of each bind a list with a value for each row. */
export function returnedRows(outBinds: unknown): readonly StoredRow[] {
  if (!Array.isArray(outBinds)) return [];
  const columns = outBinds.map(storedRow);
  return (columns[0] ?? []).map((_, at) => columns.map((values) => values[at]));
}

function isLob(value: unknown): value is Lob {
  return (
    typeof value === 'object' && value !== null && 'getData' in value && typeof value.getData === 'function'
  );
}

/** The rows with the values of their LOBs; a Fault in the place of one that is longer than `limit`. */
export async function withLobs(
  rows: readonly StoredRow[],
  limit: number,
  oracledb: OracleModule,
): Promise<readonly StoredRow[]> {
  if (!rows.some((row) => row.some(isLob))) return rows;
  const read: StoredRow[] = [];
  for (const row of rows) {
    const values: unknown[] = [];
    for (const value of row) values.push(isLob(value) ? await lobValue(value, limit, oracledb) : value);
    read.push(values);
  }
  return read;
}

async function lobValue(lob: Lob, limit: number, oracledb: OracleModule): Promise<unknown> {
  const { length } = lob;
  const value =
    length > limit
      ? new Fault('too-costly', `A value has a length of ${length}, more than the limit of ${limit}`, {
          code: 'value-limit',
          hint: 'Leave the field out, or raise maxValueBytes of the collection',
        })
      : length > 0
        ? await lob.getData()
        : lob.type === oracledb.DB_TYPE_BLOB
          ? new Uint8Array()
          : '';
  // What the server keeps for it is freed.
  await lob.close();
  return value;
}
