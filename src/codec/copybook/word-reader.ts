// Knows: how to walk over words: what comes next, optional words, names, whole numbers, constants.
// Must not know: which clauses there are.

import { type Place, quoted, syntax } from './copybook-faults.ts';
import type { Literal } from './tree.ts';
import { keywordOf, type Word } from './words.ts';

/** A name as a clause uses it; see NameReference. */
export interface Reference {
  readonly name: string;
  readonly of: readonly string[];
  readonly place: Place;
}

export interface WordReader {
  /** What level 78 and CONSTANT gave a name, by upper-case name. */
  readonly constants: Map<string, Literal>;
  /** The word that comes next or after it; at the end of the text, again and again, the word of kind `end`. */
  peek(ahead?: number): Word;
  /** Takes the next word; throws if it is flawed. */
  next(): Word;
  /** Takes the next word, flawed or not: it is not read. */
  skip(): Word;
  /** Takes the next word if it is one of these (in upper case). */
  accept(...keywords: readonly string[]): boolean;
  /** A data name; `what` says in messages what it is for. */
  name(what: string): string;
  /** A data name with its qualifiers. */
  reference(what: string): Reference;
  /** An unsigned whole number, or a constant that is one. */
  integer(what: string): number;
}

/**
 * Letters, digits, hyphens and underscores (Enterprise COBOL Language Reference, "User-defined words"), letters of
 * national alphabets, and `#`, `@`, `$`, which older compilers allow. One character must be no digit. Not limited in
 * length.
 */
const NAME = /^(?!\d+$)[\p{L}\p{N}_#@$-]+$/u;

/** The last of the words is of kind `end`. */
export function readerOf(
  words: readonly Word[],
  given: ReadonlyMap<string, Literal> = new Map(),
): WordReader {
  const end = words.at(-1);
  if (end === undefined) throw new Error('the last word is of kind `end`');
  const constants = new Map(given);
  let at = 0;
  const peek = (ahead = 0): Word => words[at + ahead] ?? end;
  const skip = (): Word => {
    const word = peek();
    at++;
    return word;
  };
  const next = (): Word => {
    const word = skip();
    if (word.kind === 'flaw') throw syntax(word.place, word.text);
    if (word.kind === 'directive')
      throw syntax(word.place, `${word.text} cannot stand inside of this statement`);
    return word;
  };
  const name = (what: string): string => {
    const word = next();
    if (word.kind === 'word' && NAME.test(word.text)) return word.text;
    if (word.kind === 'word' && /[:()]/.test(word.text)) {
      const message = `${quoted(word.text)} is no name yet: COPY … REPLACING, or the option \`replacing\`, says what stands for its parts`;
      throw syntax(word.place, message);
    }
    const found = word.kind === 'word' ? `; ${quoted(word.text)} is none` : '';
    throw syntax(word.place, `${what} is expected: letters, digits, \`-\` and \`_\`${found}`);
  };
  const accept = (...keywords: readonly string[]): boolean => {
    const accepted = keywords.includes(keywordOf(peek()));
    if (accepted) at++;
    return accepted;
  };
  return {
    constants,
    peek,
    next,
    skip,
    accept,
    name,
    reference(what) {
      const { place } = peek();
      const first = name(what);
      const of: string[] = [];
      while (accept('OF', 'IN')) of.push(name('The name of a group'));
      return { name: first, of, place };
    },
    integer(what) {
      const word = next();
      const constant = constants.get(keywordOf(word));
      const text = constant?.kind === 'number' ? constant.text : word.text;
      if (word.kind === 'word' && /^\d{1,9}$/.test(text)) return Number(text);
      throw syntax(word.place, `${what} is expected: a whole number of at most nine digits`);
    },
  };
}
