// Knows: PICTURE character strings: their categories, sizes, and which symbols may stand together.
// Must not know: USAGE, bytes, other clauses.

import { quoted, syntax } from './copybook-faults.ts';
import { editedNumber, editedText } from './edited-picture.ts';
import {
  checkDigits,
  count,
  isOnly,
  MAX_POSITIONS,
  type PictureFacts,
  placeOf,
  type Run,
  readSymbols,
  type Symbols,
} from './picture-symbols.ts';
import type { Notation } from './special-names.ts';
import type { Literal, Picture } from './tree.ts';
import type { Word } from './words.ts';

/** Reads a PICTURE string. Sizes and categories: Enterprise COBOL Language Reference, "PICTURE clause". */
export function parsePicture(
  word: Word,
  notation: Notation,
  constants: ReadonlyMap<string, Literal>,
): Picture {
  const symbols = readSymbols(word, notation, constants);
  const { runs } = symbols;
  if (runs.reduce((sum, run) => sum + run.count, 0) > MAX_POSITIONS) {
    throw syntax(word.place, `An item has at most ${MAX_POSITIONS} characters`);
  }
  return { text: word.text, ...factsOf(symbols) };
}

function factsOf(symbols: Symbols): PictureFacts {
  const { runs } = symbols;
  const wide = runs.find(({ symbol }) => 'NGU'.includes(symbol));
  if (wide !== undefined) return wideText(symbols, wide.symbol);
  if (count(runs, 'AX') > 0) return text(symbols);
  if (count(runs, 'E') > 0) return externalFloat(symbols);
  if (isOnly(runs, '9SVP')) return number(symbols);
  if (isOnly(runs, '9S.') && count(runs, '.') === 1) return explicitPoint(symbols);
  return editedNumber(symbols);
}

function text(symbols: Symbols): PictureFacts {
  const { runs } = symbols;
  only(symbols, 'AX9B0/', '`A` or `X`');
  if (count(runs, 'B0/') > 0)
    return { ...TEXT, category: 'alphanumeric-edited', ...editedText(symbols, 'AX9') };
  const category = count(runs, 'X9') > 0 ? 'alphanumeric' : 'alphabetic';
  return { ...TEXT, category, positions: count(runs, 'AX9') };
}

const TEXT = { digits: 0, scale: 0, signed: false };

/** N: national characters, G: double-byte characters, U: characters of UTF-8. */
function wideText(symbols: Symbols, symbol: string): PictureFacts {
  const { runs } = symbols;
  only(symbols, symbol === 'N' ? 'NB0/' : symbol === 'G' ? 'GB' : 'U', quoted(symbol));
  const category = symbol === 'N' ? 'national' : symbol === 'G' ? 'dbcs' : 'utf-8';
  if (isOnly(runs, symbol)) return { ...TEXT, category, positions: count(runs, symbol) };
  return { ...TEXT, category, ...editedText(symbols, symbol) };
}

function only(symbols: Symbols, allowed: string, beside: string): void {
  const bad = symbols.runs.find(({ symbol }) => !allowed.includes(symbol));
  if (bad === undefined) return;
  throw syntax(placeOf(symbols, bad), `${quoted(bad.symbol)} cannot stand in a PICTURE with ${beside}`);
}

/** A picture of 9, S, V and P. */
function number(symbols: Symbols): PictureFacts {
  const { runs } = symbols;
  const point = checkNumber(symbols);
  const digits = count(runs, '9');
  const scaling = count(runs, 'P');
  const behind = point < 0 ? 0 : count(runs.slice(point), '9');
  const atLeft =
    runs.findIndex(({ symbol }) => symbol === 'P') < runs.findIndex(({ symbol }) => symbol === '9');
  const scale = scaling === 0 ? behind : atLeft ? digits + scaling : -scaling;
  return { category: 'numeric', positions: digits, digits, scale, signed: isSigned(runs) };
}

function explicitPoint(symbols: Symbols): PictureFacts {
  const { runs } = symbols;
  const point = checkNumber(symbols);
  const digits = count(runs, '9');
  const scale = count(runs.slice(point), '9');
  const { point: written } = symbols;
  return {
    category: 'explicit-point',
    positions: digits + 1,
    digits,
    scale,
    signed: isSigned(runs),
    point: written,
  };
}

function isSigned(runs: readonly Run[]): boolean {
  return runs[0]?.symbol === 'S';
}

/** Checks what goes for every number without editing; the index of its decimal point among the runs, or −1. */
function checkNumber(symbols: Symbols): number {
  const { runs } = symbols;
  const point = runs.findIndex(isPoint);
  const scaling = runs.findIndex(({ symbol }) => symbol === 'P');
  for (const [i, run] of runs.entries()) {
    const place = placeOf(symbols, run);
    if (run.symbol === 'S' && i > 0) throw syntax(place, '`S` can only be the first symbol of a PICTURE');
    if ('SV.'.includes(run.symbol) && run.count > 1) {
      throw syntax(place, `${quoted(run.symbol)} cannot be repeated`);
    }
    if (isPoint(run) && i !== point) throw syntax(place, 'A PICTURE has one decimal point (`V` or `.`)');
  }
  if (scaling >= 0) checkScaling(symbols, scaling);
  checkDigits(symbols, count(runs, '9'));
  return point;
}

function isPoint({ symbol }: Run): boolean {
  return symbol === 'V' || symbol === '.';
}

/** P stands left of all digits or right of them, and V, if there is one, beyond P. */
function checkScaling(symbols: Symbols, scaling: number): void {
  const { runs } = symbols;
  const left = runs.slice(isSigned(runs) ? 1 : 0, scaling).map(({ symbol }) => symbol);
  const right = runs.slice(scaling + 1).map(({ symbol }) => symbol);
  const shape = `${left.join('')}P${right.join('')}`;
  if (/^(?:V?P9|9PV?)$/.test(shape)) return;
  const run = runs.findLast(({ symbol }) => symbol === 'P') ?? { at: 0 };
  throw syntax(
    placeOf(symbols, run),
    '`P` stands left of all digits or right of them, and `V` only beyond it',
  );
}

/** `+9(3).99E+99` (Enterprise COBOL Language Reference, "External floating-point items"). */
function externalFloat(symbols: Symbols): PictureFacts {
  const { runs, word, point } = symbols;
  const shape = runs
    .map(({ symbol, count: times }) => (symbol === '9' ? '9' : symbol.repeat(Math.min(times, 2))))
    .join('');
  if (!/^[+-](?:9[V.]?9?|[V.]9)E[+-]9$/.test(shape)) {
    const message =
      'External floating point is a sign, digits with a point, `E`, a sign, and two digits: `+9(3).99E+99`';
    throw syntax(word.place, message);
  }
  const mantissa = runs.slice(
    0,
    runs.findIndex(({ symbol }) => symbol === 'E'),
  );
  const digits = count(mantissa, '9');
  checkDigits(symbols, digits);
  const exponent = runs.at(-1);
  if (exponent !== undefined && exponent.count > 4) {
    throw syntax(placeOf(symbols, exponent), 'An exponent has at most four digits');
  }
  const at = mantissa.findIndex(isPoint);
  const positions = count(runs, '9.E+-');
  const scale = at < 0 ? 0 : count(mantissa.slice(at), '9');
  return { category: 'external-float', positions, digits, scale, signed: true, point };
}
