// Knows: edited pictures: suppression, floating strings, signs, currency and insertion, position by position.
// Must not know: how values are put through them.

import { quoted, syntax } from './copybook-faults.ts';
import { checkDigits, count, type PictureFacts, placeOf, type Symbols } from './picture-symbols.ts';
import type { Edit, EditPosition } from './tree.ts';

/** Positions of an edited picture; Enterprise COBOL allows 249. */
const MAX_EDITED = 65_535;

/** One character of the picture, repetitions written out. */
interface Char {
  readonly symbol: string;
  readonly at: number;
}

function writtenOut(symbols: Symbols): readonly Char[] {
  const { runs, word } = symbols;
  const all = runs.reduce((sum, run) => sum + run.count, 0);
  if (all > MAX_EDITED) throw syntax(word.place, `An edited PICTURE has at most ${MAX_EDITED} characters`);
  return runs.flatMap(({ symbol, count: times, at }) =>
    Array.from({ length: times }, () => ({ symbol, at })),
  );
}

/** Text with blanks, zeros and slashes put in; `characters` are the symbols of the text. */
export function editedText(symbols: Symbols, characters: string): Pick<PictureFacts, 'positions' | 'edit'> {
  const positions = writtenOut(symbols).map(
    ({ symbol }): EditPosition =>
      characters.includes(symbol) ? { kind: 'character' } : insertion(symbol, symbols),
  );
  return { positions: positions.length, edit: { positions, currency: symbols.currency } };
}

const POINTS = ['.', 'V'];
const INSERTS = ['B', '0', '/', ','];

/** A number with editing symbols (Enterprise COBOL Language Reference, "PICTURE clause editing", "Symbol order"). */
export function editedNumber(symbols: Symbols): PictureFacts {
  const chars = writtenOut(symbols);
  const float = floatOf(symbols, chars);
  checkOrder(symbols, chars, float);
  const first = chars.findIndex(({ symbol }) => symbol === float);
  const isDigit = ({ symbol }: Char, i: number): boolean =>
    '9Z*'.includes(symbol) || (symbol === float && i !== first);
  const digits = chars.filter(isDigit).length;
  checkDigits(symbols, digits);
  const point = chars.findIndex(({ symbol }) => POINTS.includes(symbol));
  const behind = point < 0 ? 0 : chars.filter((char, i) => i > point && isDigit(char, i)).length;
  const scaling = count(symbols.runs, 'P');
  const atLeft = chars.findIndex(({ symbol }) => symbol === 'P') < chars.findIndex(isDigit);
  const positions = chars.flatMap(({ symbol }) => positionOf(symbol, float, symbols));
  const edit: Edit = { positions, currency: symbols.currency };
  const signed = symbols.runs.some(({ symbol }) => ['+', '-', 'CR', 'DB'].includes(symbol));
  const scale = scaling === 0 ? behind : atLeft ? digits + scaling : -scaling;
  return { category: 'numeric-edited', positions: widthOf(edit), digits, scale, signed, edit };
}

function positionOf(symbol: string, float: string | undefined, symbols: Symbols): readonly EditPosition[] {
  switch (symbol) {
    case '9':
      return [{ kind: 'digit' }];
    case 'Z':
    case '*':
      return [{ kind: 'suppress', symbol }];
    case '+':
    case '-':
      return [{ kind: symbol === float ? 'float' : 'sign', symbol }];
    case '$':
      return symbol === float ? [{ kind: 'float', symbol: 'currency' }] : [{ kind: 'currency' }];
    case 'CR':
    case 'DB':
      return [{ kind: 'credit', symbol }];
    case '.':
      return [{ kind: 'point', symbol: symbols.point }];
    case 'V':
      return [{ kind: 'implied-point' }];
    case 'P':
      return [];
    default:
      return [insertion(symbol, symbols)];
  }
}

function insertion(symbol: string, { comma }: Symbols): EditPosition {
  if (symbol === 'B') return { kind: 'insert', symbol: ' ' };
  return { kind: 'insert', symbol: symbol === '0' ? '0' : symbol === '/' ? '/' : comma };
}

/** CR and DB take two characters; a currency sign takes its own length where it stands first, one character elsewhere. */
function widthOf({ positions, currency }: Edit): number {
  let width = 0;
  let shown = false;
  for (const position of positions) {
    const isCurrency =
      position.kind === 'currency' || (position.kind === 'float' && position.symbol === 'currency');
    if (position.kind === 'credit') width += 2;
    else if (position.kind !== 'implied-point') width += isCurrency && !shown ? currency.length : 1;
    shown ||= isCurrency;
  }
  return width;
}

/** The symbol that floats: a sign or currency symbol that stands more than once. */
function floatOf(symbols: Symbols, chars: readonly Char[]): string | undefined {
  let float: string | undefined;
  for (const symbol of ['+', '-', '$']) {
    const first = chars.findIndex((char) => char.symbol === symbol);
    const last = chars.findLastIndex((char) => char.symbol === symbol);
    if (first === last) continue;
    const between = chars.slice(first, last);
    const bad = between.find(
      (char) => char.symbol !== symbol && ![...POINTS, ...INSERTS].includes(char.symbol),
    );
    const end = chars[last];
    if (bad !== undefined && end !== undefined) {
      throw syntax(
        placeOf(symbols, end),
        `${quoted(symbol)} stands here and, with digits between them, before`,
      );
    }
    const second = chars[first];
    if (float !== undefined && second !== undefined) {
      throw syntax(
        placeOf(symbols, second),
        `${quoted(float)} floats already; ${quoted(symbol)} cannot float too`,
      );
    }
    float = symbol;
  }
  return float;
}

function checkOrder(symbols: Symbols, chars: readonly Char[], float: string | undefined): void {
  const refuse = (char: Char, message: string): Error =>
    syntax(placeOf(symbols, char), `${quoted(char.symbol)} ${message}`);
  const suppressed = chars.filter(({ symbol }) => 'Z*'.includes(symbol) || symbol === float);
  const kind = suppressed[0]?.symbol;
  const point = chars.findIndex(({ symbol }) => POINTS.includes(symbol));
  const isFixed = ({ symbol }: Char): boolean =>
    symbol !== float && ['+', '-', '$', 'CR', 'DB'].includes(symbol);
  const floats = chars.findIndex(({ symbol }) => symbol === float);
  const [, extraSign] = chars.filter(
    ({ symbol }, i) => ['+', '-', 'CR', 'DB'].includes(symbol) && (symbol !== float || i === floats),
  );
  if (extraSign !== undefined) throw refuse(extraSign, 'is a second sign');
  const kindBehind = chars.findLastIndex(({ symbol }) => symbol === kind);
  let digit = false;
  for (const [i, char] of chars.entries()) {
    const { symbol } = char;
    if (symbol === 'S') throw refuse(char, 'cannot stand in an edited PICTURE; signs are `+ - CR DB`');
    if (symbol === 'E') throw refuse(char, 'stands only in external floating point');
    if (POINTS.includes(symbol) && i !== point) throw refuse(char, 'is a second decimal point');
    if (('Z*'.includes(symbol) || symbol === float) && symbol !== kind) {
      throw refuse(char, `cannot stand in a PICTURE with ${quoted(kind ?? '')}`);
    }
    if (symbol === '9') digit = true;
    else if (symbol === kind && digit) throw refuse(char, 'cannot stand behind `9`');
    if (symbol === '9' && point >= 0 && i > point && kindBehind > point) {
      throw refuse(char, `cannot stand behind the decimal point with ${quoted(kind ?? '')}`);
    }
    if (isFixed(char) && !standsAtEnd(chars, i)) throw refuse(char, 'stands only at an end of the PICTURE');
  }
  checkScaled(symbols, chars, float);
}

/** A sign that does not float is the first or last symbol, a currency symbol too, or beside that sign. CR and DB are last. */
function standsAtEnd(chars: readonly Char[], i: number): boolean {
  const isSign = (char: Char | undefined): boolean => ['+', '-', 'CR', 'DB'].includes(char?.symbol ?? '');
  const { symbol } = chars[i] ?? { symbol: '' };
  const last = chars.length - 1;
  if (symbol === 'CR' || symbol === 'DB') return i === last;
  if (symbol !== '$') return i === 0 || i === last;
  return i === 0 || i === last || (i === 1 && isSign(chars[0])) || (i === last - 1 && isSign(chars[last]));
}

function checkScaled(symbols: Symbols, chars: readonly Char[], float: string | undefined): void {
  const first = chars.findIndex(({ symbol }) => symbol === 'P');
  if (first < 0) return;
  const last = chars.findLastIndex(({ symbol }) => symbol === 'P');
  const isDigit = ({ symbol }: Char): boolean => '9Z*'.includes(symbol) || symbol === float;
  const left = chars.slice(0, first).some(isDigit);
  const right = chars.slice(last + 1).some(isDigit);
  const between = chars.slice(first, last + 1).some(({ symbol }) => symbol !== 'P');
  const point = chars.find(({ symbol }) => symbol === '.');
  const implied = chars.findIndex(({ symbol }) => symbol === 'V');
  const beyond = implied < 0 || (left ? implied > last : implied < first);
  const char = chars[last];
  if (char !== undefined && ((left && right) || between || point !== undefined || !beyond)) {
    throw syntax(
      placeOf(symbols, char),
      '`P` stands left of all digits or right of them, and `V` only beyond it',
    );
  }
}
