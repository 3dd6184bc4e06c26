// Knows: what separates the words of COBOL text, quoted literals, and where each word stands.
// Must not know: what the words mean.

import type { ConditionalDirective } from './conditional-compilation.ts';
import type { Place } from './copybook-faults.ts';
import { type CodeLine, placesOf } from './source.ts';

/**
 * `word`: a keyword, name, number or PICTURE string as written. `text`: a quoted literal without its quotes,
 * `prefix` being letters before them (`X'40'`). `period`: the end of an entry. `pseudo`: `==`, on both sides of pseudo-text.
 * `flaw`: something wrong, `text` says what; it is a fault only where it is read. `directive`: a line that decides which words
 * count. `end`: the end of the text.
 */
export interface Word {
  readonly kind: 'word' | 'text' | 'period' | 'pseudo' | 'flaw' | 'directive' | 'end';
  readonly text: string;
  readonly prefix?: string;
  readonly place: Place;
  readonly directive?: ConditionalDirective;
  /** Nothing stands between it and the word before: only while text is being replaced. */
  readonly glued?: boolean;
}

/** The word as COBOL compares it, without regard to case; empty for a literal, a period and the end. */
export function keywordOf(word: Word | undefined): string {
  return word?.kind === 'word' ? word.text.toUpperCase() : '';
}

/** All words of the lines. */
export function readWords(code: readonly CodeLine[]): readonly Word[] {
  const words: Word[] = [];
  for (const line of code) readLine(line, words);
  return words;
}

/** Behind the last code of the text. */
export function endOf(code: readonly CodeLine[]): Place | undefined {
  const last = code.at(-1);
  return last === undefined ? undefined : placesOf(last)(last.code.trimEnd().length);
}

/** A quoted literal, its prefix, and its closing quote if there is one; a doubled quote stands for one quote. */
const LITERAL = /(N?X|N|G|Z|BX?|UX?|HX?|O)?(?:'([^']*(?:''[^']*)*)('?)|"([^"]*(?:""[^"]*)*)("?))/iy;
const WORD = /(?:[^\s'"=]|=(?!=))+/y;
/** Blanks, and commas and semicolons, which mean the same as a blank. */
const SEPARATOR = /[\s,;]+/y;
/** In a PICTURE a comma before another symbol is a symbol. */
const PICTURE_SEPARATOR = /\s+|[,;]+(?=\s|$)/y;

function readLine(line: CodeLine, words: Word[]): void {
  const { code, directive } = line;
  const placeAt = placesOf(line);
  if (directive !== undefined)
    words.push({ kind: 'directive', text: directive.written, place: placeAt(0), directive });
  const take = (pattern: RegExp, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(code);
  };
  for (let at = 0; at < code.length; ) {
    const picture = isPictureNext(words);
    const blank = take(picture ? PICTURE_SEPARATOR : SEPARATOR, at);
    if (blank !== null) {
      at += blank[0].length;
      continue;
    }
    const place = placeAt(at);
    if (code[at] === '.' && !(picture ? isSymbol(code[at + 1]) : isDigit(code[at + 1]))) {
      words.push({ kind: 'period', text: '.', place });
      at += 1;
      continue;
    }
    if (code.startsWith('==', at)) {
      words.push({ kind: 'pseudo', text: '==', place });
      at += 2;
      continue;
    }
    const literal = take(LITERAL, at);
    if (literal !== null) {
      words.push(literalWord(literal, place));
      at += literal[0].length;
      continue;
    }
    const word = withoutSeparators(take(WORD, at)?.[0] ?? code.slice(at, at + 1));
    words.push({ kind: 'word', text: word, place });
    at += word.length;
  }
}

function literalWord([, prefix, single, singleEnd, double, doubleEnd]: RegExpExecArray, place: Place): Word {
  if ((singleEnd ?? doubleEnd ?? '') === '') {
    return { kind: 'flaw', text: 'This literal has no closing quote on its line', place };
  }
  const text = single?.replaceAll("''", "'") ?? double?.replaceAll('""', '"') ?? '';
  return { kind: 'text', text, ...(prefix !== undefined && { prefix: prefix.toUpperCase() }), place };
}

function isPictureNext(words: readonly Word[]): boolean {
  const last = keywordOf(words.at(-1));
  return isPicture(last) || (last === 'IS' && isPicture(keywordOf(words.at(-2))));
}

function isPicture(keyword: string): boolean {
  return keyword === 'PIC' || keyword === 'PICTURE';
}

function isSymbol(character = ''): boolean {
  return /[^\s=]/.test(character);
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

/**
 * Compilers also take a comma or semicolon without a blank for a separator (`1,2,3`), but in a PICTURE it is a symbol, and
 * under DECIMAL-POINT IS COMMA it is the decimal point of a number.
 */
export function splitLists(words: readonly Word[], decimalComma: boolean): readonly Word[] {
  const split: Word[] = [];
  let before = '';
  let picture = false;
  for (const word of words) {
    picture = isPicture(before) || (picture && before === 'IS');
    before = keywordOf(word);
    const number = decimalComma && /^[+-]?\d*,\d+$/.test(word.text);
    if (word.kind !== 'word' || (picture && before !== 'IS') || number || !/[,;]/.test(word.text))
      split.push(word);
    else {
      for (const { 0: text, index } of word.text.matchAll(/[^,;]+/g)) {
        split.push({ ...word, text, place: { ...word.place, column: word.place.column + index } });
      }
    }
  }
  return split;
}
