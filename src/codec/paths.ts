// Knows: how a dotted path leads to a node, and to the counter of a list.
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
 * The counter at a path: a whole number outside every list, read by its bytes alone. Policies may put null, text or a default in
 * its place for clients; how many elements a list has is not a matter of taste. Undefined if there is none.
 */
export function counterAt(nodes: readonly Node[], path: string): ScalarNode | undefined {
  const node = scalarAt(nodes, path);
  if (node === undefined || !('scale' in node.encoding) || node.encoding.scale !== 0) return undefined;
  return { ...node, type: { kind: 'int64' }, onBad: 'fail', blank: 'fail' };
}
