// Knows: REPLACE statements: which pairs hold for which part of the text.
// Must not know: COPY; it has been done before.

import { readPairs } from './copy-statement.ts';
import { syntax } from './copybook-faults.ts';
import { type Budget, type Pair, replaceWords } from './replacing.ts';
import { readerOf, type WordReader } from './word-reader.ts';
import { keywordOf, type Word } from './words.ts';

/**
 * `REPLACE pairs .` holds up to the next REPLACE; `REPLACE ALSO` adds to what holds, `REPLACE LAST OFF` takes that back,
 * `REPLACE OFF` ends all (ISO 1989, "REPLACE statement").
 */
export function replaceStatements(words: readonly Word[], budget: Budget): readonly Word[] {
  if (!words.some((word) => keywordOf(word) === 'REPLACE')) return words;
  const last = words.at(-1);
  if (last === undefined) return words;
  const made: Word[] = [];
  const reader = readerOf([...words, { ...last, kind: 'end', text: '' }]);
  let held: readonly (readonly Pair[])[] = [];
  let part: Word[] = [];
  const finish = (): void => {
    for (const word of replaceWords(part, held.at(-1) ?? [], budget)) made.push(word);
    part = [];
  };
  while (reader.peek().kind !== 'end') {
    if (keywordOf(reader.peek()) === 'REPLACE') {
      finish();
      reader.next();
      held = readReplace(reader, held);
    } else {
      part.push(reader.skip());
    }
  }
  finish();
  return made;
}

function readReplace(reader: WordReader, held: readonly (readonly Pair[])[]): readonly (readonly Pair[])[] {
  const isOff = reader.accept('OFF');
  const isLast = !isOff && keywordOf(reader.peek()) === 'LAST' && keywordOf(reader.peek(1)) === 'OFF';
  let next: readonly (readonly Pair[])[] = [];
  if (isLast) {
    reader.next();
    reader.next();
    next = held.slice(0, -1);
  } else if (!isOff) {
    const also = keywordOf(reader.peek(1)) !== 'BY' && reader.accept('ALSO');
    const pairs = readPairs(reader);
    next = also ? [...held, [...pairs, ...(held.at(-1) ?? [])]] : [pairs];
  }
  const end = reader.next();
  if (end.kind !== 'period') throw syntax(end.place, 'The REPLACE statement does not end with a period');
  return next;
}
