// Short texts for the trees that tests compare, so that a test shows only what it is about.

import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import type { Copybook, Item } from '../../../src/codec/copybook/tree.ts';

/** Data description entries in fixed format: each line begins in column 8. */
export function fixed(...lines: readonly string[]): string {
  return lines.map((line) => `       ${line}`).join('\n');
}

/** The tree in indented lines of level, name and what the clauses say. */
export function shownTree(text: string): readonly string[] {
  return shown(parseCopybook(text));
}

export function shown({ records }: Copybook): readonly string[] {
  const show = (item: Item, depth: number): readonly string[] => [
    `${'  '.repeat(depth)}${item.level} ${item.name ?? '-'}${shownClauses(item)}`,
    ...item.children.flatMap((child) => show(child, depth + 1)),
  ];
  return records.flatMap((record) => show(record, 0));
}

function shownClauses({ picture, usage, occurs, redefines }: Item): string {
  return [
    picture === undefined ? '' : ` ${picture.text}`,
    usage === 'display' ? '' : ` ${usage}`,
    occurs === undefined ? '' : ` ${occurs.min}..${occurs.max}`,
    occurs?.dependingOn === undefined ? '' : ` by ${occurs.dependingOn.name}`,
    redefines === undefined ? '' : ` over ${redefines}`,
  ].join('');
}

/** The one item below the record that `entry` makes, for example `05 A PIC X.`. */
export function itemOf(entry: string): Item {
  const item = parseCopybook(fixed('01 R.', entry)).records[0]?.children[0];
  if (item === undefined) throw new Error('the record has no item');
  return item;
}
