// Knows: what of a row is shown to whom: without hidden fields, masked values as masks make them.
// Must not know: roles, where rows come from.

import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import {
  elementOf,
  type Field,
  isScalar,
  type Mask,
  type ObjectType,
  type Scalar,
  selectableAt,
  type Type,
} from '../model/type.ts';
import { type Cell, isList, isRecord, memberOf, type Row, scalarText, type Value } from '../model/value.ts';
import type { Sealing } from '../query/sealing.ts';
import { aboutOpen, unsaid, unsaidIn } from './hidden-words.ts';

/** What is between the rows of a collection and those who do not see all of it. */
export interface Showing {
  row(row: Row): Row;
  /** Whether nothing at these paths is hidden or masked: then the source's own JSON can be answered. */
  isOpen(paths: readonly string[]): boolean;
  /** Fields of an event as its receiver may know them: without those of which nothing is shown. */
  names(fields: readonly string[]): readonly string[];
  /** The fault, without what a value of a field that is not shown would tell. */
  fault(fault: Fault): Fault;
}

type Show = (cell: Cell) => Cell;

/** Undefined: everything is shown. `whole` is the collection as its source has it. */
export function showingOf(
  whole: CatalogCollection,
  shown: CatalogCollection,
  hash: Sealing['hash'],
): Showing | undefined {
  const show = showingGroup(whole.fields, shown.fields, hash, whole.name);
  if (show === undefined && shown.hiddenKey === undefined) return undefined;
  const isOpenAt = (path: string): boolean => {
    // A fault says in which element: `lines[2].text`.
    const name = path.replaceAll(/\[\d+\]/g, '');
    const seen = selectableAt(shown.fields, name);
    return (
      seen !== undefined && seen.mask === undefined && seen.type === selectableAt(whole.fields, name)?.type
    );
  };
  const open = aboutOpen(whole, isOpenAt);
  const unsay = unsaid(whole, shown);
  const shape = show ?? ((row: Row): Row => row);
  return {
    // A value that does not decode names the key of its row.
    row: unsay === undefined || shown.hiddenKey === undefined ? shape : (row) => unsaidIn(shape(row), unsay),
    isOpen: (paths) => paths.every(isOpenAt),
    names: (fields) =>
      fields.filter((name) => shown.fields.some((field) => field.name === name && field.mask !== 'null')),
    fault: (fault) => (unsay === undefined ? open(fault) : unsay(open(fault))),
  };
}

type Hash = Sealing['hash'];

function showingGroup(
  whole: readonly Field[],
  shown: readonly Field[],
  hash: Hash,
  collection: string,
  prefix = '',
): ((row: Row) => Row) | undefined {
  if (whole === shown) return undefined;
  const shows = shown.map((field) => {
    const own = whole.find(({ name }) => name === field.name);
    return [field.name, own && showingField(own, field, hash, collection, prefix)] as const;
  });
  if (shown.length === whole.length && shows.every(([, show]) => show === undefined)) return undefined;
  return (row) => {
    const out: Record<string, Cell> = {};
    for (const [name, show] of shows) {
      const cell = memberOf(row, name);
      if (cell !== undefined) out[name] = show === undefined ? cell : show(cell);
    }
    return out;
  };
}

/** Undefined: as it is. */
function showingField(
  whole: Field,
  shown: Field,
  hash: Hash,
  collection: string,
  prefix: string,
): Show | undefined {
  const path = prefix + shown.name;
  const { mask } = shown;
  if (mask !== undefined) {
    const { type } = whole;
    if (!isScalar(type)) return () => null;
    return (cell) => maskedCell(mask, type, cell, hash, { collection, field: path });
  }
  if (whole.type === shown.type) return undefined;
  const inside = groupOf(whole.type);
  const open = groupOf(shown.type);
  if (inside === undefined || open === undefined) return () => null;
  const show = showingGroup(inside.fields, open.fields, hash, collection, `${path}.`);
  if (show === undefined) return undefined;
  const each = (cell: Cell): Cell => {
    if (isList(cell)) return cell.map(each);
    return isRecord(cell) ? show(cell) : faultless(cell, { collection, field: path });
  };
  return each;
}

function groupOf(type: Type): ObjectType | undefined {
  const inside = elementOf(type);
  return inside.kind === 'object' ? inside : undefined;
}

interface Place {
  readonly collection: string;
  readonly field: string;
}

/** The fault of a value of which not everything is shown would show its bytes. */
function faultless(cell: Cell, place: Place): Cell {
  if (!(cell instanceof Fault)) return cell;
  const { source, record } = cell.place;
  return new Fault('corrupt', `"${place.field}" cannot be decoded`, {
    ...(source === undefined ? {} : { source }),
    ...(record === undefined ? {} : { record }),
    ...place,
    cause: cell,
  });
}

function maskedCell(mask: Mask, type: Scalar, cell: Cell, hash: Hash, place: Place): Cell {
  if (mask === 'null' || cell === null) return null;
  if (cell instanceof Fault) return faultless(cell, place);
  return isList(cell) || isRecord(cell) ? null : masked(mask, type, cell, hash);
}

/** Of a text of so many characters nothing is shown: the last four would be all of it. */
const SHOWN_CHARACTERS = 4;

/** What a mask leaves of a value. */
export function masked(mask: Mask, type: Scalar, value: Value, hash: Hash): string | null {
  if (value === null) return null;
  switch (mask) {
    case 'null':
      return null;
    case 'lastFour': {
      const characters = [...textOf(value)];
      const hidden =
        characters.length <= SHOWN_CHARACTERS ? characters.length : characters.length - SHOWN_CHARACTERS;
      return '*'.repeat(hidden) + characters.slice(hidden).join('');
    }
    case 'year':
      return /^\d{4}(?=-)/.exec(textOf(value))?.[0] ?? null;
    case 'hash':
      return hash(scalarText(type, value));
  }
}

function textOf(value: Value): string {
  return String(value);
}
