// Knows: what JSON.parse passes over in silence: a member that stands twice, a number that reads as a shorter one.
// Must not know: what the JSON means.

import { Fault } from '../fault.ts';

/** The object or list that is being read, and where in it. */
interface Level {
  /** Of an object: the members seen. */
  readonly names?: Set<string>;
  at: string | number;
}

/**
 * The text is valid JSON. Throws `invalid` with the dotted path of a member whose name its object has twice (RFC 8259, section 4: what comes
 * of it is anybody's guess), and of a number with so many digits that it would be read as another whole or
 * another, plainer one: 9007199254740993, 1.00000000000000001.
 */
export function checkExact(text: string): void {
  const levels: Level[] = [];
  let level: Level | undefined;
  let naming = false;
  for (let i = 0; i < text.length; ) {
    const unit = text.charCodeAt(i);
    switch (unit) {
      case OPEN_OBJECT:
      case OPEN_LIST:
        naming = unit === OPEN_OBJECT;
        level = naming ? { names: new Set(), at: '' } : { at: 0 };
        levels.push(level);
        i++;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        levels.pop();
        level = levels.at(-1);
        i++;
        break;
      case COMMA:
        naming = level?.names !== undefined;
        if (typeof level?.at === 'number') level.at++;
        i++;
        break;
      case QUOTE: {
        const end = endOfString(text, i);
        if (naming && level?.names !== undefined) {
          level.at = nameOf(text.slice(i, end));
          if (level.names.has(level.at)) throw twice(pathOf(levels));
          level.names.add(level.at);
          naming = false;
        }
        i = end;
        break;
      }
      default: {
        const end = endOfNumber(text, i);
        if (end - i > CERTAIN_DIGITS && isShortened(text.slice(i, end))) throw shortened(pathOf(levels));
        i = Math.max(end, i + 1);
      }
    }
  }
}

const [QUOTE, COMMA, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST, BACKSLASH] = [
  0x22, 0x2c, 0x7b, 0x7d, 0x5b, 0x5d, 0x5c,
] as const;
const [PLUS, MINUS, POINT, ZERO, NINE, LOWER_E, UPPER_E] = [
  0x2b, 0x2d, 0x2e, 0x30, 0x39, 0x65, 0x45,
] as const;

function endOfString(text: string, from: number): number {
  let i = from + 1;
  for (let unit = text.charCodeAt(i); unit !== QUOTE && i < text.length; unit = text.charCodeAt(i)) {
    i += unit === BACKSLASH ? 2 : 1;
  }
  return i + 1;
}

/** Two spellings of one name are the same name. */
function nameOf(quoted: string): string {
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
}

/** `from` itself, where no number begins: the e of true and false is no number's. */
function endOfNumber(text: string, from: number): number {
  const first = text.charCodeAt(from);
  if (first !== MINUS && !isDigit(first)) return from;
  let i = from + 1;
  while (isDigit(text.charCodeAt(i)) || isSign(text.charCodeAt(i))) i++;
  return i;
}

function isDigit(unit: number): boolean {
  return unit >= ZERO && unit <= NINE;
}

function isSign(unit: number): boolean {
  return unit === POINT || unit === LOWER_E || unit === UPPER_E || unit === MINUS || unit === PLUS;
}

/** Every double has a text of at most 17 digits, and every text of at most 15 digits survives a double. */
const CERTAIN_DIGITS = 15;

function isShortened(number: string): boolean {
  if (/^-?\d+$/.test(number)) {
    const read = Number(number);
    // What is too large for any double is refused by who knows what it is for.
    return Number.isFinite(read) && digitsOf(String(read)) !== digitsOf(number);
  }
  return (
    significantDigits(number) > CERTAIN_DIGITS && significantDigits(String(Number(number))) <= CERTAIN_DIGITS
  );
}

/** Of a number of at most 309 digits, without sign, point, exponent and the zeros behind them. */
function digitsOf(number: string): string {
  return number.replace(/e.*$/, '').replace(/\D/g, '').replace(/0+$/, '');
}

/** From the first that is not zero to the last, the exponent left out. */
function significantDigits(number: string): number {
  let digits = 0;
  let zeros = 0;
  for (let i = 0; i < number.length; i++) {
    const unit = number.charCodeAt(i);
    if (unit === LOWER_E || unit === UPPER_E) break;
    if (!isDigit(unit)) continue;
    if (unit === ZERO) zeros += digits === 0 ? 0 : 1;
    else {
      digits += zeros + 1;
      zeros = 0;
    }
  }
  return digits;
}

function pathOf(levels: readonly Level[]): string {
  return levels
    .map(({ at }, i) => (typeof at === 'number' ? `[${at}]` : `${i === 0 ? '' : '.'}${at}`))
    .join('')
    .slice(0, 200);
}

function twice(path: string): Fault {
  return new Fault('invalid', 'A member stands twice in one object', {
    code: 'repeated-member',
    parameter: path,
  });
}

function shortened(path: string): Fault {
  return new Fault('invalid', 'A number has more digits than can be read with certainty', {
    code: 'bad-value',
    parameter: path,
    hint: 'Write it as text, in quotes',
  });
}
