// Knows: which fields of a collection are seen, as a tree of their names, and how two such trees go together.
// Must not know: roles, masks, what becomes of the fields.

import { elementOf, type Field, isScalar } from '../model/type.ts';

/** All of some fields with all that is in them, or those of the map, each as far as it says. What is not in it is hidden. */
export type Visible = 'all' | ReadonlyMap<string, Visible>;

/** Exactly these paths and what is below them. They lead to fields that are there. */
export function only(fields: readonly Field[], paths: readonly string[]): Visible {
  return normal(
    paths.reduce<Visible>((tree, path) => unite(tree, along(path.split('.'))), new Map()),
    fields,
  );
}

function along([step = '', ...rest]: readonly string[]): Visible {
  return new Map([[step, rest.length === 0 ? 'all' : along(rest)]]);
}

/** The tree without what is at these paths. */
export function without(tree: Visible, fields: readonly Field[], paths: readonly string[]): Visible {
  return paths.reduce((rest, path) => cut(rest, fields, path.split('.')), tree);
}

function cut(tree: Visible, fields: readonly Field[], [step = '', ...rest]: readonly string[]): Visible {
  const names = new Map(tree === 'all' ? fields.map(({ name }) => [name, 'all'] as const) : tree);
  const own = names.get(step);
  if (own === undefined) return tree;
  const inner = rest.length === 0 ? NOTHING : cut(own, membersOf(fields, step), rest);
  if (inner !== 'all' && inner.size === 0) names.delete(step);
  else names.set(step, inner);
  return names;
}

const NOTHING: Visible = new Map();

/** Fields of a group, or of the groups of a list. */
function membersOf(fields: readonly Field[], name: string): readonly Field[] {
  const found = fields.find((field) => field.name === name);
  const type = found === undefined ? undefined : elementOf(found.type);
  return type?.kind === 'object' ? type.fields : [];
}

/** What either shows. */
export function unite(a: Visible, b: Visible): Visible {
  if (a === 'all' || b === 'all') return 'all';
  const both = new Map(a);
  for (const [name, other] of b) {
    const own = both.get(name);
    both.set(name, own === undefined ? other : unite(own, other));
  }
  return both;
}

/** What both show. */
export function intersect(a: Visible, b: Visible): Visible {
  if (a === 'all') return b;
  if (b === 'all') return a;
  const both = new Map<string, Visible>();
  for (const [name, own] of a) {
    const other = b.get(name);
    if (other === undefined) continue;
    const inner = intersect(own, other);
    if (inner === 'all' || inner.size > 0) both.set(name, inner);
  }
  return both;
}

/** Whether `a` shows all that `b` shows. Both are `normal`. */
export function shows(a: Visible, b: Visible): boolean {
  if (a === 'all') return true;
  if (b === 'all') return false;
  return [...b].every(([name, other]) => {
    const own = a.get(name);
    return own !== undefined && shows(own, other);
  });
}

/** The same with `all` wherever nothing is hidden. */
export function normal(tree: Visible, fields: readonly Field[]): Visible {
  if (tree === 'all') return tree;
  const names = new Map(
    [...tree].map(([name, inner]) => [name, normal(inner, membersOf(fields, name))] as const),
  );
  const whole = fields.length > 0 && fields.every(({ name }) => names.get(name) === 'all');
  return whole ? 'all' : names;
}

/** How much of the field at a path is seen; undefined: nothing. */
export function visibleAt(tree: Visible, path: string): Visible | undefined {
  let level: Visible = tree;
  for (const step of path.split('.')) {
    if (level === 'all') return 'all';
    const inner = level.get(step);
    if (inner === undefined) return undefined;
    level = inner;
  }
  return level;
}

/** Every path that can be named: of groups, of what is in them, and through lists of groups. For proposals, so only so deep. */
export function pathsIn(fields: readonly Field[], depth = 4, prefix = ''): readonly string[] {
  return fields.flatMap(({ name, type }) => {
    const path = prefix + name;
    const inside = elementOf(type);
    if (isScalar(inside) || inside.kind === 'union' || depth === 0) return [path];
    return [path, ...pathsIn(inside.fields, depth - 1, `${path}.`)];
  });
}
