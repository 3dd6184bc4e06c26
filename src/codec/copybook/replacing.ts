// Knows: how REPLACING and REPLACE put words in place of others: text words, partial words, pseudo-text.
// Must not know: COPY and its libraries, clauses.

import { excessive, type Place } from './copybook-faults.ts';
import { keywordOf, type Word } from './words.ts';

/** One operand pair: `words` matches whole text words, the others the beginning or end of one. */
export type Pair =
  | { readonly kind: 'words'; readonly from: readonly Word[]; readonly to: readonly Word[] }
  | { readonly kind: 'leading' | 'trailing'; readonly from: string; readonly to: string };

/** What all replacing of one parse may cost, so that no text can grow or take time without limit. */
export interface Budget {
  words: number;
  comparisons: number;
}

export function newBudget(): Budget {
  return { words: 2_000_000, comparisons: 50_000_000 };
}

export function spend(budget: Budget, words: number, place: Place): void {
  budget.words -= words;
  if (budget.words < 0) throw excessive(place, 'COPY and REPLACE make this text too long');
}

/**
 * The words with every match of a pair replaced; the first pair that matches counts, and what was put in is not looked at
 * again. Colons and parentheses stand apart, so that `:TAG:` is found in `:TAG:-ID` (Enterprise COBOL Language Reference,
 * "COPY statement: comparison rules"). A word that was put in stands where what it replaces stood.
 */
export function replaceWords(
  words: readonly Word[],
  pairs: readonly Pair[],
  budget: Budget,
): readonly Word[] {
  if (pairs.length === 0) return words;
  const pieces = words.flatMap(explode);
  const made: Word[] = [];
  for (let at = 0; at < pieces.length; ) {
    const first = pieces[at];
    if (first === undefined) break;
    const replaced = replaceAt(pieces, at, first, pairs, budget);
    spend(budget, 1 + (replaced?.by.length ?? 0), first.place);
    if (replaced === undefined) {
      made.push(first);
      at++;
      continue;
    }
    const { by, length } = replaced;
    for (const [i, word] of by.entries()) {
      made.push({ ...word, place: first.place, glued: i === 0 ? isGlued(first) : isGlued(word) });
    }
    at += length;
    const next = pieces[at];
    if (by.length === 0 && next !== undefined && !isGlued(first)) pieces[at] = { ...next, glued: false };
  }
  return join(made, budget);
}

function replaceAt(
  pieces: readonly Word[],
  at: number,
  first: Word,
  pairs: readonly Pair[],
  budget: Budget,
): { readonly by: readonly Word[]; readonly length: number } | undefined {
  for (const pair of pairs) {
    if (pair.kind === 'words') {
      if (matches(pieces, at, pair.from, budget)) return { by: pair.to, length: pair.from.length };
    } else if (first.kind === 'word' && !isGlued(first)) {
      let length = 1;
      let text = first.text;
      for (let next = pieces[at + 1]; next !== undefined && joins(next); next = pieces[at + length]) {
        text += next.text;
        length++;
      }
      budget.comparisons -= length;
      const by = partly(text, pair);
      if (by !== undefined) return { by: by === '' ? [] : explode({ ...first, text: by }), length };
    }
  }
  return undefined;
}

function partly(text: string, { kind, from, to }: Exclude<Pair, { kind: 'words' }>): string | undefined {
  const upper = text.toUpperCase();
  const wanted = from.toUpperCase();
  if (kind === 'leading') return upper.startsWith(wanted) ? to + text.slice(from.length) : undefined;
  return upper.endsWith(wanted) ? text.slice(0, text.length - from.length) + to : undefined;
}

function matches(pieces: readonly Word[], at: number, from: readonly Word[], budget: Budget): boolean {
  for (const [i, wanted] of from.entries()) {
    const found = pieces[at + i];
    budget.comparisons--;
    if (budget.comparisons < 0) throw excessive(wanted.place, 'This text is looked for too often');
    if (found === undefined || !same(found, wanted)) return false;
  }
  return from.length > 0;
}

function same(a: Word, b: Word): boolean {
  if (a.kind !== b.kind) return false;
  return a.kind === 'word' ? keywordOf(a) === keywordOf(b) : a.text === b.text && a.prefix === b.prefix;
}

function isGlued(word: Word): boolean {
  return word.glued === true;
}

function joins(word: Word): boolean {
  return word.kind === 'word' && isGlued(word);
}

/** A word taken apart at colons and parentheses. */
export function explode(word: Word): Word[] {
  if (word.kind !== 'word' || !/[:()]/.test(word.text)) return [word];
  return [...word.text.matchAll(/[:()]|[^:()]+/g)].map(({ 0: text, index }) => ({
    ...word,
    text,
    place: { ...word.place, column: word.place.column + index },
    glued: index > 0 || isGlued(word),
  }));
}

/** Pieces that belong together become one word again. */
function join(pieces: readonly Word[], budget: Budget): readonly Word[] {
  const words: Word[] = [];
  for (let at = 0; at < pieces.length; ) {
    const first = pieces[at++];
    if (first === undefined) break;
    const { glued: _, ...word } = first;
    let text = first.text;
    for (
      let next = pieces[at];
      first.kind === 'word' && next !== undefined && joins(next);
      next = pieces[++at]
    ) {
      text += next.text;
    }
    spend(budget, text.length >> 6, first.place);
    words.push({ ...word, text });
  }
  return words;
}
