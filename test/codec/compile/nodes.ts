// Layouts by hand, in ASCII, for tests of the compiler that need no copybook.

import { compile, type Layout, layoutFrom, type Node, type Variant } from '../../../src/codec/index.ts';
import type { Conjunct } from '../../../src/query/filter.ts';

export function text(name: string, offset: number, length: number): Node {
  return {
    kind: 'scalar',
    name,
    type: { kind: 'string', length },
    offset,
    length,
    encoding: { kind: 'text', charset: 'latin1', trim: 'right' },
  };
}

export function digits(name: string, offset: number, length: number): Node {
  const sign = 'trailing';
  return {
    kind: 'scalar',
    name,
    type: { kind: 'int32' },
    offset,
    length,
    encoding: { kind: 'zoned', digits: length, scale: 0, signed: false, sign, family: 'ascii' },
  };
}

export function table(
  name: string,
  offset: number,
  [min, max]: readonly [number, number],
  dependingOn: string,
  of: readonly Node[] | Node,
): Node {
  const nodes = 'kind' in of ? [of] : of;
  const stride = Math.max(...nodes.map((node) => node.offset + node.length));
  return {
    kind: 'list',
    name,
    offset,
    length: stride * max,
    stride,
    min,
    max,
    dependingOn,
    slides: true,
    of:
      'kind' in of ? of : { kind: 'group', name, typeName: 'Element', offset: 0, length: stride, nodes: of },
  };
}

export function fixedTable(name: string, offset: number, max: number, of: readonly Node[] | Node): Node {
  const node = table(name, offset, [max, max], '', of);
  if (node.kind !== 'list') return node;
  const { dependingOn: _, slides: __, ...list } = node;
  return list;
}

export function union(name: string, offset: number, variants: readonly Variant[]): Node {
  const length = Math.max(...variants.map(({ node }) => node.length));
  return { kind: 'union', name, typeName: 'Union', offset, length, variants };
}

export function variant(
  tag: string,
  offset: number,
  length: number,
  nodes: readonly Node[],
  when: readonly Conjunct[],
): Variant {
  const node = { kind: 'group', name: tag.toLowerCase(), typeName: tag, offset, length, nodes } as const;
  return { tag, node, when };
}

export function is(field: string, value: string): readonly Conjunct[] {
  return [{ op: 'eq', field, type: { kind: 'string' }, value }];
}

export function codecFor(length: number, nodes: readonly Node[], more: Partial<Layout> = {}) {
  return compile(layoutFrom({ name: 'R', charset: 'latin1', length, minLength: 0, nodes, ...more }));
}

export function bytesOf(record: string): Uint8Array {
  return Uint8Array.from(record, (one) => one.charCodeAt(0));
}

export function textOf(record: Uint8Array): string {
  return String.fromCharCode(...record);
}
