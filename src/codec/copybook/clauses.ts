// Knows: the clauses of a data description entry, by their first words: how each is read, and which are not read yet.
// Must not know: levels, groups, how entries nest.

import { didYouMean } from '../../model/naming.ts';
import { quoted } from './copybook-faults.ts';
import { readLiteral } from './literals.ts';
import { parsePicture } from './picture.ts';
import type { Literal, Occurs, Picture, SourcePlace, Usage } from './tree.ts';
import { keywordOf, type WordReader } from './word-reader.ts';

/** What was read, and where its clause stands. */
export interface Placed<T> {
  readonly is: T;
  readonly place: SourcePlace;
}

/** The clauses of one entry, each at most once. */
export interface Clauses {
  picture?: Placed<Picture>;
  usage?: Placed<Usage>;
  occurs?: Placed<Occurs> & { readonly counter: SourcePlace };
  redefines?: Placed<string>;
  value?: Placed<Literal>;
}

/** Words of USAGE; the standalone ones may leave USAGE out. */
const USAGES: Readonly<Record<string, Usage>> = {
  DISPLAY: 'display',
  COMP: 'comp',
  'COMP-4': 'comp',
  COMPUTATIONAL: 'comp',
  'COMPUTATIONAL-4': 'comp',
  BINARY: 'comp',
  'COMP-3': 'comp-3',
  'COMPUTATIONAL-3': 'comp-3',
  'PACKED-DECIMAL': 'comp-3',
};

/** Valid COBOL, of IBM or another compiler, that is refused by name until it is read. */
const USAGES_LATER = (
  'COMP-0 COMP-1 COMP-2 COMP-5 COMP-6 COMP-9 COMP-N COMP-X COMPUTATIONAL-0 COMPUTATIONAL-1 COMPUTATIONAL-2 ' +
  'COMPUTATIONAL-5 COMPUTATIONAL-6 COMPUTATIONAL-9 COMPUTATIONAL-N COMPUTATIONAL-X BINARY-CHAR BINARY-SHORT ' +
  'BINARY-LONG BINARY-DOUBLE FLOAT-SHORT FLOAT-LONG FLOAT-EXTENDED DISPLAY-1 NATIONAL INDEX POINTER POINTER-32 ' +
  'FUNCTION-POINTER PROCEDURE-POINTER OBJECT UTF-8'
).split(' ');
const CLAUSES_LATER = (
  'SIGN LEADING TRAILING SEPARATE SYNC SYNCHRONIZED JUST JUSTIFIED BLANK EXTERNAL GLOBAL GROUP-USAGE VOLATILE ' +
  'RENAMES DYNAMIC TYPEDEF CONSTANT'
).split(' ');

type ReadClause = (reader: WordReader, clauses: Clauses, place: SourcePlace) => void;

const CLAUSES: Readonly<Record<string, ReadClause>> = {
  PIC: readPicture,
  PICTURE: readPicture,
  USAGE: readUsage,
  OCCURS: readOccurs,
  REDEFINES: readRedefines,
  VALUE: readValue,
  VALUES: readValue,
};

/** Every word that begins a clause, so that it is no name. */
export const CLAUSE_WORDS: ReadonlySet<string> = new Set([
  ...Object.keys(CLAUSES),
  ...Object.keys(USAGES),
  ...USAGES_LATER,
  ...CLAUSES_LATER,
]);

/** Reads the clause that begins with the next word; false, and nothing taken, when no clause begins there. */
export function readClause(reader: WordReader, clauses: Clauses): boolean {
  const word = reader.peek();
  const keyword = keywordOf(word);
  const read = Object.hasOwn(CLAUSES, keyword) ? CLAUSES[keyword] : undefined;
  if (read !== undefined) {
    reader.next();
    read(reader, clauses, word.place);
    return true;
  }
  if (Object.hasOwn(USAGES, keyword) || USAGES_LATER.includes(keyword)) {
    readUsage(reader, clauses, word.place);
    return true;
  }
  if (CLAUSES_LATER.includes(keyword)) throw reader.faults.unsupported(word.place, `The clause ${keyword}`);
  return false;
}

function once<K extends keyof Clauses>(
  reader: WordReader,
  clauses: Clauses,
  clause: K,
  placed: NonNullable<Clauses[K]>,
): void {
  const first = clauses[clause];
  if (first !== undefined) {
    const before = `the first is in line ${first.place.line}`;
    throw reader.faults.syntax(placed.place, `The entry has two ${clause.toUpperCase()} clauses; ${before}`);
  }
  clauses[clause] = placed;
}

function readPicture(reader: WordReader, clauses: Clauses, place: SourcePlace): void {
  reader.accept('IS');
  const word = reader.next();
  if (word.kind !== 'word') {
    throw reader.faults.syntax(word.place, 'A PICTURE is expected, as in `X(10)` or `S9(7)V99`');
  }
  once(reader, clauses, 'picture', { is: parsePicture(word, reader.faults), place });
}

function readUsage(reader: WordReader, clauses: Clauses, place: SourcePlace): void {
  reader.accept('IS');
  const word = reader.next();
  const keyword = keywordOf(word);
  const usage = Object.hasOwn(USAGES, keyword) ? USAGES[keyword] : undefined;
  if (USAGES_LATER.includes(keyword)) throw reader.faults.unsupported(word.place, `USAGE ${keyword}`);
  if (usage === undefined) {
    const near = didYouMean(keyword, [...Object.keys(USAGES), ...USAGES_LATER]);
    throw reader.faults.syntax(word.place, `${quoted(word.text)} is no USAGE.${near}`);
  }
  once(reader, clauses, 'usage', { is: usage, place });
}

function readRedefines(reader: WordReader, clauses: Clauses): void {
  const { place } = reader.peek();
  once(reader, clauses, 'redefines', { is: reader.name('The name of the redefined item'), place });
}

function readValue(reader: WordReader, clauses: Clauses, place: SourcePlace): void {
  reader.accept('IS', 'ARE');
  once(reader, clauses, 'value', { is: readLiteral(reader), place });
}

function readOccurs(reader: WordReader, clauses: Clauses, place: SourcePlace): void {
  const { faults } = reader;
  const countPlace = reader.peek().place;
  const first = reader.integer('The number of occurrences');
  const last = reader.accept('TO') ? reader.integer('The greatest number of occurrences') : undefined;
  reader.accept('TIMES');
  let dependingOn: string | undefined;
  let counter = place;
  for (let more = true; more; ) {
    if (reader.accept('DEPENDING')) {
      reader.accept('ON');
      counter = reader.peek().place;
      dependingOn = reader.name('The name of the counter');
      const { place } = reader.peek();
      if (reader.accept('OF', 'IN')) throw faults.unsupported(place, 'A qualified name (OF, IN)');
    } else if (reader.accept('ASCENDING', 'DESCENDING')) {
      // Keys and indexes are for SEARCH: they say nothing about the bytes.
      reader.accept('KEY');
      reader.accept('IS');
      readNames(reader, 'The name of a key');
    } else if (reader.accept('INDEXED')) {
      reader.accept('BY');
      readNames(reader, 'The name of an index');
    } else {
      more = false;
    }
  }
  if (last !== undefined && dependingOn === undefined) {
    throw faults.syntax(
      countPlace,
      `OCCURS ${first} TO ${last} needs DEPENDING ON and the name of a counter`,
    );
  }
  // "If integer-1 TO is omitted, a value of 1 is assumed" (Enterprise COBOL Language Reference, OCCURS DEPENDING ON).
  const min = last === undefined && dependingOn !== undefined ? 1 : first;
  const max = last ?? first;
  if (max === 0 || min > max) {
    throw faults.syntax(
      countPlace,
      'The greatest number of occurrences must be at least 1 and the least one',
    );
  }
  once(reader, clauses, 'occurs', {
    is: { min, max, ...(dependingOn !== undefined && { dependingOn }) },
    place,
    counter,
  });
}

/** One name or more, up to a period or a word that goes on with the entry. */
function readNames(reader: WordReader, what: string): void {
  do {
    reader.name(what);
  } while (reader.peek().kind === 'word' && !endsNames(keywordOf(reader.peek())));
}

function endsNames(keyword: string): boolean {
  return CLAUSE_WORDS.has(keyword) || /^(?:INDEXED|ASCENDING|DESCENDING|DEPENDING|\d+)$/.test(keyword);
}
