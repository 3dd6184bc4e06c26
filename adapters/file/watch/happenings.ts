// Knows: what is told of the differences between two moments: each row as it was and as it is, and which fields are others.
// Must not know: how the differences were found, positions, who watches.

import { type Cell, type ChangeEvent, Fault, type Row, valueAt } from '#spi';
import type { Differences, Place } from './compare.ts';
import { decodedRows, type Moment, type Watched } from './moment.ts';

/** Differences whose rows are held at once. */
const PORTION = 128;

export interface Happening extends Omit<ChangeEvent, 'position'> {
  /** How many of the differences lie before what comes behind this one. */
  readonly passed: number;
}

export interface Pair {
  readonly before: Moment;
  readonly after: Moment;
  readonly differences: Differences;
}

/** Bytes of a moment were changed by another program: what was different cannot be told. */
export class Lost extends Error {}

/**
 * What happened, from the difference `from` on. Records whose bytes are others and whose values are the same are passed over. Throws `Lost`,
 * or as a read does.
 */
export async function* happenings(
  watched: Watched,
  { before, after, differences }: Pair,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<Happening, void> {
  const { asOf } = after;
  for (let first = from; first < differences.length; first += PORTION) {
    const count = Math.min(PORTION, differences.length - first);
    const portion = Array.from({ length: count }, (_, i) => differences.at(first + i));
    const old = await rowsAt(
      before,
      portion.map((one) => one.before),
      signal,
    );
    const now = await rowsAt(
      after,
      portion.map((one) => one.after),
      signal,
    );
    if (!(await before.unchanged({ signal })) || !(await after.unchanged({ signal }))) throw new Lost();
    for (const i of portion.keys()) {
      const told = toldOf(watched, old[i], now[i]);
      if (told !== undefined) yield { ...told, ...(asOf === '' ? {} : { asOf }), passed: first + i + 1 };
    }
  }
}

function toldOf(
  { key, collection }: Watched,
  old: Row | undefined,
  now: Row | undefined,
): Omit<Happening, 'passed'> | undefined {
  const keyOf = (row: Row) => key.map(({ field }) => valueAt(row, field));
  if (now === undefined) return old === undefined ? undefined : { kind: 'delete', key: keyOf(old) };
  if (old === undefined) return { kind: 'insert', key: keyOf(now), row: now };
  const names = collection.fields.map(({ name }) => name);
  const changed = names.filter((name) => !isSame(old[name] ?? null, now[name] ?? null));
  return changed.length === 0 ? undefined : { kind: 'update', key: keyOf(now), row: now, changed };
}

/** The rows at these places, in their order. */
async function rowsAt(
  { parts }: Moment,
  places: readonly (Place | undefined)[],
  signal: AbortSignal,
): Promise<readonly (Row | undefined)[]> {
  const found = new Array<Row | undefined>(places.length).fill(undefined);
  for (const [number, part] of parts.entries()) {
    const here = [...places.entries()].flatMap(([i, place]) =>
      place?.part === number ? [{ i, row: place.row }] : [],
    );
    if (here.length === 0) continue;
    const rows = await decodedRows(
      part,
      here.map(({ row }) => row),
      signal,
    );
    for (const [at, { i }] of here.entries()) found[i] = rows[at];
  }
  return found;
}

/** Two faults are the same where the bytes are that could not be decoded. */
function isSame(a: Cell, b: Cell): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Fault || b instanceof Fault) {
    return a instanceof Fault && b instanceof Fault && a.code === b.code && a.place.hex === b.place.hex;
  }
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && a.toHex() === b.toHex();
  }
  const [one, other] = [Object.entries(a), Object.entries(b)];
  const members = new Map<string, Cell>(other);
  return one.length === other.length && one.every(([name, cell]) => isSame(cell, members.get(name) ?? null));
}
