// Knows: one record field by field: where each stands in its own bytes, what it holds or what is wrong with it.
// Must not know: files, and how it is shown.

import type { Codec, Locate } from '../../codec/compile/compile.ts';
import type { Gap, GroupNode, ListNode, Node, Origin, UnionNode } from '../../codec/layout.ts';
import { Fault } from '../../fault.ts';
import type { Type } from '../../model/type.ts';
import {
  type Cell,
  isList,
  isRecord,
  type Json,
  memberOf,
  type Row,
  TAG,
  toJson,
} from '../../model/value.ts';

export interface InspectedField {
  /** API path with the numbers of elements: `lines[2].amount`; empty for bytes that no field shows. */
  readonly path: string;
  readonly legacyName: string;
  readonly depth: number;
  /** In the record as it stands in the file, the first byte is 0. */
  readonly offset: number;
  readonly length: number;
  readonly hex: string;
  /** Picture and usage. */
  readonly picture: string;
  readonly line?: number;
  readonly file?: string;
  /** Another reading of bytes that another line shows. */
  readonly alternate?: boolean;
  readonly value?: Json;
  readonly problem?: { readonly code: string; readonly message: string };
}

/** Elements of a table that do not count and take no bytes: where they would begin in the widest form, and how many bytes they would take. */
interface Missing {
  readonly at: number;
  readonly length: number;
}

interface Walk {
  readonly record: Uint8Array;
  /** Of tables that slide, in the order of the bytes. */
  readonly missing: Missing[];
  readonly fields: InspectedField[];
}

interface Frame {
  /** Offset of the frame's first byte in the widest form. */
  readonly base: number;
  readonly depth: number;
  readonly prefix: string;
  readonly alternate: boolean;
}

/** Every field of the record in `bytes[start, end)`, tables element by element. */
export function recordFields(
  codec: Codec,
  bytes: Uint8Array,
  start: number,
  end: number,
  locate: Locate,
): readonly InspectedField[] {
  const { nodes, gaps = [] } = codec.layout;
  const row = codec.decoder(leafPaths(nodes, ''))(bytes, start, end, locate);
  const walk: Walk = { record: bytes.subarray(start, end), missing: [], fields: [] };
  findMissing(nodes, row, 0, walk.missing);
  showNodes(nodes, gaps, row, { base: 0, depth: 0, prefix: '', alternate: false }, walk);
  return walk.fields;
}

/** Paths of everything, alternates too: a group's own path would leave them out. */
function leafPaths(nodes: readonly Node[], prefix: string): readonly string[] {
  return nodes.flatMap((node) => {
    const path = prefix + node.name;
    const inner = node.kind === 'list' ? node.of : node;
    return inner.kind === 'group' && inner.nodes.length > 0 ? leafPaths(inner.nodes, `${path}.`) : [path];
  });
}

function findMissing(nodes: readonly Node[], row: Cell, base: number, missing: Missing[]): void {
  if (!isRecord(row)) return;
  for (const node of nodes) {
    if (node.alternate === true) continue;
    const cell = memberOf(row, node.name) ?? null;
    if (node.kind === 'group') findMissing(node.nodes, cell, base, missing);
    else if (node.kind === 'union') findMissing(variantOf(node, cell)?.nodes ?? [], cell, base, missing);
    else if (node.kind === 'list') missingIn(node, cell, base + node.offset, missing);
  }
}

function missingIn(node: ListNode, cell: Cell, at: number, missing: Missing[]): void {
  if (!isList(cell)) return;
  for (const [i, element] of cell.entries()) {
    findMissing([node.of], { [node.of.name]: element }, at + i * node.stride, missing);
  }
  if (node.slides === true && cell.length < node.max) {
    missing.push({ at: at + cell.length * node.stride, length: (node.max - cell.length) * node.stride });
  }
}

function variantOf({ variants }: UnionNode, cell: Cell): GroupNode | undefined {
  const tag = isRecord(cell) ? cell[TAG] : undefined;
  return variants.find((variant) => variant.tag === tag)?.node;
}

function showNodes(nodes: readonly Node[], gaps: readonly Gap[], row: Row, frame: Frame, walk: Walk): void {
  const parts = [
    ...nodes.map((node) => ({
      offset: node.offset,
      show: () => showNode(node, memberOf(row, node.name) ?? null, frame, walk),
    })),
    ...gaps.map((gap) => ({ offset: gap.offset, show: () => showGap(gap, frame, walk) })),
  ];
  for (const { show } of parts.toSorted((a, b) => a.offset - b.offset)) show();
}

function showNode(node: Node, cell: Cell, outer: Frame, walk: Walk): void {
  const alternate = outer.alternate || node.alternate === true;
  const path = outer.prefix + node.name;
  const frame: Frame = { ...outer, alternate };
  const inside: Frame = { ...frame, depth: frame.depth + 1, prefix: `${path}.` };
  if (node.kind === 'scalar') push(node, path, cell, node.type, frame, walk, node.origin);
  // A fault in place of a group or a table is about all of it.
  else if (cell instanceof Fault) push(node, path, cell, undefined, frame, walk);
  else if (node.kind === 'list') {
    for (const [i, element] of isList(cell) ? cell.entries() : []) {
      const base = frame.base + node.offset + i * node.stride;
      showNode({ ...node.of, name: `${node.name}[${i}]` }, element, { ...frame, base }, walk);
    }
  } else if (isRecord(cell)) {
    const group = node.kind === 'group' ? node : variantOf(node, cell);
    const tag = node.kind === 'group' ? '' : ` (${String(cell[TAG])})`;
    push(node, path + tag, null, undefined, frame, walk);
    showNodes(group?.nodes ?? [], group?.gaps ?? [], cell, inside, walk);
  }
}

function showGap({ legacyName = 'FILLER', offset, length, origin }: Gap, frame: Frame, walk: Walk): void {
  push({ name: '', legacyName, offset, length }, '', null, undefined, frame, walk, origin);
}

function push(
  node: Pick<Node, 'name' | 'legacyName' | 'offset' | 'length'>,
  path: string,
  cell: Cell,
  type: Type | undefined,
  { base, depth, alternate }: Frame,
  { record, missing, fields }: Walk,
  origin?: Origin,
): void {
  const widest = base + node.offset;
  const offset = narrowed(widest, missing);
  const end = Math.min(narrowed(widest + node.length, missing), record.length);
  fields.push({
    path,
    legacyName: node.legacyName ?? node.name,
    depth,
    offset,
    length: Math.max(0, end - offset),
    hex: record.subarray(offset, Math.max(offset, end)).toHex().toUpperCase(),
    picture: origin?.text ?? '',
    ...(origin?.line === undefined ? {} : { line: origin.line }),
    ...(origin?.file === undefined ? {} : { file: origin.file }),
    ...(alternate ? { alternate } : {}),
    ...(cell instanceof Fault ? { problem: { code: cell.code, message: cell.message } } : {}),
    ...(type === undefined || cell instanceof Fault ? {} : { value: toJson(type, cell) }),
  });
}

/** Offset in the record itself of an offset in its widest form. */
function narrowed(widest: number, missing: readonly Missing[]): number {
  return missing.reduce(
    (offset, { at, length }) => offset - Math.max(0, Math.min(length, widest - at)),
    widest,
  );
}
