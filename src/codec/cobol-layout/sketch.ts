// Knows: how legacy names become names of the API, unique among siblings, and names of types, unique in the record.
// Must not know: items, bytes.

import { camelCase, distinct } from '../../model/naming.ts';
import type { Node } from '../layout.ts';

/** Where a node gets its name: the name itself, its dotted path (with the tags of variants), and what names of types below it begin with. */
export interface Where {
  readonly name: string;
  readonly path: string;
  readonly prefix: string;
}

/** A node to be, which has to learn its name among its siblings first. */
export interface Sketch {
  /** The legacy name, or any other from which the API name is made. */
  readonly wanted: string;
  readonly alternate?: boolean;
  build(where: Where): Node;
}

/** The nodes of siblings. `path`: what stands before their names, with its dot. */
export function buildAll(sketches: readonly Sketch[], prefix: string, path: string): readonly Node[] {
  const names = distinct(sketches.map(({ wanted }) => camelCase(wanted)));
  return sketches.map(({ alternate, build }, i) => {
    const name = names[i] ?? '';
    const node = build({ name, path: path + name, prefix });
    return alternate === true ? { ...node, alternate } : node;
  });
}
