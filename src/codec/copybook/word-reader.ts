// Knows: how to walk over the words of an entry: what comes next, optional words, names, whole numbers.
// Must not know: which clauses there are.

import { type CopybookFaults, quoted } from './copybook-faults.ts';
import type { Word } from './words.ts';

export interface WordReader {
  readonly faults: CopybookFaults;
  /** The word that comes next; at the end of the text, again and again, the word of kind `end`. */
  peek(): Word;
  next(): Word;
  /** Takes the next word if it is one of these (in upper case). */
  accept(...keywords: readonly string[]): boolean;
  /** A data name; `what` says in messages what it is for. */
  name(what: string): string;
  /** An unsigned whole number. */
  integer(what: string): number;
}

/**
 * Letters, digits, hyphens and underscores (Enterprise COBOL Language Reference, "User-defined words"), letters of
 * national alphabets, and `#`, `@`, `$`, which older compilers allow. One character must be no digit. Not limited in
 * length.
 */
const NAME = /^(?!\d+$)[\p{L}\p{N}_#@$-]+$/u;

export function readerOf(words: readonly Word[], faults: CopybookFaults): WordReader {
  const END: Word = { kind: 'end', text: '', place: { line: 1, column: 1 } };
  let at = 0;
  const peek = (): Word => words[at] ?? words.at(-1) ?? END;
  const next = (): Word => {
    const word = peek();
    at++;
    return word;
  };
  return {
    faults,
    peek,
    next,
    accept(...keywords) {
      const accepted = keywords.includes(keywordOf(peek()));
      if (accepted) at++;
      return accepted;
    },
    name(what) {
      const word = next();
      if (word.kind === 'word' && NAME.test(word.text)) return word.text;
      if (word.text.includes(':')) {
        throw faults.unsupported(
          word.place,
          `A name to be replaced by COPY REPLACING (${quoted(word.text)})`,
        );
      }
      const found = word.kind === 'word' ? `; ${quoted(word.text)} is none` : '';
      throw faults.syntax(word.place, `${what} is expected: letters, digits, \`-\` and \`_\`${found}`);
    },
    integer(what) {
      const word = next();
      if (word.kind === 'word' && /^\d{1,9}$/.test(word.text)) return Number(word.text);
      throw faults.syntax(word.place, `${what} is expected: a whole number of at most nine digits`);
    },
  };
}

/** The word as COBOL compares it, without regard to case; empty for a literal, a period and the end. */
export function keywordOf(word: Word): string {
  return word.kind === 'word' ? word.text.toUpperCase() : '';
}
