// Knows: how much memory values take, roughly and rather too much than too little, and how they are kept without anything that they
// are a part of.
// Must not know: what they are values of.

import { Fault } from '../fault.ts';
import { type Cell, isList, isRecord, type Row } from '../model/value.ts';

/** A cell as it can be kept. */
export interface Weighed<T> {
  readonly kept: T;
  readonly bytes: number;
  /** Nothing in it could not be decoded. */
  readonly sound: boolean;
}

/** Of an object, a list or an entry, before anything is in it. */
export const OBJECT_BYTES = 56;
const MEMBER_BYTES = 16;
const TEXT_BYTES = 24;
const BIGINT_BYTES = 24;
const BYTES_BYTES = 200;
const FAULT_BYTES = 2_048;

/** Texts are counted with two bytes a character: whether the engine needs one or two cannot be seen. */
export function textBytes(text: string): number {
  return TEXT_BYTES + 2 * text.length;
}

export function weighed(cell: Cell): Weighed<Cell> {
  switch (typeof cell) {
    case 'string':
      return { kept: cell, bytes: textBytes(cell), sound: true };
    case 'bigint':
      return { kept: cell, bytes: BIGINT_BYTES, sound: true };
    case 'object':
      break;
    default:
      return { kept: cell, bytes: 12, sound: true };
  }
  if (cell === null) return { kept: null, bytes: 0, sound: true };
  if (cell instanceof Fault) return { kept: cell, bytes: FAULT_BYTES, sound: false };
  if (cell instanceof Uint8Array) {
    // A view of a block of the source would keep all of the block.
    const kept = cell.byteLength === cell.buffer.byteLength ? cell : cell.slice();
    return { kept, bytes: BYTES_BYTES + kept.byteLength, sound: true };
  }
  if (isList(cell)) return weighedList(cell);
  return isRecord(cell) ? weighedRow(cell) : { kept: cell, bytes: OBJECT_BYTES, sound: true };
}

function weighedList(list: readonly Cell[]): Weighed<readonly Cell[]> {
  let bytes = OBJECT_BYTES + MEMBER_BYTES * list.length;
  let sound = true;
  let changed = false;
  const kept = list.map((cell) => {
    const own = weighed(cell);
    bytes += own.bytes;
    sound &&= own.sound;
    changed ||= own.kept !== cell;
    return own.kept;
  });
  return { kept: changed ? kept : list, bytes, sound };
}

export function weighedRow(row: Row): Weighed<Row> {
  let bytes = OBJECT_BYTES;
  let sound = true;
  let changed: Map<string, Cell> | undefined;
  for (const name of Object.keys(row)) {
    const cell = row[name] ?? null;
    const own = weighed(cell);
    bytes += MEMBER_BYTES + own.bytes;
    sound &&= own.sound;
    if (own.kept !== cell) {
      changed ??= new Map();
      changed.set(name, own.kept);
    }
  }
  // Members are defined, not assigned: one may be called `__proto__`.
  const kept = changed === undefined ? row : Object.fromEntries([...Object.entries(row), ...changed]);
  return { kept, bytes, sound };
}
