// Knows: literals and figurative constants of VALUE clauses.
// Must not know: the item that holds them.

import { quoted } from './copybook-faults.ts';
import type { Condition, Literal } from './tree.ts';
import { keywordOf, type WordReader } from './word-reader.ts';

type Figurative = Extract<Literal, { kind: 'figurative' }>['word'];

const FIGURATIVES: Readonly<Record<string, Figurative>> = {
  ZERO: 'zero',
  ZEROS: 'zero',
  ZEROES: 'zero',
  SPACE: 'space',
  SPACES: 'space',
  'LOW-VALUE': 'low-value',
  'LOW-VALUES': 'low-value',
  'HIGH-VALUE': 'high-value',
  'HIGH-VALUES': 'high-value',
  QUOTE: 'quote',
  QUOTES: 'quote',
};

const NUMBER = /^[+-]?(?:\d+(?:\.\d+)?|\.\d+)$/;

export function readLiteral(reader: WordReader): Literal {
  const { faults } = reader;
  const word = reader.next();
  if (word.kind === 'text') {
    if (word.prefix === undefined) return { kind: 'text', text: word.text };
    throw faults.unsupported(word.place, `A literal with the prefix ${quoted(word.prefix)}`);
  }
  const keyword = keywordOf(word);
  const figurative = Object.hasOwn(FIGURATIVES, keyword) ? FIGURATIVES[keyword] : undefined;
  if (figurative !== undefined) return { kind: 'figurative', word: figurative };
  if (keyword === 'ALL' || keyword === 'NULL' || keyword === 'NULLS') {
    throw faults.unsupported(word.place, `VALUE ${keyword}`);
  }
  if (NUMBER.test(keyword)) return { kind: 'number', text: word.text };
  throw faults.syntax(
    word.place,
    'A literal is expected: text in quotes, a number, or a word such as ZERO or SPACES',
  );
}

/** The values of a level 88, up to its period or the end of the text. */
export function readConditionValues(reader: WordReader): Condition['values'] {
  const { faults } = reader;
  const values: Condition['values'][number][] = [];
  while (reader.peek().kind !== 'period' && reader.peek().kind !== 'end') {
    const word = reader.peek();
    if (values.length > 0 && ['WHEN', 'FALSE'].includes(keywordOf(word))) {
      throw faults.unsupported(word.place, 'A FALSE value');
    }
    const from = readLiteral(reader);
    values.push(reader.accept('THRU', 'THROUGH') ? { from, to: readLiteral(reader) } : { from });
  }
  if (values.length === 0) throw faults.syntax(reader.peek().place, 'A condition needs at least one value');
  return values;
}
