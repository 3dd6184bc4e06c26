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
 * of it is anybody's guess), and of a number with so many digits that it would be read as another, plainer one: 1.00000000000000001.
 */
export function checkExact(text: string): void {
  const levels: Level[] = [];
  let naming = false;
  for (let i = 0; i < text.length; ) {
    const level = levels.at(-1);
    switch (text[i]) {
      case '{':
        levels.push({ names: new Set(), at: '' });
        naming = true;
        i++;
        break;
      case '[':
        levels.push({ at: 0 });
        naming = false;
        i++;
        break;
      case '}':
      case ']':
        levels.pop();
        i++;
        break;
      case ',':
        naming = level?.names !== undefined;
        if (level !== undefined && typeof level.at === 'number') level.at++;
        i++;
        break;
      case ':':
        naming = false;
        i++;
        break;
      case '"': {
        const end = endOfString(text, i);
        if (naming && level?.names !== undefined) {
          const name = String(JSON.parse(text.slice(i, end)));
          level.at = name;
          if (level.names.has(name)) throw twice(pathOf(levels));
          level.names.add(name);
        }
        i = end;
        break;
      }
      default: {
        const end = endOfNumber(text, i);
        if (end > i && isShortened(text.slice(i, end))) throw shortened(pathOf(levels));
        i = Math.max(end, i + 1);
      }
    }
  }
}

function endOfString(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length && text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i + 1;
}

/** `from` itself, where no number begins. */
function endOfNumber(text: string, from: number): number {
  let i = from;
  while (i < text.length && '0123456789+-.eE'.includes(text[i] ?? '')) i++;
  // The e of true and false is no number's.
  return /[-\d]/.test(text[from] ?? '') ? i : from;
}

/** Every double has a text of at most 17 digits, and every text of at most 15 digits survives a double. */
const CERTAIN_DIGITS = 15;

function isShortened(number: string): boolean {
  return (
    number.length > CERTAIN_DIGITS &&
    significantDigits(number) > CERTAIN_DIGITS &&
    significantDigits(String(Number(number))) <= CERTAIN_DIGITS
  );
}

/** From the first that is not zero to the last. */
function significantDigits(number: string): number {
  const [mantissa = ''] = number.split(/[eE]/, 1);
  const digits = mantissa.replaceAll(/[-+.]/g, '');
  let first = 0;
  let last = digits.length;
  while (first < last && digits[first] === '0') first++;
  while (last > first && digits[last - 1] === '0') last--;
  return last - first;
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
