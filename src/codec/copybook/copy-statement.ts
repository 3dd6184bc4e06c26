// Knows: the COPY statement and the operand pairs of REPLACING and REPLACE.
// Must not know: libraries, what replacing does.

import { type Place, quoted, syntax } from './copybook-faults.ts';
import { explode, type Pair } from './replacing.ts';
import type { WordReader } from './word-reader.ts';
import { keywordOf, type Word } from './words.ts';

/** A COPY statement. */
export interface Copy {
  readonly name: Word;
  readonly library: Word | undefined;
  readonly pairs: readonly Pair[];
  readonly place: Place;
}

/** Reads `COPY name [OF library] [SUPPRESS] [REPLACING pairs] .` (Enterprise COBOL Language Reference, "COPY statement"). */
export function readCopy(reader: WordReader): Copy {
  const { place } = reader.next();
  const name = readName(reader, 'The name of the text to be copied');
  const library = reader.accept('OF', 'IN') ? readName(reader, 'The name of a library') : undefined;
  if (reader.accept('SUPPRESS')) reader.accept('PRINTING');
  const pairs = reader.accept('REPLACING') ? readPairs(reader) : [];
  const end = reader.next();
  if (end.kind === 'period') return { name, library, pairs, place };
  const found = end.kind === 'word' ? ` before ${quoted(end.text)}` : '';
  throw syntax(end.place, `The COPY statement does not end with a period${found}`);
}

function readName(reader: WordReader, what: string): Word {
  const word = reader.next();
  if ((word.kind === 'word' || word.kind === 'text') && word.text.trim() !== '') return word;
  throw syntax(word.place, `${what} is expected`);
}

/** One pair or more, up to a period. */
export function readPairs(reader: WordReader): readonly Pair[] {
  const pairs: Pair[] = [];
  do {
    pairs.push(readPair(reader));
  } while (!['period', 'end'].includes(reader.peek().kind));
  return pairs;
}

function readPair(reader: WordReader): Pair {
  const first = reader.peek();
  const partial = /^(?:LEADING|TRAILING)$/.test(keywordOf(first)) && keywordOf(reader.peek(1)) !== 'BY';
  const kind = !partial ? 'words' : reader.next().text.toUpperCase() === 'LEADING' ? 'leading' : 'trailing';
  const { place } = reader.peek();
  const from = readOperand(reader);
  if (from.length === 0) throw syntax(place, 'The text to be replaced is empty');
  const by = reader.next();
  if (keywordOf(by) !== 'BY') throw syntax(by.place, 'BY and what is put in place of the text are expected');
  return pairOf(kind, from, readOperand(reader));
}

export function pairOf(kind: Pair['kind'], from: readonly Word[], to: readonly Word[]): Pair {
  const text = (words: readonly Word[]): string => words.map((word) => word.text).join('');
  if (kind !== 'words') return { kind, from: text(from), to: text(to) };
  return { kind, from: from.flatMap(explode), to: to.flatMap(explode) };
}

/** Pseudo-text, a literal, a word, or an identifier with its qualifiers and subscripts. */
function readOperand(reader: WordReader): readonly Word[] {
  const first = reader.next();
  if (first.kind === 'pseudo') return readPseudoText(reader, first.place);
  if (first.kind === 'text') return [first];
  if (first.kind !== 'word')
    throw syntax(first.place, 'A word, a literal or pseudo-text (`==…==`) is expected');
  const words = [first];
  while (/^(?:OF|IN)$/.test(keywordOf(reader.peek()))) words.push(reader.next(), reader.next());
  if (reader.peek().text.startsWith('(') && reader.peek().kind === 'word') {
    while (reader.peek().kind === 'word') {
      const word = reader.next();
      words.push(word);
      if (word.text.endsWith(')')) break;
    }
  }
  return words;
}

function readPseudoText(reader: WordReader, place: Place): readonly Word[] {
  const words: Word[] = [];
  for (;;) {
    const word = reader.next();
    if (word.kind === 'pseudo') return words;
    if (word.kind === 'end') throw syntax(place, 'This pseudo-text does not end with `==`');
    words.push(word);
  }
}
