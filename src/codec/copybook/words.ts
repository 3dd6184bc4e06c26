// Knows: what separates the words of COBOL text, quoted literals, and where each word stands.
// Must not know: what the words mean.

import type { CopybookFaults } from './copybook-faults.ts';
import type { CodeLine } from './source.ts';
import type { SourcePlace } from './tree.ts';

/**
 * `word`: a keyword, name, number or PICTURE string as written. `text`: a quoted literal without its quotes,
 * `prefix` being letters before them (`X'40'`). `period`: the end of an entry. `end`: the end of the text.
 */
export interface Word {
  readonly kind: 'word' | 'text' | 'period' | 'end';
  readonly text: string;
  readonly prefix?: string;
  readonly place: SourcePlace;
}

/** All words of the text, and one of kind `end` behind the last. */
export function readWords(code: readonly CodeLine[], faults: CopybookFaults): readonly Word[] {
  const words: Word[] = [];
  for (const line of code) readLine(line, words, faults);
  const last = code.at(-1);
  const place = last === undefined ? { line: 1, column: 1 } : endOf(last);
  return [...words, { kind: 'end', text: '', place }];
}

function endOf({ line, text, end }: CodeLine): SourcePlace {
  return { line, column: text.slice(0, end).trimEnd().length + 1 };
}

/** A quoted literal, its prefix, and its closing quote if there is one; a doubled quote stands for one quote. */
const LITERAL = /([A-Za-z]{0,2})(?:'([^']*(?:''[^']*)*)('?)|"([^"]*(?:""[^"]*)*)("?))/y;
const WORD = /\S+/y;
/** Blanks, and commas and semicolons, which mean the same as a blank. */
const SEPARATOR = /[\s,;]+/y;

function readLine({ line, text, start, end }: CodeLine, words: Word[], faults: CopybookFaults): void {
  const code = text.slice(0, end);
  const take = (pattern: RegExp, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(code);
  };
  let at = start;
  while (at < code.length) {
    const place = { line, column: at + 1 };
    const blank = take(SEPARATOR, at);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    if (code.startsWith('*>', at)) return;
    if (code[at] === '.' && !isDigit(code[at + 1])) {
      words.push({ kind: 'period', text: '.', place });
      at += 1;
      continue;
    }
    const literal = take(LITERAL, at);
    if (literal !== null) {
      const [all, prefix = '', single, singleEnd, double, doubleEnd] = literal;
      if ((singleEnd ?? doubleEnd ?? '') === '') {
        throw faults.syntax(place, 'This literal has no closing quote on its line');
      }
      const value = single?.replaceAll("''", "'") ?? double?.replaceAll('""', '"') ?? '';
      words.push({ kind: 'text', text: value, ...(prefix !== '' && { prefix }), place });
      at += all.length;
      continue;
    }
    const word = withoutSeparators(take(WORD, at)?.[0] ?? '');
    words.push({ kind: 'word', text: word, place });
    at += word.length;
  }
}

function isDigit(character = ''): boolean {
  return character >= '0' && character <= '9';
}

/** A period, comma or semicolon is a separator only before a blank or the line's end: `9(5).99` is one word. */
function withoutSeparators(word: string): string {
  let length = word.length;
  while (length > 1 && '.,;'.includes(word.charAt(length - 1))) length--;
  return word.slice(0, length);
}
