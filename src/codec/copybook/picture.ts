// Knows: PICTURE character strings: their symbols, categories and sizes.
// Must not know: USAGE, bytes, other clauses.

import { type CopybookFaults, quoted } from './copybook-faults.ts';
import type { Picture } from './tree.ts';
import type { Word } from './words.ts';

/** Digits of a number in Enterprise COBOL under ARITH(COMPAT). */
const MAX_DIGITS = 18;
/** Bytes of an elementary item in Enterprise COBOL ("Compiler limits"). */
const MAX_POSITIONS = 134_217_727;

/** Symbols of pictures that are valid COBOL and not read yet. */
const LATER: Readonly<Record<string, string>> = {
  P: 'Decimal scaling (`P`)',
  N: 'National text (`N`)',
  G: 'Double-byte text (`G`)',
  U: 'UTF-8 text (`U`)',
  E: 'External floating point (`E`)',
};
const EDITING = 'ZB0/,*+-$CD';

/** A symbol with how often it stands there; `at` is its offset in the string. */
interface Run {
  readonly symbol: string;
  readonly count: number;
  readonly at: number;
}

/** Reads a PICTURE string. Sizes and categories: Enterprise COBOL Language Reference, "PICTURE clause". */
export function parsePicture(word: Word, faults: CopybookFaults): Picture {
  const runs = readRuns(word, faults);
  const positions = count(runs, 'AX9.');
  if (positions > MAX_POSITIONS) {
    throw faults.syntax(word.place, `An item has at most ${MAX_POSITIONS} characters`);
  }
  if (count(runs, 'AX') === 0) return { text: word.text, positions, ...readNumber(runs, word, faults) };
  const bad = runs.find(({ symbol }) => 'SV.'.includes(symbol));
  if (bad !== undefined) {
    throw faults.syntax(
      inside(word, bad.at),
      `${quoted(bad.symbol)} cannot stand in a PICTURE with \`A\` or \`X\``,
    );
  }
  const category = count(runs, 'X9') > 0 ? 'alphanumeric' : 'alphabetic';
  return { text: word.text, category, positions, digits: 0, scale: 0, signed: false };
}

/** A picture of 9, S, V and `.` only. */
function readNumber(
  runs: readonly Run[],
  word: Word,
  faults: CopybookFaults,
): Omit<Picture, 'text' | 'positions'> {
  const digits = count(runs, '9');
  const signed = runs[0]?.symbol === 'S';
  const point = runs.findIndex(isPoint);
  for (const [i, run] of runs.entries()) {
    const place = inside(word, run.at);
    if (run.symbol === 'S' && i > 0)
      throw faults.syntax(place, '`S` can only be the first symbol of a PICTURE');
    if (run.symbol !== '9' && run.count > 1)
      throw faults.syntax(place, `${quoted(run.symbol)} cannot be repeated`);
    if (isPoint(run) && i !== point)
      throw faults.syntax(place, 'A PICTURE has one decimal point (`V` or `.`)');
    if (run.symbol === '.' && signed)
      throw faults.unsupported(place, 'A sign (`S`) with an explicit decimal point');
  }
  if (digits === 0) throw faults.syntax(word.place, `The PICTURE ${quoted(word.text)} has no digit`);
  if (digits > MAX_DIGITS) {
    throw faults.unsupported(word.place, `A number of ${digits} digits (more than ${MAX_DIGITS})`);
  }
  const category = runs[point]?.symbol === '.' ? 'edited' : 'numeric';
  return { category, digits, scale: point < 0 ? 0 : count(runs.slice(point), '9'), signed };
}

/** How often the symbols stand there. */
function count(runs: readonly Run[], symbols: string): number {
  return runs.reduce((sum, run) => (symbols.includes(run.symbol) ? sum + run.count : sum), 0);
}

function isPoint(run: Run): boolean {
  return run.symbol === 'V' || run.symbol === '.';
}

function inside(word: Word, offset: number): Word['place'] {
  return { line: word.place.line, column: word.place.column + offset };
}

function readRuns(word: Word, faults: CopybookFaults): readonly Run[] {
  const text = word.text.toUpperCase();
  const runs: Run[] = [];
  const pattern = /(.)(?:(\()(\d*)(\)?))?/suy;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const [, symbol = '', open, repeat = '', close] = found;
    const at = found.index;
    checkSymbol(symbol, inside(word, at), faults);
    if (open !== undefined && (repeat === '' || close === '')) {
      throw faults.syntax(
        inside(word, at + 1),
        'A repetition is a whole number in parentheses, as in `X(10)`',
      );
    }
    const times = open === undefined ? 1 : Number(repeat);
    if (times === 0) {
      throw faults.syntax(inside(word, at + 2), 'A repetition of 0 leaves no character position');
    }
    const last = runs.at(-1);
    if (last?.symbol === symbol) runs[runs.length - 1] = { ...last, count: last.count + times };
    else runs.push({ symbol, count: times, at });
  }
  return runs;
}

function checkSymbol(symbol: string, place: Word['place'], faults: CopybookFaults): void {
  if ('AX9SV.'.includes(symbol)) return;
  const later = Object.hasOwn(LATER, symbol) ? LATER[symbol] : undefined;
  if (later !== undefined) throw faults.unsupported(place, `${later} in a PICTURE`);
  if (EDITING.includes(symbol)) {
    throw faults.unsupported(place, `The editing symbol ${quoted(symbol)} in a PICTURE`);
  }
  throw faults.syntax(place, `${quoted(symbol)} is no symbol of a PICTURE; those are \`A X 9 S V .\``);
}
