// Records for the codec's tests: a copybook with every encoding, random rows of any layout, and records made of them.

import assert from 'node:assert/strict';
import {
  compile,
  type Layout,
  type LayoutOptions,
  type Locate,
  layoutOf,
  type Node,
  parseCopybook,
  type ScalarNode,
} from '../../src/codec/index.ts';
import { Fault } from '../../src/fault.ts';
import { fromScaled } from '../../src/model/decimal.ts';
import type { ObjectType } from '../../src/model/type.ts';
import { type Cell, type Row, TAG } from '../../src/model/value.ts';
import type { Random } from '../random.ts';

export const nowhere: Locate = (at) => ({
  source: 'host',
  collection: 'records',
  record: 7,
  byteOffset: 1_000 + at,
});

export function layoutFor(copybook: string, options: Partial<LayoutOptions> = {}): Layout {
  const [record] = parseCopybook(copybook).records;
  if (record === undefined) throw new Error('no record');
  return layoutOf(record, { charset: 'cp037', ...options });
}

/** Lines of a copybook in fixed format. */
export const copybook = (...lines: readonly string[]): string =>
  lines.map((line) => `       ${line}\n`).join('');

/** For `assert.throws`: a fault of the configuration whose message says so. */
export const refused =
  (pattern: RegExp) =>
  (fault: unknown): boolean => {
    assert.ok(fault instanceof Fault, String(fault));
    assert.match(fault.message, pattern);
    return fault.misconfigured;
  };

/** One elementary item alone in a record. */
export function codecOf(picture: string, options: Partial<LayoutOptions> = {}) {
  return compile(layoutFor(`       01 R.\n          05 F ${picture}.\n`, options));
}

/** The layout of `EVERYTHING` below, whose table takes all its bytes unless told otherwise. */
export function everything(options: Partial<LayoutOptions> = {}): Layout {
  return layoutFor(EVERYTHING, { odo: 'maximum', ...options });
}

/** Every encoding, group, list and condition that a copybook can give. */
export const EVERYTHING = `
       01 EVERYTHING.
          05 COUNTER          PIC 9(2).
          05 NAME             PIC X(20).
          05 INITIALS         PIC A(3).
          05 FILLER           PIC X(2).
          05 SMALL            PIC 9(4).
          05 SIGNED-SMALL     PIC S9(5).
          05 BIG              PIC 9(12).
          05 AMOUNT           PIC S9(7)V99.
          05 FRACTION         PIC SV9(4).
          05 HUGE             PIC S9(16)V99.
          05 PACKED.
             10 P-ODD         PIC S9(5) COMP-3.
             10 P-EVEN        PIC S9(4) COMP-3.
             10 P-UNSIGNED    PIC 9(7) COMP-3.
             10 P-DECIMAL     PIC S9(9)V99 COMP-3.
             10 P-FRACTION    PIC V9(4) COMP-3.
             10 P-LONG        PIC 9(12) COMP-3.
             10 P-HUGE        PIC S9(13)V9(5) COMP-3.
          05 BINARIES.
             10 B-HALF        PIC S9(4) COMP.
             10 B-WORD        PIC 9(9) COMP.
             10 B-DECIMAL     PIC S9(5)V99 COMP.
             10 B-DOUBLE      PIC S9(18) COMP.
             10 B-MONEY       PIC S9(13)V99 COMP.
          05 EDITED           PIC 9(5).9(2).
          05 STATUS-CODE      PIC X(1).
             88 STATUS-OPEN   VALUE 'O'.
             88 STATUS-CLOSED VALUE 'C' 'X'.
          05 AGE              PIC 9(3).
             88 IS-CHILD      VALUE 0 THRU 17.
          05 DATE-TEXT        PIC X(8).
          05 DATE-PARTS REDEFINES DATE-TEXT.
             10 THE-YEAR      PIC 9(4).
             10 THE-MONTH     PIC 9(2).
             10 THE-DAY       PIC 9(2).
          05 FILLER OCCURS 2.
             10 PHONE         PIC X(6).
             10 PHONE-KIND    PIC 9(1).
          05 LINES OCCURS 1 TO 4 DEPENDING ON COUNTER.
             10 LINE-NO       PIC 9(3) COMP-3.
             10 LINE-TEXT     PIC X(5).
             10 LINE-SUMS     PIC S9(3)V9 OCCURS 2.
`;

/** All paths of the layout's fields, alternates too when asked for. */
export function topFields(layout: Layout, alternates = false): readonly string[] {
  return layout.fields.filter((field) => alternates || field.alternate !== true).map(({ name }) => name);
}

/** The type of a row of these top fields, in their order. */
export function rowType(layout: Layout, names: readonly string[]): ObjectType {
  const fields = names.map((name) => {
    const field = layout.fields.find((one) => one.name === name);
    if (field === undefined) throw new Error(`no field ${name}`);
    return field;
  });
  return { kind: 'object', name: 'Row', fields };
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,-\'"\\äöüß€é\t\n\u0001';

/** A row that `encode` takes, without alternates and conditions. */
export function randomRow(layout: Layout, { int, chance, pick }: Random, counter = 2): Row {
  const cellOf = (node: Node): Cell => {
    switch (node.kind) {
      case 'group':
        return groupOf(node.nodes);
      case 'list':
        return Array.from({ length: node.dependingOn === undefined ? node.max : counter }, () =>
          cellOf(node.of),
        );
      case 'union': {
        const { tag, node: variant, when } = pick(node.variants);
        // Of the rules only those about the variant's own fields can be met here.
        const marks = when.flatMap((one) => (one.op === 'eq' ? [[one.field, one.value] as const] : []));
        const own = marks.filter(([field]) => variant.nodes.some(({ name }) => name === field));
        return { [TAG]: tag, ...groupOf(variant.nodes), ...Object.fromEntries(own) };
      }
      case 'scalar':
        return scalarOf(node);
    }
  };
  const groupOf = (nodes: readonly Node[]): Row =>
    Object.fromEntries(
      nodes
        .filter((node) => node.alternate !== true && !isCondition(node))
        .map((node) => [node.name, node.name === 'counter' ? counter : cellOf(node)]),
    );
  const scalarOf = (node: ScalarNode): Cell => {
    const { encoding, type } = node;
    if (type.kind === 'enum') return pick(type.values);
    if (encoding.kind === 'text') {
      const text = Array.from({ length: int(node.length + 1) }, () => LETTERS[int(LETTERS.length)]).join('');
      return text.replace(/[€]/g, 'E').trimEnd();
    }
    if (!('digits' in encoding)) throw new Error(`no value of ${encoding.kind}`);
    const digits = chance(0.2) ? 0 : int(encoding.digits + 1);
    const magnitude = BigInt(Array.from({ length: digits }, () => int(10)).join('') || '0');
    const value = encoding.signed && chance(0.4) ? -magnitude : magnitude;
    if (type.kind === 'int32') return Number(value);
    return type.kind === 'int64' ? value : fromScaled(value, encoding.scale);
  };
  return groupOf(layout.nodes);
}

function isCondition(node: Node): boolean {
  return node.kind === 'list'
    ? isCondition(node.of)
    : node.kind === 'scalar' && node.encoding.kind === 'condition';
}

/** The record with some of its bytes changed. */
export function mutate(record: Uint8Array, { int, pick }: Random, changes: number): Uint8Array {
  const mutated = record.slice();
  for (let i = 0; i < changes; i++) {
    mutated[int(record.length)] = pick([int(256), 0x40, 0x00, 0xff, 0xf5, 0xd3, 0x2c, 0x1a]);
  }
  return mutated;
}
