// Knows: how a dotted path leads to a node, to the counter of a list, and which nodes a rule sees.
// Must not know: anything else about layouts.

import type { Node, ScalarNode } from './layout.ts';

/** The scalar at a dotted path outside every list. */
export function scalarAt(nodes: readonly Node[], path: string): ScalarNode | undefined {
  const [step, ...rest] = path.split('.');
  const node = nodes.find(({ name }) => name === step);
  if (node?.kind === 'group') return scalarAt(node.nodes, rest.join('.'));
  return node?.kind === 'scalar' && rest.length === 0 ? node : undefined;
}

/**
 * The counter at a path: a whole number, read by its bytes alone. Policies may put null, text, a name or a default in its place for
 * clients; how many elements a list has is not a matter of taste. The path may lead into the elements of a list (then the
 * counter's offset counts from the element) and, with a variant's tag behind the union's name, into a variant. Undefined if there is none.
 */
export function counterAt(nodes: readonly Node[], path: string): ScalarNode | undefined {
  const node = reach(nodes, path);
  if (node === undefined) return undefined;
  const encoding = node.encoding.kind === 'enum' ? node.encoding.subject : node.encoding;
  if (!('scale' in encoding) || encoding.scale !== 0) return undefined;
  return { ...node, encoding, type: { kind: 'int64' }, onBad: 'fail', blank: 'fail' };
}

function reach(nodes: readonly Node[], path: string): ScalarNode | undefined {
  const dot = path.indexOf('.');
  const step = dot < 0 ? path : path.slice(0, dot);
  const found = nodes.find(({ name }) => name === step);
  if (dot < 0) return found?.kind === 'scalar' ? found : undefined;
  const rest = path.slice(dot + 1);
  const node = found?.kind === 'list' ? found.of : found;
  if (node?.kind === 'group') return reach(node.nodes, rest);
  if (node?.kind !== 'union') return undefined;
  const variant = node.variants.find(({ tag }) => rest.startsWith(`${tag}.`));
  return variant && reach(variant.node.nodes, rest.slice(variant.tag.length + 1));
}

/**
 * The nodes that the rule of a variant sees. `levels`, innermost first: the variant's own, those of each variant around it, those of
 * the frame (the record's, or those of the list's element). Of two scalars with the same path the inner one counts.
 */
export function ruleScope(levels: readonly (readonly Node[])[]): readonly Node[] {
  return levels.reduce(overlaid);
}

function overlaid(inner: readonly Node[], outer: readonly Node[]): readonly Node[] {
  const outerOf = new Map(outer.map((node) => [node.name, node]));
  const own = new Set(inner.map(({ name }) => name));
  const both = inner.map((node) => {
    const around = outerOf.get(node.name);
    return node.kind === 'group' && around?.kind === 'group'
      ? { ...node, nodes: overlaid(node.nodes, around.nodes) }
      : node;
  });
  return [...both, ...outer.filter(({ name }) => !own.has(name))];
}
