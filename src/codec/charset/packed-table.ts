// Knows: how thousands of pairs and their characters are packed into text that is small and that any tool leaves alone.
// Must not know: which pages there are.
//
// The text is numbers, each of one to four of 92 printable characters. Pairs come in ascending order, each number says what
// the next one is: 0 N, that this pair and the N behind it continue both countings (next pair, next code point); 1 N, that N
// pairs have no character; any other, how far the code point is from the one that would continue the counting.

const DIGITS = Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)).filter(
  (c) => c !== "'" && c !== '\\',
);
const BASE = DIGITS.length;
const VALUES = new Uint8Array(128);
for (const [value, digit] of DIGITS.entries()) VALUES[digit.charCodeAt(0)] = value;

/** First digits of numbers of one, two, three and four digits: how many of them there are. */
const FIRSTS = [28, 40, 23, 1];

const RUN = 0;
const GAP = 1;
const STEP = 2;
const NOTHING = -1;

export function packNumbers(numbers: Iterable<number>): string {
  let text = '';
  for (const number of numbers) text += packNumber(number);
  return text;
}

function packNumber(number: number): string {
  let rest = number;
  let first = 0;
  for (const [more, count] of FIRSTS.entries()) {
    const size = count * BASE ** more;
    if (rest < size) {
      let digits = '';
      for (let i = 0; i < more; i++) {
        digits = (DIGITS[rest % BASE] ?? '') + digits;
        rest = Math.floor(rest / BASE);
      }
      return (DIGITS[first + rest] ?? '') + digits;
    }
    rest -= size;
    first += count;
  }
  throw new RangeError(`${number} is too great to be packed`);
}

/** Where the numbers begin whose first digit says that they have one, two, three or four. */
const STARTS = FIRSTS.map((_, more) =>
  FIRSTS.slice(0, more).reduce((sum, count, less) => sum + count * BASE ** less, 0),
);
/** By first digit: how many digits follow, and what to add to the number that they make. */
const FOLLOWING = new Uint8Array(BASE);
const ADDED = new Int32Array(BASE);
let digitsBefore = 0;
for (const [more, count] of FIRSTS.entries()) {
  const added = (STARTS[more] ?? 0) - digitsBefore * BASE ** more;
  FOLLOWING.fill(more, digitsBefore, digitsBefore + count);
  ADDED.fill(added, digitsBefore, digitsBefore + count);
  digitsBefore += count;
}

/** Calls `take` with each number of the text. */
export function unpackNumbers(text: string, take: (number: number) => void): void {
  for (let at = 0; at < text.length; ) {
    const first = VALUES[text.charCodeAt(at++)] ?? 0;
    const end = at + (FOLLOWING[first] ?? 0);
    let number = first;
    while (at < end) number = number * BASE + (VALUES[text.charCodeAt(at++)] ?? 0);
    take(number + (ADDED[first] ?? 0));
  }
}

/** `[pair, code point]`, ascending by pair. */
export function packPairs(entries: Iterable<readonly [number, number]>): string {
  const numbers: number[] = [];
  let nextPair = 0;
  let nextPoint = 0;
  let run = 0;
  const endRun = (): void => {
    if (run > 0) numbers.push(RUN, run - 1);
    run = 0;
  };
  for (const [pair, point] of entries) {
    if (pair !== nextPair) {
      endRun();
      numbers.push(GAP, pair - nextPair);
    }
    if (point === nextPoint) run++;
    else {
      endRun();
      const away = point - nextPoint;
      numbers.push(STEP + (away > 0 ? 2 * away - 1 : -2 * away - 2));
    }
    nextPair = pair + 1;
    nextPoint = point + 1;
  }
  endRun();
  return packNumbers(numbers);
}

/** Calls `take` with each pair of the text and its code point. */
export function unpackPairs(text: string, take: (pair: number, point: number) => void): void {
  let pair = 0;
  let point = 0;
  let command = NOTHING;
  unpackNumbers(text, (number) => {
    if (command === NOTHING && number < STEP) {
      command = number;
      return;
    }
    if (command === GAP) pair += number;
    else if (command === RUN) for (let i = 0; i <= number; i++) take(pair++, point++);
    else {
      const away = number - STEP;
      point += away % 2 === 1 ? (away + 1) / 2 : -(away + 2) / 2;
      take(pair++, point++);
    }
    command = NOTHING;
  });
}
