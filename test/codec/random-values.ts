// Random values for every field of any layout that has a plain value to store: the same for tests of the codec alone and against COBOL.

import type { Layout, Node, ScalarNode } from '../../src/codec/index.ts';
import { fromScaled } from '../../src/model/decimal.ts';
import { type Cell, isList, isRecord, type Row } from '../../src/model/value.ts';
import type { Random } from '../random.ts';

/** A scalar that was given a value. */
export interface Valued {
  readonly node: ScalarNode;
  readonly cell: Cell;
  /** Elements of the tables around it, from 1. */
  readonly subscripts: readonly number[];
  /** It counts a table. */
  readonly counts: boolean;
}

/** A row without alternates, conditions, unions and what `wanted` does not want, and its scalars one by one. */
export function randomValues(
  layout: Layout,
  random: Random,
  wanted: (node: ScalarNode) => boolean = () => true,
): { readonly row: Row; readonly valued: readonly Valued[] } {
  const valued: Valued[] = [];
  const counts = countsOf(layout, random);
  const members = (nodes: readonly Node[], path: string, subscripts: readonly number[]): Row => {
    const row: Record<string, Cell> = {};
    for (const node of nodes) {
      const cell = node.alternate === true ? undefined : cellOf(node, path + node.name, subscripts);
      if (cell !== undefined) row[node.name] = cell;
    }
    return row;
  };
  const cellOf = (node: Node, path: string, subscripts: readonly number[]): Cell | undefined => {
    switch (node.kind) {
      case 'group': {
        const row = members(node.nodes, `${path}.`, subscripts);
        return Object.keys(row).length === 0 ? undefined : row;
      }
      case 'list': {
        const length = node.dependingOn === undefined ? node.max : (counts.get(node.dependingOn) ?? node.max);
        const cells = Array.from({ length }, (_, i) => cellOf(node.of, path, [...subscripts, i + 1]));
        return cells.every((cell) => cell !== undefined) ? cells : undefined;
      }
      case 'union':
        return undefined;
      case 'scalar': {
        const count = counts.get(path);
        if (count === undefined && !wanted(node)) return undefined;
        const cell = count === undefined ? randomValue(node, random) : typed(node, BigInt(count));
        if (cell !== undefined) valued.push({ node, cell, subscripts, counts: count !== undefined });
        return cell;
      }
    }
  };
  return { row: members(layout.nodes, '', []), valued };
}

/** How many elements count, by the path of the counter. */
function countsOf(layout: Layout, random: Random): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { dependingOn, min, max } of listsOf(layout.nodes)) {
    if (dependingOn === undefined) continue;
    const least = Math.max(1, min);
    const most = Math.min(max, counts.get(dependingOn) ?? max);
    counts.set(dependingOn, Math.min(most, least + random.int(Math.max(1, most - least + 1))));
  }
  return counts;
}

function* listsOf(nodes: readonly Node[]): Iterable<Extract<Node, { kind: 'list' }>> {
  for (const node of nodes) {
    if (node.kind === 'list') {
      yield node;
      yield* listsOf([node.of]);
    } else if (node.kind === 'group') yield* listsOf(node.nodes);
  }
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Undefined for what is no plain value. */
function randomValue(node: ScalarNode, random: Random): Cell | undefined {
  const { encoding } = node;
  switch (encoding.kind) {
    case 'text':
      // Letters only, and as many as there is room for: no trimming, no padding.
      return Array.from({ length: Math.floor(node.length / (encoding.charset === 'utf-16be' ? 2 : 1)) }, () =>
        random.pick([...LETTERS]),
      ).join('');
    case 'zoned':
    case 'packed':
    case 'binary':
    case 'edited':
    case 'number-text': {
      const number = randomDigits(1 + random.int(encoding.digits), random);
      const bits =
        encoding.kind === 'binary' && encoding.trunc === 'bin' ? 8 * encoding.bytes - 1 : undefined;
      const magnitude = bits === undefined ? number : BigInt.asUintN(bits, number);
      return typed(node, encoding.signed && random.chance(0.4) ? -magnitude : magnitude);
    }
    case 'float':
      // Of a short one the shortest number with its bytes is shown: whole numbers of five digits are their own.
      return encoding.bytes === 4 ? random.int(200_000) - 100_000 : (random.int(2_000_000) - 1_000_000) / 8;
    case 'bytes':
      return Uint8Array.from({ length: node.length }, () => random.int(256));
    default:
      return undefined;
  }
}

function randomDigits(count: number, random: Random): bigint {
  return BigInt(Array.from({ length: count }, () => random.int(10)).join(''));
}

/** The unscaled number as a cell of the field's type. */
function typed({ encoding, type }: ScalarNode, unscaled: bigint): Cell | undefined {
  if (!('scale' in encoding)) return undefined;
  if (type.kind === 'decimal') return fromScaled(unscaled, encoding.scale);
  const whole = encoding.scale < 0 ? unscaled * 10n ** BigInt(-encoding.scale) : unscaled;
  return type.kind === 'int64' ? whole : Number(whole);
}

/** Of what was read, the members that the row has. */
export function shownOnly(read: Cell, row: Cell): Cell {
  if (isList(row) && isList(read)) return read.map((cell, i) => shownOnly(cell, row[i] ?? null));
  if (!isRecord(row) || !isRecord(read)) return read;
  return Object.fromEntries(
    Object.keys(row).map((name) => [name, shownOnly(read[name] ?? null, row[name] ?? null)]),
  );
}
