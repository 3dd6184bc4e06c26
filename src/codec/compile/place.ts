// Knows: where in a layout something stands: the levels around it, and the field that a counter's path means there.
// Must not know: bytes, and what is done at the place.

import type { GroupNode, Layout, ListNode, Node, ScalarNode, UnionNode } from '../layout.ts';
import { counterAt, scalarAt } from '../paths.ts';

/** A level of a layout. Its members are all that the layout has there, whatever part of them was asked for. */
export interface Place {
  /** Dotted path for people; empty at the top. */
  readonly path: string;
  /** The path with the variants in it: no two places have the same. */
  readonly key: string;
  /** The path as counters are named: behind a union stands the tag of the variant. */
  readonly tagged: string;
  readonly members: readonly Node[];
  /** Number of lists around it. Offsets count from the record at depth 0, else from the element of the innermost list. */
  readonly depth: number;
  /** What the rules of unions may look at: the variants around it, the innermost first, then the record or the list's element. */
  readonly frames: readonly Frame[];
  readonly outer?: Place;
}

export interface Frame {
  readonly members: readonly Node[];
  readonly path: string;
}

export function topOf({ nodes }: Layout): Place {
  return {
    path: '',
    key: '',
    tagged: '',
    members: nodes,
    depth: 0,
    frames: [{ members: nodes, path: '' }],
  };
}

export function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function memberAt(place: Place, name: string): Node {
  const node = place.members.find((member) => member.name === name);
  if (node === undefined) throw new TypeError(`${join(place.path, name)} is not in the layout`);
  return node;
}

function membersOf(node: Node): readonly Node[] {
  return node.kind === 'group' ? node.nodes : [];
}

/** The level below a group. */
export function inGroup(place: Place, { name }: GroupNode): Place {
  return {
    path: join(place.path, name),
    key: `${place.key}/${JSON.stringify(name)}`,
    tagged: join(place.tagged, name),
    members: membersOf(memberAt(place, name)),
    depth: place.depth,
    frames: place.frames,
    outer: place,
  };
}

/** The level of a list's element: the members of its group, or the one node that the element is. */
export function inElement(place: Place, { name }: ListNode): Place {
  const list = memberAt(place, name);
  const of = list.kind === 'list' ? list.of : list;
  const key = `${place.key}/${JSON.stringify(name)}[]`;
  const depth = place.depth + 1;
  if (of.kind !== 'group') {
    // The element has the list's name and adds no step to the path.
    const members = [of];
    return { ...place, key, members, depth, frames: [{ members, path: place.path }], outer: place };
  }
  const path = join(place.path, name);
  const tagged = join(place.tagged, name);
  const members = membersOf(of);
  return { path, key, tagged, members, depth, frames: [{ members, path }], outer: place };
}

/** The level below a union's variant. */
export function inVariant(place: Place, { name }: UnionNode, index: number): Place {
  const union = memberAt(place, name);
  const variant = union.kind === 'union' ? union.variants[index] : undefined;
  if (variant === undefined) throw new TypeError(`${join(place.path, name)} has no variant ${index}`);
  const { tag, node } = variant;
  return {
    path: join(place.path, name),
    key: `${place.key}/${JSON.stringify(name)}|${index}`,
    tagged: join(join(place.tagged, name), tag),
    members: node.nodes,
    depth: place.depth,
    frames: [{ members: node.nodes, path: join(place.path, name) }, ...place.frames],
    outer: place,
  };
}

/** A counter, how many lists stand around it, and its path for people. */
export interface Counter {
  readonly node: ScalarNode;
  readonly depth: number;
  readonly path: string;
}

/** The counter of a list at this place: it stands in one of the levels around it. */
export function counterOf(list: ListNode, place: Place): Counter {
  const { dependingOn = '' } = list;
  for (let level: Place | undefined = place; level !== undefined; level = level.outer) {
    const { tagged, members, depth, path } = level;
    if (tagged !== '' && !dependingOn.startsWith(`${tagged}.`)) continue;
    const name = tagged === '' ? dependingOn : dependingOn.slice(tagged.length + 1);
    const scalar = scalarAt(members, name);
    const node = scalar && counterAt([scalar], scalar.name);
    if (node !== undefined) return { node, depth, path: join(path, name) };
  }
  throw new TypeError(
    `${join(place.path, list.name)} depends on ${dependingOn}, which is no whole number around it`,
  );
}
