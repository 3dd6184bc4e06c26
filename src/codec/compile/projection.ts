// Knows: which nodes of a layout a list of dotted paths asks for.
// Must not know: what is done with them.

import { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import type { Layout, Node } from '../layout.ts';

/**
 * The nodes asked for, in the order of asking; groups hold what was asked of them. A group's path means all of it without its
 * alternates. A path leads through tables too (`lines.text`: this member of every element). Throws an `invalid` Fault for a
 * path that the layout does not have. A union's path means all of it; no path leads into it.
 */
export function project(layout: Layout, paths: readonly string[]): readonly Node[] {
  let nodes: readonly Node[] = [];
  for (const path of paths) nodes = merged(nodes, wanted(layout.nodes, path.split('.'), path));
  return nodes;
}

function wanted(nodes: readonly Node[], [step = '', ...rest]: readonly string[], path: string): Node {
  const node = nodes.find(({ name }) => name === step);
  if (node !== undefined && rest.length === 0) return whole(node);
  if (node === undefined || membersOf(node).length === 0) throw unknownField(path, step, node, nodes);
  return withMembers(node, [wanted(membersOf(node), rest, path)]);
}

function unknownField(path: string, step: string, node: Node | undefined, siblings: readonly Node[]): Fault {
  const names = node === undefined ? siblings.map(({ name }) => name) : [];
  const hint =
    node?.kind === 'union'
      ? ` ${node.name} is a union, which is asked for as a whole.`
      : didYouMean(
          path,
          names.map((name) => pathTo(path, step) + name),
        );
  return new Fault('invalid', `There is no field "${path}".${hint}`, {
    code: 'unknown-field',
    field: path,
  });
}

/** `address.` of `address.cty` at `cty`. */
function pathTo(path: string, step: string): string {
  const steps = path.split('.');
  return steps
    .slice(0, steps.indexOf(step))
    .map((one) => `${one}.`)
    .join('');
}

/** All of a node without the alternates inside it. */
function whole<Kind extends Node>(node: Kind): Kind {
  switch (node.kind) {
    case 'scalar':
      return node;
    case 'group':
      return { ...node, nodes: node.nodes.filter(({ alternate }) => alternate !== true).map(whole) };
    case 'list':
      return { ...node, of: whole(node.of) };
    case 'union':
      return { ...node, variants: node.variants.map((one) => ({ ...one, node: whole(one.node) })) };
  }
}

function merged(nodes: readonly Node[], more: Node): readonly Node[] {
  const index = nodes.findIndex(({ name }) => name === more.name);
  const known = nodes[index];
  if (known === undefined) return [...nodes, more];
  return nodes.with(index, withMembers(known, membersOf(more).reduce(merged, membersOf(known))));
}

/** Members of a group, or of the groups in a list. */
function membersOf(node: Node): readonly Node[] {
  if (node.kind === 'list') return membersOf(node.of);
  return node.kind === 'group' ? node.nodes : [];
}

function withMembers(node: Node, members: readonly Node[]): Node {
  if (node.kind === 'list') return { ...node, of: withMembers(node.of, members) };
  return node.kind === 'group' ? { ...node, nodes: members } : node;
}
