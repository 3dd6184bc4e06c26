// Knows: a layout as a flat list of lines for people: every field, group, table, condition and FILLER with its bytes.
// Must not know: how it is printed, and values.

import type { Gap, GroupNode, Layout, ListNode, Node, Origin } from '../layout.ts';

/** One item. Offsets count from the record's first byte in its widest form; inside tables they are those of the first element. */
export interface ReportLine {
  /** Dotted API path, through lists and, by tag, through variants: `orders.lineCount`. Of what no field shows the path of its group. */
  readonly path: string;
  /** As the copybook has it; `FILLER` for unnamed items, empty for slack bytes and variants. */
  readonly legacyName: string;
  /** 0 for the record's own items. */
  readonly depth: number;
  readonly offset: number;
  /** Bytes of one element. */
  readonly length: number;
  /** Picture and usage, or the values of a condition, or the tag of a variant; empty for groups. */
  readonly text: string;
  /** `filler`: bytes without a field. `slack`: bytes that the compiler put in, or that nothing describes. `alternate`s too have lines. */
  readonly kind: 'scalar' | 'condition' | 'group' | 'union' | 'variant' | 'filler' | 'slack';
  /** Of a table. */
  readonly occurs?: { readonly min: number; readonly max: number; readonly dependingOn?: string };
  /** Another reading of bytes that earlier lines show. */
  readonly alternate?: boolean;
  readonly line?: number;
  readonly file?: string;
}

/** All lines of the layout in the order of the bytes; redefinitions behind what they redefine. */
export function layoutReport(layout: Layout): readonly ReportLine[] {
  return linesOf(layout, { base: 0, depth: 0, prefix: '' });
}

interface Level {
  /** Of the frame's first byte in the record. */
  readonly base: number;
  readonly depth: number;
  readonly prefix: string;
}

interface Span {
  readonly offset?: number;
  readonly length: number;
  readonly nodes: readonly Node[];
  readonly gaps?: readonly Gap[];
}

/** The fields of a group and the bytes between them. */
function linesOf({ offset: begin = 0, length, nodes, gaps = [] }: Span, level: Level): readonly ReportLine[] {
  const parts: { readonly offset: number; readonly lines: readonly ReportLine[] }[] = [];
  const covered: { readonly from: number; readonly to: number }[] = [];
  for (const node of nodes) {
    parts.push({ offset: node.offset, lines: nodeLines(node, level) });
    if (node.alternate !== true) covered.push({ from: node.offset, to: node.offset + node.length });
  }
  for (const gap of gaps) {
    parts.push({ offset: gap.offset, lines: [gapLine(gap, level)] });
    covered.push({ from: gap.offset, to: gap.offset + gap.length });
  }
  // A record that redefinitions make longer has bytes that only these show.
  const shared = nodes.filter(({ alternate }) => alternate === true);
  const shown = [...covered, ...shared.map((node) => ({ from: node.offset, to: node.offset + node.length }))];
  let end = begin;
  for (const { from, to } of shown.toSorted((a, b) => a.from - b.from)) {
    if (from > end) parts.push({ offset: end, lines: [slackLine(end, from, level)] });
    end = Math.max(end, to);
  }
  if (end < begin + length) parts.push({ offset: end, lines: [slackLine(end, begin + length, level)] });
  return parts.toSorted((a, b) => a.offset - b.offset).flatMap(({ lines }) => lines);
}

function slackLine(from: number, to: number, { base, depth, prefix }: Level): ReportLine {
  const path = prefix.slice(0, -1);
  return { path, legacyName: '', depth, offset: base + from, length: to - from, text: '', kind: 'slack' };
}

function gapLine({ legacyName, offset, length, origin }: Gap, { base, depth, prefix }: Level): ReportLine {
  return {
    path: prefix.slice(0, -1),
    legacyName: legacyName ?? 'FILLER',
    depth,
    offset: base + offset,
    length,
    text: origin?.text ?? '',
    kind: 'filler',
    ...placeOf(origin),
  };
}

function placeOf(origin: Origin | undefined): Pick<ReportLine, 'line' | 'file'> {
  return {
    ...(origin?.line === undefined ? {} : { line: origin.line }),
    ...(origin?.file === undefined ? {} : { file: origin.file }),
  };
}

function nodeLines(node: Node, level: Level, list?: ListNode): readonly ReportLine[] {
  const { base, depth, prefix } = level;
  const path = prefix + node.name;
  const head = {
    path,
    legacyName: node.legacyName ?? node.name,
    depth,
    offset: base + node.offset,
    length: node.length,
    ...(list === undefined ? {} : { occurs: occursOf(list) }),
    ...((list ?? node).alternate === true ? { alternate: true } : {}),
  };
  switch (node.kind) {
    case 'list':
      // Offsets inside count from the element, the first of which stands where the list does.
      return nodeLines(node.of, { ...level, base: base + node.offset }, node);
    case 'scalar': {
      const kind = node.encoding.kind === 'condition' ? 'condition' : 'scalar';
      return [{ ...head, text: node.origin?.text ?? '', kind, ...placeOf(node.origin) }];
    }
    case 'group':
      return [{ ...head, text: '', kind: 'group' }, ...groupLines(node, level, path)];
    case 'union':
      return [
        { ...head, text: '', kind: 'union' },
        ...node.variants.flatMap((variant): readonly ReportLine[] => {
          const inside = { base, depth: depth + 1, prefix };
          const variantPath = `${path}.${variant.tag}`;
          const { offset, length, legacyName = '' } = variant.node;
          return [
            {
              path: variantPath,
              legacyName,
              depth: depth + 1,
              offset: base + offset,
              length,
              text: variant.tag,
              kind: 'variant',
            },
            ...groupLines(variant.node, inside, variantPath),
          ];
        }),
      ];
  }
}

function groupLines(node: GroupNode, { base, depth }: Level, path: string): readonly ReportLine[] {
  return linesOf(node, { base, depth: depth + 1, prefix: `${path}.` });
}

function occursOf({ min, max, dependingOn }: ListNode): NonNullable<ReportLine['occurs']> {
  return { min, max, ...(dependingOn === undefined ? {} : { dependingOn }) };
}
