// Sizes and offsets of random records: GnuCOBOL's own, asked at run time, against the layout's.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Layout, layoutOf, type Node, parseCopybook } from '../../../src/codec/index.ts';
import { random } from '../../random.ts';
import { skipUnless } from '../../skip.ts';
import { hasCobc, runCobol } from './cobc.ts';
import {
  COBC,
  copybookText,
  counterMaxima,
  isMiscounted,
  namedItems,
  type RandomItem,
  RULES,
  type Rules,
  randomRecord,
} from './random-copybook.ts';

/** Records of one program, and programs of each dialect. */
const RECORDS = 40;
const PROGRAMS = 3;

describe('sizes and offsets are those of GnuCOBOL', {
  skip: skipUnless(hasCobc, 'there is no cobc here'),
}, () => {
  for (const rules of Object.values(RULES)) {
    for (let p = 0; p < PROGRAMS; p++) {
      it(`under the rules of ${rules.dialect}, ${RECORDS} random records (${p + 1})`, async () => {
        const seeded = random(7_000 + p * 31 + rules.dialect.length);
        const records: RandomItem[] = [];
        while (records.length < RECORDS) {
          const record = randomRecord(seeded, rules, `R${records.length}`);
          if (!isMiscounted(record)) records.push(record);
        }
        const lines = await runCobol(program(records), COBC[rules.dialect]);
        const theirs = new Map(lines.map((line) => [line.split(' ')[0] ?? '', line]));
        for (const record of records) compare(record, rules, theirs);
      });
    }
  }
});

function compare(record: RandomItem, rules: Rules, theirs: ReadonlyMap<string, string>): void {
  const text = copybookText(record);
  const [parsed] = parseCopybook(text, { format: 'free' }).records;
  assert.ok(parsed !== undefined);
  const layout = layoutOf(parsed, { charset: 'ascii', dialect: rules.dialect, pointerBytes: 8 });
  const ours = placesOf(layout);
  for (const { item, tables } of namedItems(record)) {
    const place = item.level === 1 ? { offset: 0, length: layout.length, strides: [] } : ours.get(item.name);
    // A group of nothing but FILLER shows nothing.
    if (place === undefined && isFiller(item)) continue;
    assert.ok(place !== undefined, `${item.name} is not in the layout of\n${text}`);
    const offset = place.strides.reduce(
      (sum, stride, i) => sum + stride * (subscript(tables[i]) - 1),
      place.offset,
    );
    assert.equal(`${item.name} ${offset} ${place.length}`, theirs.get(item.name), text);
  }
}

function isFiller({ filler, children }: RandomItem): boolean {
  return filler === true || (children.length > 0 && children.every(isFiller));
}

/** Not the first element where there are more: so strides are compared too. */
function subscript(elements = 1): number {
  return Math.min(2, elements);
}

interface Place {
  readonly offset: number;
  readonly length: number;
  /** Of the tables around the item, outermost first. */
  readonly strides: readonly number[];
}

/** Where every item stands, by its name; of a table its first element. */
function placesOf({ nodes }: Layout): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const walk = (node: Node, base: number, strides: readonly number[]): void => {
    if (node.kind === 'list') {
      walk(node.of, base + node.offset, [...strides, node.stride]);
      return;
    }
    // Offsets in a group count like the group's own.
    if (node.legacyName !== undefined && !places.has(node.legacyName)) {
      places.set(node.legacyName, { offset: base + node.offset, length: node.length, strides });
    }
    if (node.kind === 'group') for (const inner of node.nodes) walk(inner, base, strides);
  };
  for (const node of nodes) walk(node, 0, []);
  return places;
}

/** A program that displays name, offset and length of every item, with every table at its maximum. */
function program(records: readonly RandomItem[]): string {
  const statements = records.flatMap((record) => [
    `SET W-PTR TO ADDRESS OF ${record.name}`,
    'MOVE W-ADDRESS TO W-BASE',
    ...[...counterMaxima(record)].map(([counter, most]) => `MOVE ${most} TO ${counter}`),
    ...[...namedItems(record)].flatMap(({ item, tables }) => {
      const subscripts = tables.length === 0 ? '' : `(${tables.map(subscript).join(', ')})`;
      return [
        `SET W-PTR TO ADDRESS OF ${item.name}${subscripts}`,
        'COMPUTE W-OFFSET = W-ADDRESS - W-BASE',
        `MOVE LENGTH OF ${item.name}${subscripts} TO W-LENGTH`,
        `MOVE "${item.name}" TO W-NAME`,
        'PERFORM SHOW',
      ];
    }),
  ]);
  return [
    'IDENTIFICATION DIVISION.',
    'PROGRAM-ID. P.',
    'DATA DIVISION.',
    'WORKING-STORAGE SECTION.',
    '01 W-PTR USAGE POINTER.',
    '01 W-ADDRESS REDEFINES W-PTR USAGE BINARY-DOUBLE UNSIGNED.',
    '01 W-BASE USAGE BINARY-DOUBLE UNSIGNED.',
    '01 W-NAME PIC X(30).',
    '01 W-OFFSET PIC Z(8)9.',
    '01 W-LENGTH PIC Z(8)9.',
    ...records.map(copybookText),
    'PROCEDURE DIVISION.',
    'MAIN SECTION.',
    ...statements,
    'GOBACK.',
    'SHOW SECTION.',
    'DISPLAY FUNCTION TRIM(W-NAME) " " FUNCTION TRIM(W-OFFSET) " " FUNCTION TRIM(W-LENGTH).',
    '',
  ].join('\n');
}
