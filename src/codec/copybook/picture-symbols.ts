// Knows: the symbols of a PICTURE character string, how they repeat, and which of them is the decimal point.
// Must not know: which symbols may stand together.

import { inside, type Place, quoted, syntax } from './copybook-faults.ts';
import type { Notation } from './special-names.ts';
import type { Literal, Picture } from './tree.ts';
import { USAGE_WORDS } from './usages.ts';
import type { Word } from './words.ts';

/**
 * A symbol with how often it stands there, one upper-case character or CR or DB; `.` is always the decimal point and `,` the
 * other separator, `$` always the currency symbol. `at` is its offset in the string.
 */
export interface Run {
  readonly symbol: string;
  readonly count: number;
  readonly at: number;
}

/** A PICTURE string taken apart. */
export interface Symbols {
  readonly word: Word;
  readonly runs: readonly Run[];
  /** What the currency symbol stands for. */
  readonly currency: string;
  /** How the decimal point and the other separator are written. */
  readonly point: '.' | ',';
  readonly comma: '.' | ',';
}

const KNOWN = 'AX9SVPNGUEZB0/*+-';
const REPETITION = 'A repetition is a whole number in parentheses, as in `X(10)`';

/** Bytes of an elementary item in Enterprise COBOL ("Compiler limits"). */
export const MAX_POSITIONS = 134_217_727;

export function readSymbols(
  word: Word,
  notation: Notation,
  constants: ReadonlyMap<string, Literal>,
): Symbols {
  const runs: Run[] = [];
  let currency: { readonly sign: string; readonly symbol: string } | undefined;
  const pattern = /(CR|DB|.)(?:(\()([^()]*)(\)?))?/isuy;
  for (let found = pattern.exec(word.text); found !== null; found = pattern.exec(word.text)) {
    const [, written = '', open, repeat = '', close] = found;
    const at = found.index;
    const place = inside(word.place, at);
    let symbol = symbolOf(written, notation);
    const sign = symbol === undefined ? currencyOf(written, notation) : undefined;
    if (sign !== undefined) {
      if (currency !== undefined && currency.symbol !== written) {
        throw syntax(
          place,
          `A PICTURE has one currency symbol, and ${quoted(currency.symbol)} stands before`,
        );
      }
      currency = { sign, symbol: written };
      symbol = '$';
    }
    if (symbol === undefined) {
      const rest = word.text.slice(at);
      if (at > 0 && USAGE_WORDS.has(rest.toUpperCase()))
        throw syntax(place, `A blank is missing before ${quoted(rest)}`);
      throw unknownSymbol(written, place);
    }
    const count =
      open === undefined ? 1 : repetition(repeat, close, inside(place, written.length), constants);
    const last = runs.at(-1);
    if (last?.symbol === symbol) runs[runs.length - 1] = { ...last, count: last.count + count };
    else runs.push({ symbol, count, at });
  }
  const [point, comma] = notation.decimalComma ? ([',', '.'] as const) : (['.', ','] as const);
  return { word, runs, currency: currency?.sign ?? '$', point, comma };
}

function symbolOf(written: string, { decimalComma }: Notation): string | undefined {
  const upper = written.toUpperCase();
  if (upper.length === 2 || KNOWN.includes(upper)) return upper;
  if (upper !== '.' && upper !== ',') return undefined;
  return (upper === ',') === decimalComma ? '.' : ',';
}

function currencyOf(written: string, { currency }: Notation): string | undefined {
  if (Object.hasOwn(currency, written)) return currency[written];
  return written === '$' ? '$' : undefined;
}

function unknownSymbol(written: string, place: Place): Error {
  const known = '`A B E G N P S U V X Z 9 0 * + - , . / CR DB` and the currency symbol';
  const hint = /[£€¥¢]/.test(written)
    ? '. A currency symbol is declared by CURRENCY SIGN or the option `currency`'
    : '';
  return syntax(place, `${quoted(written)} is no symbol of a PICTURE; those are ${known}${hint}`);
}

function repetition(
  repeat: string,
  close: string | undefined,
  place: Place,
  constants: ReadonlyMap<string, Literal>,
): number {
  const constant = constants.get(repeat.toUpperCase());
  const text = constant?.kind === 'number' ? constant.text : repeat;
  if (!/^\d+$/.test(text) || close === '') throw syntax(place, REPETITION);
  const times = Number(text);
  if (times === 0) throw syntax(inside(place, 1), 'A repetition of 0 leaves no character position');
  return times;
}

/** Digits of a number: 31 in Enterprise COBOL (ARITH(EXTEND)), 38 in GnuCOBOL and Micro Focus. */
const MAX_DIGITS = 38;

/** What a kind of picture says beside its text. */
export type PictureFacts = Omit<Picture, 'text'>;

/** `digits` are those that are stored; the positions of P count for the limit too. */
export function checkDigits(symbols: Symbols, digits: number): void {
  const { word, runs } = symbols;
  if (digits === 0) throw syntax(word.place, `The PICTURE ${quoted(word.text)} has no digit`);
  const all = digits + count(runs, 'P');
  if (all > MAX_DIGITS)
    throw syntax(word.place, `A number has at most ${MAX_DIGITS} digits, this one has ${all}`);
}

/** How often the symbols stand there. */
export function count(runs: readonly Run[], symbols: string): number {
  return runs.reduce((sum, run) => (symbols.includes(run.symbol) ? sum + run.count : sum), 0);
}

export function isOnly(runs: readonly Run[], symbols: string): boolean {
  return runs.every(({ symbol }) => symbols.includes(symbol));
}

export function placeOf({ word }: Symbols, { at }: { readonly at: number }): Place {
  return inside(word.place, at);
}
