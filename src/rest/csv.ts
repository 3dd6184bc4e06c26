// Knows: rows as a CSV table (RFC 4180: CRLF, quotes doubled), one column for each scalar, groups as dotted columns.
// Must not know: HTTP, and how rows are read.
//
// Cells are exact: nothing is put in front of a text that begins with = + - @, which a spreadsheet may take for a
// formula. A mark that guards a spreadsheet falsifies the data for every program; import such a table as text.

import { stringify } from 'csv-stringify/sync';
import { Fault } from '../fault.ts';
import { type Field, isScalar, type Type } from '../model/type.ts';
import { cellAt, type Row } from '../model/value.ts';
import { type Member, memberJson, membersOf } from './json.ts';

export interface Column {
  /** Dotted path: the column's heading. */
  readonly path: string;
  readonly member: Member;
}

export function columnsOf(fields: readonly Field[], paths: readonly string[]): readonly Column[] {
  return membersOf(fields, paths).flatMap((member) => columnsIn('', member));
}

/** A group that lies in a group of its own type is one cell: there is no end to its columns. */
function columnsIn(prefix: string, member: Member, around: readonly Type[] = []): readonly Column[] {
  const { name, type, inside } = member;
  const path = prefix + name;
  if (type.kind !== 'object' || around.includes(type)) return [{ path, member }];
  const shown: readonly Member[] = inside ?? type.fields.filter(({ alternate }) => alternate !== true);
  return shown.flatMap((below) => columnsIn(`${path}.`, below, [...around, type]));
}

/** Lines with their ends. A null is an empty cell, an empty text is `""`. */
export function csvLines(lines: readonly (readonly (string | null)[])[]): string {
  return stringify([...lines], { record_delimiter: 'windows', quoted_match: /^$/ });
}

export function csvCells(columns: readonly Column[], row: Row): readonly (string | null)[] {
  return columns.map(({ path, member }) => {
    const cell = cellAt(row, path);
    if (cell instanceof Fault) throw cell;
    const json = memberJson(member, cell);
    if (json === null) return null;
    // Lists, unions and documents have no columns of their own: their JSON text stands in the cell.
    const { type } = member;
    return isScalar(type) && type.kind !== 'json' ? String(json) : JSON.stringify(json);
  });
}
