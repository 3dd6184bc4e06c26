// Knows: how lines of text with columns counted in characters become records with fields at byte offsets.
// Must not know: what is in a column, files.

import type { Block } from '#codec/framing/block';
import type { ScalarNode } from '#codec/layout';
import type { ParseMap } from './parse-map.ts';
import { partOf, type Rows } from './rows.ts';

const BLANK = 0x20;

/** Records that are made at once take about this much memory: many short lines can make records that are much longer. */
const MADE_AT_ONCE = 4_194_304;

/**
 * Makes records of the map's layout from lines. A column that a short line does not have, or not wholly, is filled up with
 * its padding; characters behind the last column stay behind the record, where the codec wants blanks, unless `slack` drops
 * them. Columns count UTF-16 units, as fixed-width-parser does. A byte that is no UTF-8 counts as one unit and stays as it
 * is: the codec names it.
 */
export function recordsOfLines(
  { columns, layout, width }: ParseMap,
  { multibyte, slack }: { readonly multibyte: boolean; readonly slack: boolean },
): (lines: Block) => Iterable<Rows> {
  const pads = columns.map(({ node }) => padding(node));
  const most = Math.max(1, Math.floor(MADE_AT_ONCE / layout.length));
  return function* (lines) {
    if (!multibyte && everyLineReaches(lines, width)) yield lines;
    else for (let from = 0; from < lines.length; from += most) yield made(partOf(lines, from, from + most));
  };

  /** Where in the block's bytes each unit of a line begins; its end for units that it does not have. */
  function unitsOf(block: Block, i: number): (unit: number) => number {
    const start = block.start(i);
    const end = block.end(i);
    if (!multibyte) return (unit) => Math.min(start + unit, end);
    const units = unitOffsets(block.bytes, start, end);
    return (unit) => units[unit] ?? end;
  }

  function made(block: Block): Rows {
    const ends = new Array<number>(block.length);
    let bytes = new Uint8Array(block.length * (layout.length + 16));
    let at = 0;
    for (let i = 0; i < block.length; i++) {
      const end = block.end(i);
      const unitAt = unitsOf(block, i);
      const behind = unitAt(width);
      const rest = slack ? 0 : end - behind;
      const needed = at + layout.length + rest;
      if (needed > bytes.length) bytes = enlarged(bytes, needed);
      if (!multibyte) bytes.fill(BLANK, at, at + layout.length);
      for (const [c, { node, start: column, width: columnWidth }] of columns.entries()) {
        const { byte, left } = pads[c] ?? { byte: BLANK, left: false };
        const slot = at + node.offset;
        const from = unitAt(column);
        const length = Math.min(unitAt(column + columnWidth) - from, node.length);
        bytes.fill(byte, slot, slot + node.length);
        bytes.set(
          block.bytes.subarray(from, from + length),
          left && length > 0 ? slot + node.length - length : slot,
        );
      }
      bytes.set(block.bytes.subarray(behind, behind + rest), at + layout.length);
      ends[i] = at = needed;
    }
    return {
      ...block,
      bytes,
      start: (i) => (i === 0 ? 0 : (ends[i - 1] ?? 0)),
      end: (i) => ends[i] ?? 0,
      origin(i, at) {
        const column = columns.find(({ node }) => node.offset === at) ?? { start: 0, width: 0 };
        const unitAt = unitsOf(block, i);
        const from = unitAt(column.start);
        return {
          offset: block.offset(i) + from - block.start(i),
          bytes: block.bytes.subarray(from, unitAt(column.start + column.width)),
        };
      },
    };
  }
}

function everyLineReaches(block: Block, width: number): boolean {
  for (let i = 0; i < block.length; i++) if (block.end(i) - block.start(i) < width) return false;
  return true;
}

/** What fills a column up, and on which side. */
function padding({ encoding }: ScalarNode): { readonly byte: number; readonly left: boolean } {
  const text = encoding.kind === 'boolean-text' ? encoding.text : encoding;
  if (text.kind !== 'text') return { byte: BLANK, left: false };
  return { byte: (text.pad ?? ' ').charCodeAt(0), left: text.justify === 'right' };
}

function enlarged(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  const more = new Uint8Array(Math.max(needed, bytes.length * 2));
  more.set(bytes);
  return more;
}

/** Offset of each UTF-16 unit's first byte. The second unit of a four-byte character begins in its middle. */
function unitOffsets(bytes: Uint8Array, start: number, end: number): readonly number[] {
  const offsets: number[] = [];
  for (let at = start; at < end; ) {
    offsets.push(at);
    const length = sequenceLength(bytes, at, end);
    if (length === 4) offsets.push(at + 2);
    at += length;
  }
  return offsets;
}

/** Bytes of the character at `at`; 1 where no whole character begins. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] ?? 0;
  const length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  if (at + length > end) return 1;
  for (let i = 1; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 1;
  return length;
}
