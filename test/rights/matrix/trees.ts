// Rows with related rows below them, several levels deep: what an asker must see of such a tree, worked out from the table by hand.

import { selection } from './asking.ts';
import { COLLECTIONS, type Collection, type Row } from './bank.ts';
import { type Asker, fieldsSeen, relationsSeen, rowsSeen, shownRow } from './roles.ts';

/** Relations asked for, each with those below it. */
export interface Tree {
  readonly [relation: string]: Tree;
}

export interface Related {
  readonly collection: Collection;
  readonly on: readonly [local: string, remote: string];
  readonly one: boolean;
}

export function relatedBy(collection: Collection, relation: string): Related {
  const { to = '', on = ['', ''], one = false } = collection.relations[relation] ?? {};
  const target = COLLECTIONS.find(({ name }) => name === to);
  if (target === undefined) throw new TypeError(`${collection.name} has no relation ${relation}`);
  return { collection: target, on, one };
}

/** Whether every relation of the tree exists for the asker. */
export function isSeen(asker: Asker, collection: Collection, tree: Tree): boolean {
  return Object.entries(tree).every(
    ([relation, below]) =>
      relationsSeen(asker, collection).includes(relation) &&
      isSeen(asker, relatedBy(collection, relation).collection, below),
  );
}

/** Every value is text: the surfaces write numbers alike, and that is tested elsewhere. */
export function expectedTree(asker: Asker, collection: Collection, row: Row, tree: Tree): object {
  const own: Record<string, unknown> = {};
  for (const [path, value] of Object.entries(shownRow(asker, collection, row))) {
    const [first = '', second] = path.split('.');
    const shown = value === null ? null : String(value);
    if (second === undefined) own[first] = shown;
    else own[first] = { ...Object(own[first]), [second]: shown };
  }
  for (const [relation, below] of Object.entries(tree)) {
    const {
      collection: target,
      on: [local, remote],
      one,
    } = relatedBy(collection, relation);
    const rows = rowsSeen(asker, target)
      .filter((other) => other[remote] === row[local])
      .map((other) => expectedTree(asker, target, other, below));
    own[relation] = one ? (rows[0] ?? null) : rows;
  }
  return own;
}

/** `accounts,accounts.customer`. */
export function includeOf(tree: Tree, prefix = ''): readonly string[] {
  return Object.entries(tree).flatMap(([relation, below]) => [
    prefix + relation,
    ...includeOf(below, `${prefix}${relation}.`),
  ]);
}

export function selectionOf(asker: Asker, collection: Collection, tree: Tree): string {
  const related = Object.entries(tree).map(([relation, below]) => {
    const { collection: target, one } = relatedBy(collection, relation);
    const inner = selectionOf(asker, target, below);
    return `${relation} { ${one ? inner : `items { ${inner} }`} }`;
  });
  return [selection(fieldsSeen(asker, collection)), ...related].join(' ');
}

/** Either surface's answer in the form of the other: pages as lists, numbers as text, without links. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== 'object') return value === null ? null : String(value);
  if ('items' in value) return plain(value.items);
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (name.includes('@') ? [] : [[name, plain(inner)]])),
  );
}
