// Knows: code pages as people write them down: ICU's `.ucm` files and plain lists of bytes and characters.
// Must not know: what is made of a page.

import { Fault } from '../../fault.ts';

/** One line of a page. */
export interface Mapping {
  readonly line: number;
  /** One byte, or a pair: its first byte × 256 + its second one. */
  readonly code: number;
  readonly isPair: boolean;
  /** One code point, or several that are written as one. */
  readonly text: string;
  /** `write`: the character is written so but not read back. `read`: the bytes are read so but not written. */
  readonly use: 'both' | 'write' | 'read';
}

const UCM_USES: Readonly<Record<string, Mapping['use'] | 'substitute'>> = {
  0: 'both',
  1: 'write',
  // What ICU writes instead of a character that the page does not have.
  2: 'substitute',
  3: 'read',
  4: 'write',
};

const UCM_LINE = /^((?:<U[0-9A-F]+>\+?)+)\s+((?:\\x[0-9A-F]{2})+)\s+\|(\d)$/i;

/**
 * The mappings of a page. A text with a line `CHARMAP` is a `.ucm` file (ICU User Guide, "Conversion Data"): between `CHARMAP` and
 * `END CHARMAP` lines like `<U0041> \xC1 |0`. Any other is a list: lines like `C1 U+0041` or `0xC1 0x0041`, or 256 lines
 * with nothing but `U+0041` (`-`: the byte has no character). `#` begins a comment. Throws `invalid` (`bad-charset-table`) with all
 * lines that are wrong, ten at most.
 */
export function readPage(file: string, text: string): readonly Mapping[] {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ line: index + 1, text: line.replace(/#.*$/, '').trim() }))
    .filter((line) => line.text !== '');
  const page = collect(file);
  const first = lines.findIndex((line) => line.text === 'CHARMAP');
  if (first < 0) readList(lines, page);
  else {
    const last = lines.findIndex((line) => line.text === 'END CHARMAP');
    readUcm(lines.slice(first + 1, last < 0 ? undefined : last), page);
  }
  return page.finish();
}

interface Line {
  readonly line: number;
  readonly text: string;
}

function readUcm(lines: readonly Line[], page: Collector): void {
  for (const { line, text } of lines) {
    const [, points = '', bytes = '', flag = ''] = UCM_LINE.exec(text) ?? [];
    const use = UCM_USES[flag];
    if (use === undefined) page.problem(line, `"${text}" is not a mapping like "<U0041> \\xC1 |0"`);
    else if (use !== 'substitute') {
      const codes = Array.from(points.matchAll(/<U([0-9A-F]+)>/gi), ([, digits = '']) => digits);
      page.add(line, bytes.replaceAll('\\x', ''), codes, use);
    }
  }
}

const LIST_LINE = /^(?:0x|\\x)?([0-9A-F]{2}|[0-9A-F]{4})(?:\s+(?:-|(?:U\+|0x)([0-9A-F]{2,6})))?$/i;

function readList(lines: readonly Line[], page: Collector): void {
  const isColumn = lines.length > 0 && lines.every(({ text }) => /^(U\+[0-9A-F]+|-)$/i.test(text));
  if (isColumn && lines.length !== 256) {
    page.problem(
      lines.at(-1)?.line ?? 1,
      `a list without bytes has 256 lines, and this one has ${lines.length}`,
    );
    return;
  }
  for (const [byte, { line, text }] of lines.entries()) {
    const said = isColumn ? `${byte.toString(16).padStart(2, '0')} ${text}` : text;
    const [matched, hex = '', point] = LIST_LINE.exec(said) ?? [];
    if (matched === undefined) page.problem(line, `"${text}" is not a mapping like "C1 U+0041"`);
    else if (point !== undefined) page.add(line, hex, [point], page.isWritten(point) ? 'read' : 'both');
  }
}

const MOST_PROBLEMS = 10;

interface Collector {
  add(line: number, hex: string, points: readonly string[], use: Mapping['use']): void;
  /** Has the character bytes already? In a list the first ones are those that are written. */
  isWritten(point: string): boolean;
  problem(line: number, what: string): void;
  finish(): readonly Mapping[];
}

function collect(file: string): Collector {
  const mappings: Mapping[] = [];
  const problems: string[] = [];
  /** By bytes, by character: the line that said so first. */
  const lineOfBytes = new Map<string, number>();
  const lineOfCharacter = new Map<string, number>();
  const problem = (line: number, what: string): void => {
    problems.push(`${file}:${line}: ${what}`);
  };

  const wrong = (hex: string, points: readonly number[], text: string): string | undefined => {
    if (hex.length > 4) return `${hex}: only pages of one or two bytes a character can be read`;
    const bad = points.find((point) => !isCharacter(point));
    if (bad !== undefined) return `U+${bad.toString(16).toUpperCase().padStart(4, '0')} is no character`;
    if (hex.length === 4 && hex < '4040') return `${hex}: there is no pair before 4040`;
    if (text.length > hex.length / 2) {
      return `${hex}: only one UTF-16 unit can be the character of a byte, only two that of a pair`;
    }
    return undefined;
  };

  return {
    add(line, digits, points, use) {
      const hex = digits.toUpperCase();
      const numbers = points.map((point) => Number.parseInt(point, 16));
      const text = String.fromCodePoint(...numbers.map((point) => Math.min(point, 0x10_ffff)));
      const said = wrong(hex, numbers, text);
      if (said !== undefined) return problem(line, said);
      const same = use === 'write' ? undefined : lineOfBytes.get(hex);
      if (same !== undefined) return problem(line, `${hex} has a character in line ${same} already`);
      const other = use === 'read' ? undefined : lineOfCharacter.get(text);
      if (other !== undefined)
        return problem(line, `this character is written as line ${other} says already`);
      if (use !== 'write') lineOfBytes.set(hex, line);
      if (use !== 'read') lineOfCharacter.set(text, line);
      mappings.push({ line, code: Number.parseInt(hex, 16), isPair: hex.length === 4, text, use });
    },
    isWritten: (point) =>
      lineOfCharacter.has(String.fromCodePoint(Math.min(Number.parseInt(point, 16), 0x10_ffff))),
    problem,
    finish() {
      if (problems.length === 0) return mappings;
      const [first = ''] = problems;
      throw new Fault('invalid', first, {
        code: 'bad-charset-table',
        misconfigured: true,
        errors: problems.slice(0, MOST_PROBLEMS).map((message) => ({ message })),
      });
    },
  };
}

/** U+FFFD stands for no character in tables, and surrogates are halves of one. */
function isCharacter(point: number): boolean {
  return point <= 0x10_ffff && (point < 0xd800 || point >= 0xe000) && point !== 0xfffd;
}
