// Knows: the texts of `select`, `include` and `orderby`, and which fields an answer has when none are named.
// Must not know: filters, pages, HTTP.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { nearest } from '../model/naming.ts';
import {
  elementOf,
  type Field,
  fieldAt,
  isComparable,
  selectableAt,
  type Type,
  typeText,
} from '../model/type.ts';
import { enclosedText, OUTSIDE_HINT, shown } from '../query/literal.ts';
import { askablePaths, isMasked, maskedField } from '../query/masked.ts';
import type { Order } from '../query/order.ts';
import type { Include, Selection } from '../query/request.ts';

/** Relations asked for, each with those asked for below it. */
type Tree = Map<string, Tree>;

interface Level {
  readonly collection: CatalogCollection;
  readonly included: Tree;
  /** Dotted paths named for this level. */
  readonly named: string[];
  readonly below: ReadonlyMap<string, Level>;
}

/**
 * `select=name,accounts.balance` and `include=accounts,accounts.branch` → what to answer. A level of which no field
 * is named answers all fields but the alternate readings.
 */
export function readSelection(
  catalog: Catalog,
  collection: CatalogCollection,
  select: string | undefined,
  include: string | undefined,
): Selection {
  const root = levelOf(catalog, collection, readIncludes(catalog, collection, include));
  if (select !== undefined) {
    for (const path of words(select, 'select')) nameField(root, path);
  }
  return selectionOf(root);
}

function readIncludes(catalog: Catalog, root: CatalogCollection, include: string | undefined): Tree {
  const tree: Tree = new Map();
  if (include === undefined) return tree;
  for (const path of words(include, 'include')) {
    let collection: CatalogCollection | undefined = root;
    let level = tree;
    const steps = path.split('.');
    if (steps.length > MAX_STEPS) throw tooDeep();
    for (const step of steps) {
      const relation: string | undefined = collection?.relations.get(step)?.to;
      if (relation === undefined) {
        if (collection !== undefined && fieldAt(collection.fields, step) !== undefined)
          throw fieldIncluded(collection, path, step);
        throw unknown(
          'relation',
          path,
          step,
          collection,
          [...(collection?.relations.keys() ?? [])],
          'include',
        );
      }
      collection = catalog.collections.get(relation);
      let next = level.get(step);
      if (next === undefined) {
        next = new Map();
        level.set(step, next);
      }
      level = next;
    }
  }
  return tree;
}

/** Who reads an include goes down by calling itself. No policy wants so many levels; which of fewer are too many, the planner knows. */
const MAX_STEPS = 100;

function tooDeep(): Fault {
  return new Fault('too-costly', `Relations are nested deeper than ${MAX_STEPS} levels`, {
    code: 'depth-limit',
    parameter: 'include',
  });
}

/** Groups, lists and unions are parts of a row, whatever they look like in the answer. */
function fieldIncluded({ name }: CatalogCollection, path: string, step: string): Fault {
  return new Fault('invalid', `${shown(step)} is a field of "${name}", not a relation`, {
    code: 'unknown-relation',
    parameter: 'include',
    collection: name,
    hint: `Fields are answered without include, or by their name: select=${path}`,
  });
}

function levelOf(catalog: Catalog, collection: CatalogCollection, included: Tree): Level {
  const below = new Map<string, Level>();
  for (const [name, tree] of included) {
    const target = catalog.collections.get(collection.relations.get(name)?.to ?? '');
    if (target !== undefined) below.set(name, levelOf(catalog, target, tree));
  }
  return { collection, included, named: [], below };
}

/** Notes a path of `select` at the level that its relations lead to. */
function nameField(root: Level, path: string): void {
  let level = root;
  let rest = path;
  while (selectableAt(level.collection.fields, rest) === undefined) {
    const dot = rest.indexOf('.');
    const step = dot < 0 ? rest : rest.slice(0, dot);
    const below = level.below.get(step);
    if (below === undefined || dot < 0) throw unknownSelected(level, path, rest, step);
    level = below;
    rest = rest.slice(dot + 1);
  }
  level.named.push(rest);
}

function unknownSelected({ collection, below }: Level, path: string, rest: string, step: string): Fault {
  if (collection.relations.has(step)) {
    const hint = below.has(step)
      ? `Name its fields, select=${step}.…, or leave it out of select to get all of them.`
      : `Add it to include: include=${step}`;
    return new Fault('invalid', `${shown(path)} is a relation, not a field`, {
      code: 'unknown-field',
      parameter: 'select',
      collection: collection.name,
      hint,
    });
  }
  const union = unionAround(collection.fields, rest);
  if (union !== undefined) {
    const named = path.slice(0, path.length - rest.length) + union;
    return new Fault('invalid', `"${named}" is a union, which is answered as a whole`, {
      code: 'unknown-field',
      parameter: 'select',
      collection: collection.name,
      hint: `select=${named}`,
    });
  }
  return unknown('field', path, rest, collection, selectablePaths(collection.fields), 'select');
}

/** The union that a path leads into. */
function unionAround(fields: readonly Field[], path: string): string | undefined {
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const before = path.slice(0, dot);
    const field = selectableAt(fields, before);
    if (field !== undefined && elementOf(field.type).kind === 'union') return before;
  }
  return undefined;
}

/** Of a type that contains itself the outermost paths. */
function selectablePaths(
  fields: readonly Field[],
  prefix = '',
  around: readonly Type[] = [],
): readonly string[] {
  return fields.flatMap(({ name, type }) => {
    const inside = elementOf(type);
    const path = prefix + name;
    return inside.kind === 'object' && !around.includes(inside)
      ? [path, ...selectablePaths(inside.fields, `${path}.`, [...around, inside])]
      : [path];
  });
}

function selectionOf({ collection, named, below }: Level): Selection {
  const fields =
    named.length > 0
      ? tidyPaths(named)
      : collection.fields.filter(({ alternate }) => alternate !== true).map(({ name }) => name);
  const include = [...below].map(
    ([relation, level]): Include => ({
      as: relation,
      relation,
      selection: selectionOf(level),
      where: [],
      order: [],
      count: false,
    }),
  );
  return { fields, include };
}

/** Without repetition, paths of one group side by side, and a group's own path in place of paths inside it. */
function tidyPaths(paths: readonly string[]): readonly string[] {
  const all = new Set(paths);
  const covered = (path: string): boolean => {
    for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      if (all.has(path.slice(0, dot))) return true;
    }
    return false;
  };
  return gather(
    [...all].filter((path) => !covered(path)),
    0,
  );
}

function gather(paths: readonly string[], depth: number): readonly string[] {
  const groups = Map.groupBy(paths, (path) => path.split('.')[depth]);
  return [...groups.values()].flatMap((group) => (group.length === 1 ? group : gather(group, depth + 1)));
}

/** `name desc,custId` → order keys. */
export function readOrder(collection: CatalogCollection, text: string): Order {
  return words(text, 'orderby').map((word) => {
    const [path = '', direction = 'asc', ...more] = word.split(/\s+/);
    const field = fieldAt(collection.fields, path);
    const enclosed = enclosedText(collection.fields, path);
    if (field === undefined && enclosed === undefined) {
      const valid = askablePaths(collection.fields).map(([name]) => name);
      throw unknown('field', path, path, collection, valid, 'orderby');
    }
    if (isMasked(collection.fields, path))
      throw maskedField(path, { parameter: 'orderby', collection: collection.name });
    if (field === undefined || !isComparable(field.type)) {
      const kind = field?.type.kind;
      const what = field === undefined ? '' : typeText(field.type);
      throw new Fault('invalid', enclosed ?? `"${path}" is ${what} and cannot be ordered`, {
        code: 'not-comparable',
        parameter: 'orderby',
        collection: collection.name,
        ...(kind === 'object' || kind === 'json' ? {} : { hint: OUTSIDE_HINT }),
      });
    }
    if ((direction !== 'asc' && direction !== 'desc') || more.length > 0) {
      throw new Fault(
        'invalid',
        `Behind "${path}" stands asc or desc, not ${shown([direction, ...more].join(' '))}`,
        {
          code: 'bad-orderby',
          parameter: 'orderby',
          collection: collection.name,
          ...(nearest(direction, ['asc', 'desc']) === undefined
            ? {}
            : { hint: `${path} ${nearest(direction, ['asc', 'desc'])}` }),
        },
      );
    }
    return { field: path, type: field.type, descending: direction === 'desc' };
  });
}

/** The parts of a comma-separated list; an empty one is refused. */
function words(text: string, parameter: string): readonly string[] {
  const parts = text.split(',').map((part) => part.trim());
  const position = parts.indexOf('');
  if (position >= 0) {
    throw new Fault(
      'invalid',
      `"${parameter}" is a list of names with commas between them; one of them is empty`,
      {
        code: `bad-${parameter}`,
        parameter,
      },
    );
  }
  return parts;
}

function unknown(
  what: 'field' | 'relation',
  path: string,
  word: string,
  collection: CatalogCollection | undefined,
  valid: readonly string[],
  parameter: string,
): Fault {
  const near = nearest(word, valid);
  const prefix = path.slice(0, Math.max(0, path.length - word.length));
  const hint = near === undefined ? undefined : prefix.endsWith('.') ? prefix + near : near;
  const owner = collection === undefined ? 'There' : `"${collection.name}"`;
  const message = `${owner} has no ${what} ${shown(word)}.${hint === undefined ? '' : ` Did you mean "${hint}"?`}`;
  return new Fault('invalid', message, {
    code: `unknown-${what}`,
    parameter,
    ...(collection === undefined ? {} : { collection: collection.name }),
    ...(hint === undefined ? {} : { hint }),
  });
}
