// Knows: which nodes a record's items make: groups, lists, unions, and what of FILLER is seen.
// Must not know: where items stand, how scalars are read.

import { pascalCase } from '../../model/naming.ts';
import type { Gap, GroupNode, ListNode, UnionNode, Variant } from '../layout.ts';
import { counterOf } from './counters.ts';
import { originOf } from './item-text.ts';
import { isElementary, type Laying } from './laying.ts';
import { type Placed, sizeOf, storages } from './placing.ts';
import { elementarySketches, groupConditions } from './scalars.ts';
import { buildAll, type Sketch } from './sketch.ts';
import { templateOf } from './template.ts';
import type { RuledView } from './view-rules.ts';

/** What a record (one 01) shows: its items, or itself where it is an elementary one. */
export function recordSketches(record: Placed, laying: Laying): readonly Sketch[] {
  if (isElementary(record.item)) return itemSketches(record, laying);
  return [...childSketches(record, laying), ...groupConditions(record, false, laying)];
}

/** The items of a group; redefinitions stand behind what they redefine, as alternates or in a union. */
export function childSketches({ children }: Placed, laying: Laying): readonly Sketch[] {
  return storages(children).flatMap((views): readonly Sketch[] => {
    const [first, ...others] = views;
    const union = others.length === 0 ? undefined : laying.views.union(first.item);
    if (union === undefined) {
      return [
        ...itemSketches(first, laying),
        ...others.flatMap((view) => itemSketches(view, laying).map(asAlternate)),
      ];
    }
    const ruled = union.views.flatMap((view) => {
      const placed = views.find(({ item }) => item === view.item);
      return placed === undefined ? [] : [{ ...view, placed }];
    });
    const unruled = views.filter(({ item }) => !union.views.some((view) => view.item === item));
    return [
      unionSketch(union.name, views, ruled, laying),
      ...unruled.flatMap((view) => itemSketches(view, laying).map(asAlternate)),
    ];
  });
}

function asAlternate(sketch: Sketch): Sketch {
  return { ...sketch, alternate: true };
}

/** One item with its conditions; OCCURS makes lists of all of them. */
export function itemSketches(placed: Placed, laying: Laying): readonly Sketch[] {
  const { item } = placed;
  const shown = isElementary(item) ? elementarySketches(placed, laying) : groupSketches(placed, laying);
  // FILLER that takes more or fewer bytes moves what follows, so there must be a list that says how many.
  const once = shown.length === 0 && placed.slides ? [opaqueSketch(placed)] : shown;
  return item.occurs === undefined
    ? once
    : once.map((sketch, i) => listSketch(placed, sketch, i === 0, laying));
}

function groupSketches(placed: Placed, laying: Laying): readonly Sketch[] {
  const { item } = placed;
  const children = childSketches(placed, laying);
  // What elements need of each other (counters, rules) they only find in a group of their own.
  const name = item.name ?? (item.occurs !== undefined && isEntangled(placed) ? 'FILLER' : undefined);
  const conditions = groupConditions(placed, children.length === 0, laying);
  if (name === undefined || children.length === 0) return [...children, ...conditions];
  const group: Sketch = {
    wanted: name,
    build({ name: apiName, path, prefix }) {
      const typeName = laying.typeName(prefix + pascalCase(apiName));
      return groupNode(placed, apiName, typeName, children, `${path}.`);
    },
  };
  return [group, ...conditions];
}

/** Bytes of which nothing is known but how many they are. */
function opaqueSketch({ item, length }: Placed): Sketch {
  const { name: legacyName = 'FILLER' } = item;
  return {
    wanted: legacyName,
    build: ({ name }) => ({
      kind: 'scalar',
      name,
      legacyName,
      type: { kind: 'bytes' },
      offset: 0,
      length,
      encoding: { kind: 'bytes' },
      origin: originOf(item),
    }),
  };
}

/** Inside a table offsets count from its element. */
function groupNode(
  placed: Placed,
  name: string,
  typeName: string,
  children: readonly Sketch[],
  path: string,
): GroupNode {
  const { item, offset, length } = placed;
  const gaps = gapsOf(placed);
  return {
    kind: 'group',
    name,
    ...(item.name === undefined ? {} : { legacyName: item.name }),
    typeName,
    offset: item.occurs === undefined ? offset : 0,
    length,
    nodes: buildAll(children, typeName, path),
    ...(gaps.length === 0 ? {} : { gaps }),
  };
}

/** Is there a counter or a union at work in the elements of this table? */
function isEntangled(placed: Placed): boolean {
  const { item, children } = placed;
  return (
    item.occurs?.dependingOn !== undefined ||
    children.some((child) => child.storage !== undefined || isEntangled(child))
  );
}

/** `first`: of the fields that a table makes (its elements and their conditions) only the first one moves bytes. */
function listSketch(placed: Placed, sketch: Sketch, first: boolean, laying: Laying): Sketch {
  const { item, offset, length } = placed;
  const { min = 0, max = 0, dependingOn } = item.occurs ?? {};
  return {
    ...sketch,
    build(where): ListNode {
      const of = sketch.build(where);
      let counter: string | undefined;
      if (dependingOn !== undefined) {
        counter = String(laying.counted.length);
        laying.counted.push({ table: placed, counter: counterOf(placed, dependingOn, laying.index) });
      }
      return {
        kind: 'list',
        name: where.name,
        ...(of.legacyName === undefined ? {} : { legacyName: of.legacyName }),
        offset,
        length: length * max,
        stride: length,
        min,
        max,
        of,
        ...(counter === undefined ? {} : { dependingOn: counter }),
        ...(placed.slides && first ? { slides: true } : {}),
      };
    },
  };
}

type PlacedView = RuledView & { readonly placed: Placed };

/** REDEFINES with rules: a union of those views that have one. */
function unionSketch(
  wanted: string,
  all: readonly Placed[],
  views: readonly PlacedView[],
  laying: Laying,
): Sketch {
  const [first] = all;
  return {
    wanted,
    build({ name, path, prefix }): UnionNode {
      const typeName = laying.typeName(prefix + pascalCase(name));
      return {
        kind: 'union',
        name,
        ...(first?.item.name === undefined ? {} : { legacyName: first.item.name }),
        typeName,
        offset: first?.offset ?? 0,
        length: Math.max(...all.map(sizeOf)),
        variants: views.map((view) => variantOf(view, prefix, path, laying)),
      };
    },
  };
}

/** One view as an object: a group with its fields, anything else as its only field. */
function variantOf(
  { item, tag, rule, placed }: PlacedView,
  prefix: string,
  path: string,
  laying: Laying,
): Variant {
  const typeName = laying.typeName(prefix + tag);
  const isGroup = !isElementary(item) && item.occurs === undefined;
  const sketches = isGroup
    ? [...childSketches(placed, laying), ...groupConditions(placed, false, laying)]
    : itemSketches(placed, laying);
  return variant(placed, { tag, rule, typeName }, sketches, `${path}.${tag}.`, laying);
}

/** A variant of a union, whose rule waits until everything that it may look at is there. */
export function variant(
  placed: Placed,
  {
    tag,
    rule,
    typeName,
  }: { readonly tag: string; readonly rule: string | undefined; readonly typeName: string },
  sketches: readonly Sketch[],
  path: string,
  laying: Laying,
): Variant {
  const gaps = placed.item.occurs === undefined ? gapsOf(placed) : [];
  const made: Variant = {
    tag,
    node: {
      kind: 'group',
      name: tag,
      ...(placed.item.name === undefined ? {} : { legacyName: placed.item.name }),
      typeName,
      offset: placed.offset,
      length: sizeOf(placed),
      nodes: buildAll(sketches, typeName, path),
      ...(gaps.length === 0 ? {} : { gaps }),
    },
    when: [],
    template: templateOf(placed, laying),
  };
  if (rule !== undefined)
    laying.pending.set(made, { text: rule, owner: `The rule of ${placed.item.name ?? tag}` });
  return made;
}

/** What of a group's bytes is FILLER. */
export function gapsOf({ item: parent, children }: Placed): readonly Gap[] {
  if (isElementary(parent)) return [];
  return children.flatMap((child): readonly Gap[] => {
    const { item, offset } = child;
    if (child.storage !== undefined || item.conditions.length > 0) return [];
    const leaf = isElementary(item);
    if (leaf && item.name !== undefined) return [];
    if (!leaf && item.occurs === undefined && item.name === undefined) return gapsOf(child);
    if (!leaf && showsSomething(child)) return [];
    const { occurs } = item;
    const times = occurs === undefined ? '' : ` OCCURS ${occurs.max}`;
    return [
      {
        ...(item.name === undefined ? {} : { legacyName: item.name }),
        offset,
        length: sizeOf(child),
        origin:
          leaf && times === ''
            ? originOf(item)
            : originOf(item, `${leaf ? originOf(item).text : 'GROUP'}${times}`),
      },
    ];
  });
}

function showsSomething({ item, children }: Placed): boolean {
  return (
    item.conditions.length > 0 ||
    (isElementary(item) ? item.name !== undefined : children.some(showsSomething))
  );
}
