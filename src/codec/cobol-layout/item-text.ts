// Knows: how an item is named to people: its clauses, its place, its values, and the faults of its meaning.
// Must not know: bytes.

import { Fault } from '../../fault.ts';
import type { Condition, Item, Literal, SourcePlace } from '../copybook/tree.ts';
import type { Origin } from '../layout.ts';

/** Its picture and what says how it is stored: `S9(7)V99 COMP-3`. */
export function itemText({ picture, usage, sign, signed, ...item }: Item): string {
  const words = [
    ...(picture === undefined ? [] : [picture.text]),
    ...(item.byteLength === undefined ? [] : [`BYTE-LENGTH ${item.byteLength}`]),
    ...(implied(usage, picture?.category) ? [] : [usage.toUpperCase()]),
    ...(signed === false ? ['UNSIGNED'] : []),
    ...(sign !== undefined && (picture?.signed ?? false) && (sign.leading || sign.separate)
      ? [`SIGN ${sign.leading ? 'LEADING' : 'TRAILING'}${sign.separate ? ' SEPARATE' : ''}`]
      : []),
    ...(item.justified === true ? ['JUSTIFIED'] : []),
    ...(item.blankWhenZero === true ? ['BLANK WHEN ZERO'] : []),
    ...(item.synchronized === true ? ['SYNC'] : []),
  ];
  return words.join(' ');
}

/** The usage that a picture has without a USAGE clause says nothing new. */
function implied(usage: Item['usage'], category: string | undefined): boolean {
  const own = { national: 'national', dbcs: 'display-1', 'utf-8': 'utf-8' } as const;
  const natural = Object.entries(own).find(([name]) => name === category)?.[1] ?? 'display';
  return usage === natural;
}

/** `88 VALUES 'A' THRU 'F', 'X'`. */
export function conditionText({ values }: Condition): string {
  const shown = values.map(({ from, to }) =>
    to === undefined ? literalText(from) : `${literalText(from)} THRU ${literalText(to)}`,
  );
  return `88 ${shown.length === 1 && values[0]?.to === undefined ? 'VALUE' : 'VALUES'} ${shown.join(', ')}`;
}

/** A literal as it stands in a copybook. */
export function literalText(literal: Literal): string {
  switch (literal.kind) {
    case 'number':
      return literal.text;
    case 'text':
      return quotedText(literal.text);
    case 'hex':
      return `X'${literal.hex.toUpperCase()}'`;
    case 'national':
      return `N${quotedText(literal.text)}`;
    case 'dbcs':
      return `G${quotedText(literal.text)}`;
    case 'all':
      return `ALL ${literalText(literal.of)}`;
    case 'figurative':
      return literal.word.toUpperCase();
  }
}

function quotedText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function originOf(
  item: Item,
  text = itemText(item),
  { line, file }: SourcePlace = item.place,
): Origin {
  return { text, line, ...(file === undefined ? {} : { file }) };
}

/** A fault of the copybook's meaning, with the item's place. */
export function itemFault(item: Item, message: string, hint?: string): Fault {
  return placedFault(item.place, `${item.name ?? 'FILLER'} ${message}`, hint);
}

export function placedFault({ file, line, column }: SourcePlace, message: string, hint?: string): Fault {
  const place = file === undefined ? `Line ${line}` : `${file}, line ${line}`;
  return new Fault('invalid', `${place}, column ${column}: ${message}`, {
    code: 'copybook-layout',
    misconfigured: true,
    ...(hint === undefined ? {} : { hint }),
  });
}
