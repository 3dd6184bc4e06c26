// Knows: how many fields of a layout hold values in some records.
// Must not know: how records were found.

import { compile } from '../../compile/compile.ts';
import type { Layout, Node, PackedEncoding, ScalarNode } from '../../layout.ts';

/** Values and faults among the fields that can be bad: all but texts that are fine. */
export interface FieldShare {
  readonly good: number;
  readonly bad: number;
  /** 1 where there is nothing to count. */
  readonly share: number;
}

export function fieldShare(records: readonly Uint8Array[], layout: Layout): FieldShare {
  const names = layout.fields.filter(({ alternate }) => alternate !== true).map(({ name }) => name);
  const decode = compile(layout).decoder(names);
  let good = 0;
  let bad = 0;
  const count = (cell: unknown): void => {
    if (cell instanceof Error) bad++;
    else if (Array.isArray(cell)) for (const one of cell) count(one);
    else if (typeof cell === 'object' && cell !== null && !(cell instanceof Uint8Array)) {
      for (const one of Object.values(cell)) count(one);
    } else if (typeof cell !== 'string' || /^-?\d/.test(cell)) good++;
  };
  for (const record of records) {
    count(decode(record, 0, record.length, (at) => ({ byteOffset: at })));
  }
  return { good, bad, share: good + bad === 0 ? 1 : good / (good + bad) };
}

/** Packed fields that stand at one place in every record. */
export function packedFields({
  nodes,
}: Layout): readonly (ScalarNode & { readonly encoding: PackedEncoding })[] {
  const found: (ScalarNode & { readonly encoding: PackedEncoding })[] = [];
  let slid = false;
  const visit = (node: Node): void => {
    if (slid || node.kind === 'union') return;
    if (node.kind === 'group') for (const child of node.nodes) visit(child);
    else if (node.kind === 'list') slid ||= node.slides === true;
    else if (node.encoding.kind === 'packed' && node.alternate !== true) {
      found.push({ ...node, encoding: node.encoding });
    }
  };
  for (const node of nodes) visit(node);
  return found;
}
