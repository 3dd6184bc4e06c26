// Knows: data description entries: level number, name, clauses, period.
// Must not know: how entries nest.

import type { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import { CLAUSE_WORDS, type Clauses, isReserved, readClause } from './clauses.ts';
import { excessive, ignoredIn, type Place, quoted, syntax, unsupported } from './copybook-faults.ts';
import { passHeaders } from './divisions.ts';
import { isFigurative, readLiteral } from './literals.ts';
import { explode } from './replacing.ts';
import type { Notation } from './special-names.ts';
import type { Condition, Literal } from './tree.ts';
import { type Reference, readerOf, type WordReader } from './word-reader.ts';
import { keywordOf, type Word } from './words.ts';

/** One entry as it stands in the text. A level 88 is a condition of the entry before it, a level 66 renames items of its record. */
export type Entry = ItemEntry | ConditionEntry | RenamesEntry | Border;

export interface ItemEntry extends Readonly<Clauses> {
  readonly kind: 'item';
  readonly level: number;
  readonly name?: string;
  readonly place: Place;
}

export interface ConditionEntry extends Omit<Condition, 'place'> {
  readonly kind: 'condition';
  readonly place: Place;
}

export interface RenamesEntry {
  readonly kind: 'renames';
  readonly name: string;
  readonly from: Reference;
  readonly through?: Reference;
  readonly place: Place;
}

/** A section or file description begins: no item goes on with a group before it. */
export interface Border {
  readonly kind: 'border';
}

/** All entries up to the PROCEDURE DIVISION or the end of the text. */
export function readEntries(reader: WordReader, notation: Notation): readonly Entry[] {
  const entries: Entry[] = [];
  for (;;) {
    const passed = passHeaders(reader);
    if (passed) entries.push({ kind: 'border' });
    if (reader.peek().kind === 'end') return entries;
    const entry = readEntry(reader, notation);
    if (entry !== undefined) entries.push(entry);
  }
}

function readEntry(reader: WordReader, notation: Notation): Entry | undefined {
  const first = reader.next();
  const level = readLevel(first);
  const { place } = first;
  if (level === 88) return readCondition(reader, notation, place);
  if (level === 66) return readRenames(reader, place);
  const name = readItemName(reader);
  if (level === 78 || (level === 1 && keywordOf(reader.peek()) === 'CONSTANT')) {
    readConstant(reader, notation, level, name, place);
    return undefined;
  }
  const clauses: Clauses = {};
  while (reader.peek().kind !== 'period') {
    if (!readClause(reader, clauses, notation)) throw notAClause(reader);
  }
  reader.next();
  return { kind: 'item', level, place, ...(name !== undefined && { name }), ...clauses };
}

function readLevel(word: Word): number {
  const keyword = keywordOf(word);
  const level = /^\d{1,2}$/.test(keyword) ? Number(keyword) : 0;
  if ((level >= 1 && level <= 49) || level === 66 || level === 77 || level === 78 || level === 88)
    return level;
  if (keyword === 'EXEC') throw unsupported(word.place, 'EXEC in a copybook');
  const found = word.kind === 'word' ? `; ${quoted(word.text)} is none` : '';
  throw syntax(word.place, `A level number is expected (01 to 49, 66, 77, 78 or 88)${found}`);
}

/** FILLER, or a clause at once, makes an item without a name. */
function readItemName(reader: WordReader): string | undefined {
  if (reader.accept('FILLER')) return undefined;
  const word = reader.peek();
  if (word.kind === 'period' || isReserved(keywordOf(word))) return undefined;
  return reader.name('The name of the item, or FILLER,');
}

/** The period behind an entry that has no clauses but the one that was read. */
function endEntry(reader: WordReader, what: string): void {
  const word = reader.peek();
  if (word.kind === 'period') reader.next();
  else if (word.kind === 'end' || isLevelOfNext(word)) throw notAClause(reader);
  else throw syntax(reader.next().place, `${what} ends here: a period is expected`);
}

/** `78 NAME VALUE literal` and `01 NAME CONSTANT AS literal`: a name for a number or text, no data. */
function readConstant(
  reader: WordReader,
  notation: Notation,
  level: number,
  name: string | undefined,
  place: Place,
): void {
  if (name === undefined) throw syntax(place, 'A constant needs a name');
  const word = reader.next();
  if (level === 78) {
    if (!['VALUE', 'VALUES'].includes(keywordOf(word))) {
      throw syntax(word.place, 'A constant (level 78) has a VALUE clause and no other');
    }
    reader.accept('IS');
  } else {
    reader.accept('IS');
    reader.accept('GLOBAL');
    const from = reader.peek();
    if (reader.accept('FROM')) throw unsupported(from.place, 'A constant FROM a directive');
    reader.accept('AS');
  }
  const next = reader.peek();
  if (/^(?:NEXT|START|LENGTH|BYTE-LENGTH|ADDRESS)$/.test(keywordOf(next))) {
    throw unsupported(next.place, `A constant of ${keywordOf(next)}`);
  }
  const words: Word[] = [];
  while (!isEndOfEntry(reader)) words.push(...explode(reader.next()));
  const sum = readerOf([...words, { ...reader.peek(), kind: 'end' }], reader.constants);
  const literal = readSum(sum, notation);
  endEntry(sum.peek().kind === 'end' ? reader : sum, 'A constant');
  reader.constants.set(name.toUpperCase(), literal);
}

function isEndOfEntry(reader: WordReader): boolean {
  const word = reader.peek();
  return word.kind === 'period' || word.kind === 'end' || isLevelOfNext(word);
}

/** Whole numbers may be computed with; of division only what leaves no rest, since compilers differ about it. */
function readSum(reader: WordReader, notation: Notation, depth = 0): Literal {
  let sum = readProduct(reader, notation, depth);
  for (let operator = reader.peek(); reader.accept('+', '-'); operator = reader.peek()) {
    sum = computed(sum, operator, readProduct(reader, notation, depth));
  }
  return sum;
}

function readProduct(reader: WordReader, notation: Notation, depth: number): Literal {
  let product = readTerm(reader, notation, depth);
  for (let operator = reader.peek(); reader.accept('*', '/'); operator = reader.peek()) {
    product = computed(product, operator, readTerm(reader, notation, depth));
  }
  return product;
}

const MAX_PARENTHESES = 50;

function readTerm(reader: WordReader, notation: Notation, depth: number): Literal {
  if (!reader.accept('(')) return readLiteral(reader, notation.decimalComma);
  const { place: open } = reader.peek(-1);
  if (depth > MAX_PARENTHESES) throw excessive(open, 'Parentheses stand too deep in each other');
  const sum = readSum(reader, notation, depth + 1);
  const { place } = reader.peek();
  if (!reader.accept(')')) throw syntax(place, '`)` is expected');
  return sum;
}

function computed(left: Literal, { text: operator, place }: Word, right: Literal): Literal {
  const [a, b] = [wholeOf(left), wholeOf(right)];
  const isRest = operator === '/' && (b === undefined || b === 0n || (a ?? 0n) % b !== 0n);
  if (a === undefined || b === undefined || isRest)
    throw unsupported(place, 'A constant that is computed so');
  const value = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a / b;
  return { kind: 'number', text: String(value) };
}

function wholeOf(literal: Literal): bigint | undefined {
  const isWhole = literal.kind === 'number' && /^[-+]?\d{1,31}$/.test(literal.text);
  return isWhole ? BigInt(literal.text.replace('+', '')) : undefined;
}

function readCondition(reader: WordReader, notation: Notation, place: Place): ConditionEntry {
  const name = reader.name('The name of the condition');
  const word = reader.next();
  if (!['VALUE', 'VALUES'].includes(keywordOf(word))) {
    throw syntax(word.place, 'A condition (level 88) has a VALUE clause and no other');
  }
  reader.accept('IS', 'ARE');
  const values: Condition['values'][number][] = [];
  let whenFalse: Literal | undefined;
  const literal = (): Literal => readLiteral(reader, notation.decimalComma);
  while (reader.peek().kind !== 'period' && reader.peek().kind !== 'end') {
    if (isLevelOfNext(reader.peek()) && isName(reader.peek(1), reader)) throw notAClause(reader);
    if (values.length > 0 && ['WHEN', 'SET', 'FALSE'].includes(keywordOf(reader.peek()))) {
      whenFalse = readFalse(reader, literal);
      break;
    }
    const from = literal();
    values.push(reader.accept('THRU', 'THROUGH') ? { from, to: literal() } : { from });
  }
  if (values.length === 0) throw syntax(reader.peek().place, 'A condition needs at least one value');
  endEntry(reader, 'A condition');
  return { kind: 'condition', name, values, ...(whenFalse !== undefined && { whenFalse }), place };
}

/** True for a word that cannot go on with a list of values. */
function isName(word: Word, { constants }: WordReader): boolean {
  const keyword = keywordOf(word);
  if (/^(?:THRU|THROUGH|WHEN|SET|FALSE|ALL)$/.test(keyword) || isFigurative(keyword)) return false;
  return /^[A-Z]/.test(keyword) && !constants.has(keyword);
}

/** WHEN SET TO FALSE IS literal */
function readFalse(reader: WordReader, literal: () => Literal): Literal {
  reader.accept('WHEN');
  reader.accept('SET');
  reader.accept('TO');
  const word = reader.next();
  if (keywordOf(word) !== 'FALSE') throw syntax(word.place, 'WHEN SET TO FALSE and a value are expected');
  reader.accept('IS');
  return literal();
}

function readRenames(reader: WordReader, place: Place): RenamesEntry {
  const name = reader.name('The name of the renaming item');
  const word = reader.next();
  if (keywordOf(word) !== 'RENAMES') throw syntax(word.place, 'A level 66 has a RENAMES clause and no other');
  const from = reader.reference('The name of the first renamed item');
  const more = reader.accept('THRU', 'THROUGH');
  const through = more ? reader.reference('The name of the last renamed item') : undefined;
  endEntry(reader, 'RENAMES');
  return { kind: 'renames', name, from, ...(through !== undefined && { through }), place };
}

/** A level number that begins its line: the period before it is missing. */
function isLevelOfNext({ text: word, place }: Word): boolean {
  const line = place.text.lines[place.line - 1] ?? '';
  const before = line.slice(0, place.column - 1);
  return /^\d{1,2}$/.test(word) && /^(?:.{6}\s*|\s*)$/.test(before);
}

/** The fault of an entry that goes on with something else than a clause or a period. */
function notAClause(reader: WordReader): Fault {
  const before = reader.peek(-1);
  const word = reader.next();
  const { text, line, column } = word.place;
  const lineOf = (number: number): string => text.lines[number - 1] ?? '';
  /** Says what fixed format does not read of a line: a missing period, or the rest of a word, may stand there. */
  const cutOff = (number: number): string => {
    const ignored = ignoredIn(text, lineOf(number));
    return ignored === ''
      ? ''
      : ` What stands behind column 72 of line ${number}, ${quoted(ignored)}, is ignored.`;
  };
  if (word.kind === 'end') {
    return syntax(word.place, `The last entry does not end with a period.${cutOff(line)}`);
  }
  if (word.kind === 'text') return syntax(word.place, 'A literal stands only behind VALUE');
  if (word.text.startsWith('(') && /^PIC(?:TURE)?$/.test(keywordOf(reader.peek(-3))))
    return syntax(word.place, 'There is no blank in a PICTURE, as in `X(10)`');
  if (isLevelOfNext(word)) {
    const cut = before.place.text === text ? cutOff(before.place.line) : '';
    return syntax(word.place, `The entry before this level number does not end with a period.${cut}`);
  }
  const behind = lineOf(line)
    .slice(column - 1 + word.text.length)
    .trimEnd();
  const cut = behind !== '' && behind.trim() === ignoredIn(text, lineOf(line)) ? cutOff(line) : '';
  const message = `${quoted(word.text)} begins no clause of a data description entry.`;
  return syntax(word.place, message + didYouMean(word.text, CLAUSE_WORDS) + cut);
}
