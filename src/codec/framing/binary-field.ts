// Knows: which fields of a layout are no text.
// Must not know: record formats.

import type { Node, ScalarNode } from '../layout.ts';

/** The first field whose bytes may be any: a packed or binary number, a float, bytes. */
export function binaryField(nodes: readonly Node[]): ScalarNode | undefined {
  for (const node of nodes) {
    if (node.kind === 'scalar') {
      const encoding = 'subject' in node.encoding ? node.encoding.subject : node.encoding;
      if (['packed', 'binary', 'float', 'bytes'].includes(encoding.kind)) return node;
    } else {
      const inside = binaryField(childrenOf(node));
      if (inside !== undefined) return inside;
    }
  }
  return undefined;
}

function childrenOf(node: Exclude<Node, { kind: 'scalar' }>): readonly Node[] {
  if (node.kind === 'list') return [node.of];
  return node.kind === 'group' ? node.nodes : node.variants.map((variant) => variant.node);
}
