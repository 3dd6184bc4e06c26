// Knows: what RENAMES (level 66) shows: one item under another name, items together, or the bytes between two items.
// Must not know: how items are read.

import { pascalCase } from '../../model/naming.ts';
import { openCharset } from '../charset.ts';
import type { NameReference, Renames } from '../copybook/tree.ts';
import { referred } from './counters.ts';
import { originOf, placedFault } from './item-text.ts';
import type { Laying } from './laying.ts';
import { itemSketches } from './nodes.ts';
import { type Placed, sizeOf, tablesAround } from './placing.ts';
import { buildAll, type Sketch } from './sketch.ts';

/** Alternates of the record, one for each level 66 (Enterprise COBOL Language Reference, "RENAMES clause"). */
export function renamesSketches(record: Placed, laying: Laying): readonly Sketch[] {
  return (record.item.renames ?? []).map((renames) => ({
    ...renamesSketch(renames, laying),
    alternate: true,
  }));
}

function renamesSketch(renames: Renames, laying: Laying): Sketch {
  const from = target(renames, renames.from, laying);
  const through = renames.through === undefined ? from : target(renames, renames.through, laying);
  const end = through.offset + sizeOf(through);
  if (end <= from.offset || through.offset < from.offset) {
    throw placedFault(
      renames.place,
      `${renames.name} renames items up to one that stands before the first of them`,
    );
  }
  if (from === through) return another(from, renames.name, laying);
  const siblings = from.parent === through.parent ? (from.parent?.children ?? []) : [];
  const items = siblings.slice(siblings.indexOf(from), siblings.indexOf(through) + 1);
  return items.length > 0 ? together(renames, from, end, items, laying) : bytes(renames, from, end, laying);
}

function target({ name, place }: Renames, reference: NameReference, { index }: Laying): Placed {
  const found = referred(reference, index, `What ${name} renames`);
  if (tablesAround(found).length > 0) {
    throw placedFault(place, `${name} renames ${reference.name}, which stands in a table`);
  }
  return found;
}

/** The item as it is, with another name. */
function another(item: Placed, name: string, laying: Laying): Sketch {
  const [first] = itemSketches(item, laying);
  return { wanted: name, build: (where) => ({ ...built(first, where), legacyName: name }) };
}

function built(
  sketch: Sketch | undefined,
  where: Parameters<Sketch['build']>[0],
): ReturnType<Sketch['build']> {
  if (sketch === undefined) throw new TypeError('nothing to rename');
  return sketch.build(where);
}

/** Neighbours in one group: a group of them. */
function together(
  { name: legacyName }: Renames,
  { offset }: Placed,
  end: number,
  items: readonly Placed[],
  laying: Laying,
): Sketch {
  const sketches = items.flatMap((item) =>
    itemSketches(item, laying).map((sketch) =>
      item.storage === undefined ? sketch : { ...sketch, alternate: true },
    ),
  );
  return {
    wanted: legacyName,
    build({ name, path, prefix }) {
      const typeName = laying.typeName(prefix + pascalCase(name));
      const nodes = buildAll(sketches, typeName, `${path}.`);
      return { kind: 'group', name, legacyName, typeName, offset, length: end - offset, nodes };
    },
  };
}

/** Anything else is text, as COBOL has it. */
function bytes(
  { name: legacyName, place }: Renames,
  { item, offset }: Placed,
  end: number,
  laying: Laying,
): Sketch {
  const length = end - offset;
  return {
    wanted: legacyName,
    build: ({ name }) => ({
      kind: 'scalar',
      name,
      legacyName,
      type: { kind: 'string', length },
      offset,
      length,
      encoding: { kind: 'text', charset: openCharset(laying.charset).name, trim: 'right' },
      origin: originOf(item, `66 X(${length})`, place),
    }),
  };
}
