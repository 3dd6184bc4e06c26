// Knows: rows as a CSV table (RFC 4180: CRLF, quotes doubled), one column for each scalar, groups as dotted columns.
// Must not know: HTTP, and how rows are read.
//
// Cells are exact: nothing is put in front of a text that begins with = + - @, which a spreadsheet may take for a
// formula. A mark that guards a spreadsheet falsifies the data for every program; import such a table as text.

import { stringify } from 'csv-stringify/sync';
import { Fault } from '../fault.ts';
import { type Field, fieldAt, isScalar, type Type } from '../model/type.ts';
import { cellAt, type Row, toJson } from '../model/value.ts';

export interface Column {
  /** Dotted path: the column's heading. */
  readonly path: string;
  readonly type: Type;
}

export function columnsOf(fields: readonly Field[], paths: readonly string[]): readonly Column[] {
  return paths.flatMap((path) => {
    const type = fieldAt(fields, path)?.type;
    return type === undefined ? [] : columnsIn(path, type);
  });
}

function columnsIn(path: string, type: Type): readonly Column[] {
  if (type.kind !== 'object') return [{ path, type }];
  return type.fields
    .filter(({ alternate }) => alternate !== true)
    .flatMap((field) => columnsIn(`${path}.${field.name}`, field.type));
}

/** Lines with their ends. A null is an empty cell, an empty text is `""`. */
export function csvLines(lines: readonly (readonly (string | null)[])[]): string {
  return stringify([...lines], { record_delimiter: 'windows', quoted_match: /^$/ });
}

export function csvCells(columns: readonly Column[], row: Row): readonly (string | null)[] {
  return columns.map(({ path, type }) => {
    const cell = cellAt(row, path);
    if (cell instanceof Fault) throw cell;
    const json = toJson(type, cell);
    if (json === null) return null;
    // Lists, unions and documents have no columns of their own: their JSON text stands in the cell.
    return isScalar(type) && type.kind !== 'json' ? String(json) : JSON.stringify(json);
  });
}
