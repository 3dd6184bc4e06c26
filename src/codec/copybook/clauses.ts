// Knows: the clauses of a data description entry, by their first words: how each is read, and which are refused.
// Must not know: levels, groups, how entries nest.

import { type Place, syntax, unsupported } from './copybook-faults.ts';
import { readLiteral } from './literals.ts';
import { type OccursClause, readOccurs } from './occurs.ts';
import { parsePicture } from './picture.ts';
import type { Notation } from './special-names.ts';
import type { Literal, Picture, Sign, Usage } from './tree.ts';
import { readUsage, USAGE_WORDS } from './usages.ts';
import type { Reference, WordReader } from './word-reader.ts';
import { keywordOf } from './words.ts';

/** What was read, and where its clause stands. */
export interface Placed<T> {
  readonly is: T;
  readonly place: Place;
}

/** The clauses of one entry, each at most once. */
export interface Clauses {
  picture?: Placed<Picture>;
  usage?: Placed<Usage> & { readonly signed?: boolean };
  occurs?: Placed<OccursClause>;
  redefines?: Placed<Reference>;
  value?: Placed<Literal>;
  sign?: Placed<Sign>;
  synchronized?: Placed<true>;
  justified?: Placed<true>;
  'blank when zero'?: Placed<true>;
  'group-usage'?: Placed<Usage>;
  external?: Placed<true>;
  global?: Placed<true>;
  volatile?: Placed<true>;
  'byte-length'?: Placed<number>;
  based?: Placed<true>;
  typedef?: Placed<true>;
  /** The upper-case name of the type. */
  type?: Placed<string>;
}

/** What a clause is read with. `take` keeps it; an entry that has it already is a fault. */
interface Reading {
  readonly reader: WordReader;
  readonly notation: Notation;
  /** The clause's first word, which is taken already (but for a USAGE without that word). */
  readonly keyword: string;
  readonly place: Place;
  take<K extends keyof Clauses>(clause: K, is: Omit<NonNullable<Clauses[K]>, 'place'>): void;
}

type ReadClause = (reading: Reading) => void;

const CLAUSES: Readonly<Record<string, ReadClause>> = {
  PIC: picture,
  PICTURE: picture,
  USAGE: usage,
  OCCURS: ({ reader, take }) => take('occurs', { is: readOccurs(reader, isClauseWord) }),
  REDEFINES: redefines,
  VALUE: value,
  VALUES: value,
  SIGN: sign,
  LEADING: signPosition,
  TRAILING: signPosition,
  SYNC: synchronized,
  SYNCHRONIZED: synchronized,
  JUST: justified,
  JUSTIFIED: justified,
  BLANK: blank,
  'GROUP-USAGE': groupUsage,
  EXTERNAL: external,
  GLOBAL: ({ take }) => take('global', { is: true }),
  VOLATILE: ({ take }) => take('volatile', { is: true }),
  BASED: ({ take }) => take('based', { is: true }),
  TYPEDEF: typedef,
  TYPE: type,
  'BYTE-LENGTH': byteLength,
  DATE: dateFormat,
  IS: isClause,
};

/** Valid COBOL of some compiler whose bytes this gateway does not know: refused by name. */
const REFUSED: Readonly<Record<string, string>> = {
  DYNAMIC: 'DYNAMIC LENGTH',
  ANY: 'ANY LENGTH',
  ALIGNED: 'ALIGNED',
  SAME: 'SAME AS',
  LIKE: 'LIKE',
  PROPERTY: 'PROPERTY',
  FORMAT: 'FORMAT',
  SQL: 'SQL TYPE',
};

/** These are names where a name may stand: compilers of a dialect only reserve them. */
const SOFT = new Set([
  'VOLATILE',
  'BASED',
  'TYPEDEF',
  'TYPE',
  'BYTE-LENGTH',
  'DATE',
  'IS',
  'STRING',
  'HANDLE',
  ...Object.keys(REFUSED),
]);

/** Every word that begins a clause. */
export const CLAUSE_WORDS: ReadonlySet<string> = new Set([
  ...Object.keys(CLAUSES),
  ...USAGE_WORDS,
  ...Object.keys(REFUSED),
]);

/** Words that begin a clause and are no name. */
export function isReserved(keyword: string): boolean {
  return CLAUSE_WORDS.has(keyword) && !SOFT.has(keyword);
}

function isClauseWord(keyword: string): boolean {
  return CLAUSE_WORDS.has(keyword);
}

/** Reads the clause that begins with the next word; false, and nothing taken, when no clause begins there. */
export function readClause(reader: WordReader, clauses: Clauses, notation: Notation): boolean {
  const word = reader.peek();
  const keyword = keywordOf(word);
  const { place } = word;
  const take: Reading['take'] = (clause, is) => {
    const first = clauses[clause];
    if (first !== undefined) {
      const before = `the first is in line ${first.place.line}`;
      throw syntax(place, `The entry has two ${clause.toUpperCase()} clauses; ${before}`);
    }
    Object.assign(clauses, { [clause]: { ...is, place } });
  };
  const reading = { reader, notation, keyword, place, take };
  const read = Object.hasOwn(CLAUSES, keyword) ? CLAUSES[keyword] : undefined;
  if (read !== undefined) {
    reader.next();
    read(reading);
    return true;
  }
  if (USAGE_WORDS.has(keyword)) {
    usage(reading);
    return true;
  }
  if (Object.hasOwn(REFUSED, keyword)) throw unsupported(place, `The clause ${REFUSED[keyword]}`);
  return false;
}

function redefines({ reader, take }: Reading): void {
  take('redefines', { is: reader.reference('The name of the redefined item') });
}

function picture({ reader, notation, take }: Reading): void {
  reader.accept('IS');
  const word = reader.next();
  if (word.kind !== 'word') throw syntax(word.place, 'A PICTURE is expected, as in `X(10)` or `S9(7)V99`');
  take('picture', { is: parsePicture(word, notation, reader.constants) });
}

function usage({ reader, take }: Reading): void {
  reader.accept('IS');
  const { usage: is, signed } = readUsage(reader);
  take('usage', { is, ...(signed !== undefined && { signed }) });
}

function groupUsage({ reader, place, take }: Reading): void {
  reader.accept('IS');
  const word = reader.next();
  const keyword = keywordOf(word);
  if (keyword === 'BIT') throw unsupported(place, 'GROUP-USAGE BIT');
  const usages: Readonly<Record<string, Usage>> = { NATIONAL: 'national', 'UTF-8': 'utf-8' };
  const is = Object.hasOwn(usages, keyword) ? usages[keyword] : undefined;
  if (is === undefined) throw syntax(word.place, 'GROUP-USAGE is NATIONAL or UTF-8');
  take('group-usage', { is });
}

function value({ reader, notation, take }: Reading): void {
  reader.accept('IS', 'ARE');
  take('value', { is: readLiteral(reader, notation.decimalComma) });
}

function sign({ reader, take }: Reading): void {
  reader.accept('IS');
  const word = reader.next();
  const keyword = keywordOf(word);
  if (keyword !== 'LEADING' && keyword !== 'TRAILING') {
    throw syntax(word.place, 'SIGN is followed by LEADING or TRAILING');
  }
  take('sign', { is: { leading: keyword === 'LEADING', separate: isSeparate(reader) } });
}

/** LEADING or TRAILING without SIGN. */
function signPosition({ reader, keyword, take }: Reading): void {
  take('sign', { is: { leading: keyword === 'LEADING', separate: isSeparate(reader) } });
}

function isSeparate(reader: WordReader): boolean {
  const separate = reader.accept('SEPARATE');
  if (separate) reader.accept('CHARACTER');
  return separate;
}

function synchronized({ reader, take }: Reading): void {
  reader.accept('LEFT', 'RIGHT');
  take('synchronized', { is: true });
}

function justified({ reader, take }: Reading): void {
  const { place } = reader.peek();
  if (reader.accept('LEFT')) throw syntax(place, 'JUSTIFIED is always RIGHT');
  reader.accept('RIGHT');
  take('justified', { is: true });
}

function blank({ reader, take }: Reading): void {
  reader.accept('WHEN');
  const { place } = reader.peek();
  if (!reader.accept('ZERO', 'ZEROS', 'ZEROES')) throw syntax(place, 'BLANK WHEN is followed by ZERO');
  take('blank when zero', { is: true });
}

/** `EXTERNAL AS "NAME"`: the name is for the linker. */
function external({ reader, take }: Reading): void {
  if (reader.accept('AS')) reader.next();
  take('external', { is: true });
}

function typedef({ reader, take }: Reading): void {
  reader.accept('STRONG', 'WEAK');
  take('typedef', { is: true });
}

function type({ reader, take }: Reading): void {
  reader.accept('TO', 'IS');
  take('type', { is: reader.name('The name of a type').toUpperCase() });
}

/** Of PIC U (Enterprise COBOL Language Reference, "PICTURE clause"). */
function byteLength({ reader, take }: Reading): void {
  reader.accept('IS');
  take('byte-length', { is: reader.integer('The number of bytes') });
}

/** `DATE FORMAT IS YYXXXX` (Enterprise COBOL up to 4.2): tells the compiler which digits are the year, and changes no byte. */
function dateFormat({ reader, place }: Reading): void {
  if (!reader.accept('FORMAT'))
    throw syntax(place, 'DATE is followed by FORMAT and a pattern such as `YYXXXX`');
  reader.accept('IS');
  const pattern = reader.next();
  if (!/^[YX()\d]+$/.test(keywordOf(pattern)))
    throw syntax(pattern.place, 'A date pattern is expected: `YYXXXX`');
}

function isClause({ reader }: Reading): void {
  const word = reader.peek();
  if (['EXTERNAL', 'GLOBAL', 'TYPEDEF', 'VOLATILE', 'BASED'].includes(keywordOf(word))) return;
  throw syntax(word.place, 'IS before a clause is followed by EXTERNAL, GLOBAL, TYPEDEF or VOLATILE');
}
