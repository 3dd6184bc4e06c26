// Knows: data description entries: level number, name, clauses, period.
// Must not know: how entries nest.

import type { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import { CLAUSE_WORDS, type Clauses, readClause } from './clauses.ts';
import { quoted } from './copybook-faults.ts';
import { readConditionValues } from './literals.ts';
import { ignoredText, type SourceText } from './source.ts';
import type { Condition, SourcePlace } from './tree.ts';
import { keywordOf, type WordReader } from './word-reader.ts';
import type { Word } from './words.ts';

/** One entry as it stands in the text. A level 88 is a condition of the entry before it. */
export type Entry = ItemEntry | ConditionEntry;

export interface ItemEntry extends Readonly<Clauses> {
  readonly kind: 'item';
  readonly level: number;
  readonly name?: string;
  readonly place: SourcePlace;
}

export interface ConditionEntry extends Condition {
  readonly kind: 'condition';
}

/** Words that begin something else than an entry, in valid COBOL. */
const LATER = new Set(
  (
    'COPY REPLACE EJECT SKIP1 SKIP2 SKIP3 TITLE EXEC IDENTIFICATION ID ENVIRONMENT DATA FILE WORKING-STORAGE ' +
    'LOCAL-STORAGE LINKAGE PROCEDURE FD SD'
  ).split(' '),
);

/** All entries up to the end of the text; the text itself is looked at for hints only. */
export function readEntries(reader: WordReader, source: SourceText): readonly Entry[] {
  const entries: Entry[] = [];
  while (reader.peek().kind !== 'end') {
    // An empty sentence: two periods behind each other.
    if (reader.peek().kind === 'period') reader.next();
    else entries.push(readEntry(reader, source));
  }
  return entries;
}

function readEntry(reader: WordReader, source: SourceText): Entry {
  const first = reader.next();
  const level = readLevel(first, reader);
  if (level === 88) {
    const name = reader.name('The name of the condition');
    const word = reader.next();
    if (!['VALUE', 'VALUES'].includes(keywordOf(word))) {
      throw reader.faults.syntax(word.place, 'A condition (level 88) has a VALUE clause and no other');
    }
    reader.accept('IS', 'ARE');
    const values = readConditionValues(reader);
    if (reader.peek().kind === 'end') throw notAClause(reader, source);
    reader.next();
    return { kind: 'condition', name, values, place: first.place };
  }
  const name = readItemName(reader);
  const clauses: Clauses = {};
  while (reader.peek().kind !== 'period') {
    if (!readClause(reader, clauses)) throw notAClause(reader, source);
  }
  reader.next();
  return { kind: 'item', level, place: first.place, ...(name !== undefined && { name }), ...clauses };
}

function readLevel(word: Word, { faults }: WordReader): number {
  const keyword = keywordOf(word);
  if (LATER.has(keyword)) throw faults.unsupported(word.place, `${keyword} in a copybook`);
  const level = /^\d{1,2}$/.test(keyword) ? Number(keyword) : undefined;
  if (level === 66) throw faults.unsupported(word.place, 'Level 66 (RENAMES)');
  if (level !== undefined && ((level >= 1 && level <= 49) || level === 77 || level === 88)) return level;
  const found = word.kind === 'word' ? `; ${quoted(word.text)} is none` : '';
  throw faults.syntax(word.place, `A level number is expected (01 to 49, 66, 77 or 88)${found}`);
}

/** FILLER, or a clause at once, makes an item without a name. */
function readItemName(reader: WordReader): string | undefined {
  if (reader.accept('FILLER')) return undefined;
  const word = reader.peek();
  if (word.kind === 'period' || CLAUSE_WORDS.has(keywordOf(word))) return undefined;
  return reader.name('The name of the item, or FILLER,');
}

/** The fault of an entry that goes on with something else than a clause or a period. */
function notAClause(reader: WordReader, source: SourceText): Fault {
  const word = reader.next();
  const { faults } = reader;
  const { line, column } = word.place;
  const text = source.lines[line - 1] ?? '';
  if (word.kind === 'end') {
    return faults.syntax(word.place, `The last entry does not end with a period.${cutOff(source, line)}`);
  }
  if (word.kind === 'text') return faults.syntax(word.place, 'A literal stands only behind VALUE');
  const before = text.slice(source.format === 'fixed' ? 6 : 0, column - 1);
  if (/^\d{1,2}$/.test(word.text) && before.trim() === '') {
    const message = 'The entry before this level number does not end with a period.';
    return faults.syntax(word.place, message + cutOff(source, line - 1));
  }
  const behind = text.slice(column - 1 + word.text.length).trimEnd();
  const cut = behind !== '' && behind === ignoredText(source, line) ? cutOff(source, line) : '';
  const message = `${quoted(word.text)} begins no clause of a data description entry.`;
  return faults.syntax(word.place, message + didYouMean(word.text, CLAUSE_WORDS) + cut);
}

/** Says what fixed format does not read of a line: a missing period, or the rest of a word, may stand there. */
function cutOff(source: SourceText, line: number): string {
  const ignored = ignoredText(source, line);
  if (ignored === '') return '';
  return ` What stands behind column 72 of line ${line}, ${quoted(ignored)}, is ignored.`;
}
