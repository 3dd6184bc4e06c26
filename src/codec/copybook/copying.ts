// Knows: COPY, EXEC SQL INCLUDE and REPLACE: how the words of a text become those that the compiler reads.
// Must not know: where libraries are kept, clauses.

import { type Compilation, compilationOf } from './conditional-compilation.ts';
import { type Copy, pairOf, readCopy } from './copy-statement.ts';
import {
  excessive,
  missing,
  type Place,
  placeIn,
  quoted,
  type SourceText,
  syntax,
  unsupported,
} from './copybook-faults.ts';
import { replaceStatements } from './replace-statement.ts';
import { type Budget, newBudget, type Pair, replaceWords, spend } from './replacing.ts';
import { END_OF_DATA, readCode, type SourceOptions, sourceText } from './source.ts';
import type { Literal } from './tree.ts';
import { readerOf, type WordReader } from './word-reader.ts';
import { endOf, keywordOf, readWords, type Word } from './words.ts';

/** Finds the text that COPY names; `library` stands behind OF or IN. `file` is what messages call it. */
export type FindCopy = (
  name: string,
  library: string | undefined,
) => { readonly text: string; readonly file: string } | undefined;

export interface CopyOptions extends SourceOptions {
  readonly copy?: FindCopy;
  /**
   * As in COPY … REPLACING, for the first text: `{ ':TAG:': 'CUST' }` reads a copybook alone that is written to be copied.
   * Keys and values are pseudo-text.
   */
  readonly replacing?: Readonly<Record<string, string>>;
  /** Compilation variables for `>>IF` and `$IF`, as the compiler option DEFINE gives them. Numbers are whole; `true` is `B'1'`. */
  readonly defines?: Readonly<Record<string, string | number | boolean>>;
}

interface Expansion {
  readonly compilation: Compilation;
  readonly options: CopyOptions;
  readonly budget: Budget;
  copies: number;
}

/** Texts brought in by one parse, and how deep they may stand in each other. */
const MAX_COPIES = 10_000;
const MAX_DEPTH = 100;

interface Expanded {
  readonly words: readonly Word[];
  /** What directives gave a name, as level 78 does. */
  readonly constants: ReadonlyMap<string, Literal>;
}

/** All words of a text, with what it copies and as it says to replace; the last is of kind `end`. */
export function expand(text: SourceText, options: CopyOptions): Expanded {
  const expansion: Expansion = {
    options,
    budget: newBudget(),
    copies: 0,
    compilation: compilationOf(options.defines ?? {}),
  };
  const code = readCode(text, options);
  const given = givenPairs(options.replacing ?? {});
  const words = replaceWords(
    expandCopies(readWords(code), [given], expansion, text),
    given,
    expansion.budget,
  );
  const place = endOf(code) ?? placeIn(text, 1, 1);
  return {
    words: [...replaceStatements(words, expansion.budget), { kind: 'end', text: '', place }],
    constants: expansion.compilation.constants,
  };
}

function givenPairs(replacing: Readonly<Record<string, string>>): readonly Pair[] {
  const wordsOf = (given: string): readonly Word[] =>
    readWords(readCode(sourceText(withoutMarks(given), { format: 'free' }, {}), {}));
  return Object.entries(replacing).map(([from, to]) => pairOf('words', wordsOf(from), wordsOf(to)));
}

/** Pseudo-text may be given with its `==` or without. */
function withoutMarks(given: string): string {
  return /^\s*==(.*)==\s*$/s.exec(given)?.[1] ?? given;
}

/** The words with COPY statements replaced by what they name; `outer` are the REPLACING phrases that brought this text in. */
function expandCopies(
  words: readonly Word[],
  outer: readonly (readonly Pair[])[],
  expansion: Expansion,
  text: SourceText,
): readonly Word[] {
  const made: Word[] = [];
  const reader = readerOf([
    ...words,
    { kind: 'end', text: '', place: words.at(-1)?.place ?? placeIn(text, 1, 1) },
  ]);
  const { compilation } = expansion;
  const depth = compilation.depth();
  let optional = false;
  for (;;) {
    const word = reader.peek();
    const keyword = keywordOf(word);
    const isEnd = keyword === 'PROCEDURE' && keywordOf(reader.peek(1)) === 'DIVISION';
    if (word.kind === 'end' || word.directive?.name === END_OF_DATA || (isEnd && compilation.isActive())) {
      compilation.close(depth, word.kind === 'end' ? undefined : 'quietly');
      return made;
    }
    if (word.directive !== undefined) compilation.apply(word.directive, word.place, depth);
    if (word.directive !== undefined || !compilation.isActive()) {
      reader.skip();
      continue;
    }
    // What the ENVIRONMENT DIVISION copies (but for SPECIAL-NAMES) says nothing about data.
    if (keyword === 'ENVIRONMENT' || keyword === 'INPUT-OUTPUT' || keyword === 'FILE-CONTROL')
      optional = true;
    if (keyword === 'DATA' || keyword === 'SPECIAL-NAMES') optional = false;
    if (keyword === 'COPY') {
      append(made, copyText(readCopy(reader), outer, expansion, optional), expansion, word.place);
    } else if (keyword === 'EXEC') {
      append(made, execText(reader, outer, expansion), expansion, word.place);
    } else {
      made.push(reader.skip());
    }
  }
}

function append(made: Word[], words: readonly Word[], { budget }: Expansion, place: Place): void {
  spend(budget, words.length, place);
  for (const word of words) made.push(word);
}

/** What the precompiler brings itself. */
const SQL_OWN = new Set(['SQLCA', 'SQLDA']);

/** EXEC SQL INCLUDE is COPY; other SQL in the DATA DIVISION declares no data. */
function execText(
  reader: WordReader,
  outer: readonly (readonly Pair[])[],
  expansion: Expansion,
): readonly Word[] {
  const exec = reader.next();
  const kind = keywordOf(reader.peek());
  if (kind !== 'SQL') throw unsupported(exec.place, `EXEC ${kind} in a DATA DIVISION`);
  reader.next();
  const included = reader.accept('INCLUDE') ? reader.peek() : undefined;
  for (let word = reader.peek(); keywordOf(word) !== 'END-EXEC'; word = reader.peek()) {
    if (word.kind === 'end') throw syntax(exec.place, 'This EXEC SQL has no END-EXEC');
    reader.skip();
  }
  reader.next();
  if (reader.peek().kind === 'period') reader.next();
  if (included === undefined) return [];
  const own = SQL_OWN.has(keywordOf(included));
  return copyText(
    { name: included, library: undefined, pairs: [], place: exec.place },
    outer,
    expansion,
    own,
  );
}

function copyText(
  { name, library, pairs, place }: Copy,
  outer: readonly (readonly Pair[])[],
  expansion: Expansion,
  optional: boolean,
): readonly Word[] {
  const { options, budget } = expansion;
  const named = (word: Word): string => {
    let words: readonly Word[] = [word];
    for (const each of outer) words = replaceWords(words, each, budget);
    return words[0]?.text ?? word.text;
  };
  const wanted = named(name);
  const from = library && named(library);
  const shown = from === undefined ? wanted : `${wanted} OF ${from}`;
  const found = options.copy?.(wanted, from);
  if (found === undefined) {
    if (optional) return [];
    const why = options.copy === undefined ? 'no folder of copybooks is given' : 'no such text was found';
    throw missing(name.place, `COPY ${quoted(shown)}: ${why}`);
  }
  checkChain(found.file, place);
  expansion.copies++;
  if (expansion.copies > MAX_COPIES) throw excessive(place, `There are more than ${MAX_COPIES} COPYs`);
  const text = sourceText(found.text, options, { file: found.file, copiedAt: place });
  const words = readWords(readCode(text, options));
  return replaceWords(expandCopies(words, [pairs, ...outer], expansion, text), pairs, budget);
}

function checkChain(file: string, place: Place): void {
  const chain = [file];
  for (let text: SourceText | undefined = place.text; text !== undefined; text = text.copiedAt?.text) {
    chain.unshift(text.file ?? 'the text');
    if (text.file === file) throw syntax(place, `${quoted(file)} copies itself: ${chain.join(' → ')}`);
    if (chain.length > MAX_DEPTH)
      throw syntax(place, `COPYs stand more than ${MAX_DEPTH} deep in each other`);
  }
}
