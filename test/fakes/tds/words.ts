// T-SQL as words: names, texts, numbers, parameters, signs.

import { Problem } from './values.ts';

export type Kind = 'word' | 'name' | 'text' | 'number' | 'bytes' | 'parameter' | 'sign' | 'end';

export interface Word {
  readonly kind: Kind;
  /** Names and texts without their quotes; words in small letters. */
  readonly text: string;
}

const PATTERN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|[nN]?'((?:[^']|'')*)'|(@{1,2}[\w#$]+)|(0x[0-9a-fA-F]*)|(\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|([\p{L}_#][\p{L}\d_#$]*)|(<>|<=|>=|!=|[-+*/(),.;=<>])/uy;

export function wordsOf(sql: string): readonly Word[] {
  const words: Word[] = [];
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < sql.length) {
    const found = PATTERN.exec(sql);
    if (found === null) throw new Problem(102, 'Incorrect syntax.');
    const [, bracketed, quoted, text, parameter, bytes, number, word, sign] = found;
    if (bracketed !== undefined) words.push({ kind: 'name', text: bracketed.replaceAll(']]', ']') });
    else if (quoted !== undefined) words.push({ kind: 'name', text: quoted.replaceAll('""', '"') });
    else if (text !== undefined) words.push({ kind: 'text', text: text.replaceAll("''", "'") });
    else if (parameter !== undefined) words.push({ kind: 'parameter', text: parameter });
    else if (bytes !== undefined) words.push({ kind: 'bytes', text: bytes.slice(2) });
    else if (number !== undefined) words.push({ kind: 'number', text: number });
    else if (word !== undefined) words.push({ kind: 'word', text: word });
    else if (sign !== undefined) words.push({ kind: 'sign', text: sign });
  }
  return words;
}

/** Goes through the words of a batch. */
export interface Reading {
  readonly ended: boolean;
  peek(ahead?: number): Word;
  next(): Word;
  /** Takes the words that come, if they are these. */
  take(...texts: readonly string[]): boolean;
  expect(...texts: readonly string[]): void;
  name(): string;
}

const END: Word = { kind: 'end', text: '' };

export function reading(words: readonly Word[]): Reading {
  let at = 0;
  const is = (word: Word | undefined, text: string): boolean =>
    word !== undefined && (word.kind === 'word' || word.kind === 'sign') && word.text.toLowerCase() === text;
  const self: Reading = {
    get ended() {
      return at >= words.length;
    },
    peek: (ahead = 0) => words[at + ahead] ?? END,
    next: () => words[at++] ?? END,
    take(...texts) {
      if (!texts.every((text, i) => is(words[at + i], text))) return false;
      at += texts.length;
      return true;
    },
    expect(...texts) {
      if (!self.take(...texts)) throw new Problem(102, `Incorrect syntax near '${self.peek().text}'.`);
    },
    name() {
      const word = self.next();
      if (word.kind !== 'name' && word.kind !== 'word') {
        throw new Problem(102, `Incorrect syntax near '${word.text}'.`);
      }
      return word.text;
    },
  };
  return self;
}
