// Knows: the columns of each reference format, what marks a comment line, and how the format of a text is recognised.
// Must not know: words and clauses, continuation, directives.

/**
 * `fixed`: columns 1–6 sequence area, 7 indicator, 8–72 code, 73–80 identification (Enterprise COBOL Language
 * Reference, "Reference format"). `variable`: the same without a right margin (Micro Focus). `free`: all of the line is code.
 */
export type ReferenceFormat = 'fixed' | 'variable' | 'free';

const INDICATOR = 7;
const FIRST_CODE = 8;
const LAST_CODE = 72;
const LAST_COLUMN = 80;
const TAB = 8;

/** Offsets of the first character of code in a line, and of the first one behind it. */
export function codeOf(
  line: string,
  format: ReferenceFormat,
): { readonly start: number; readonly end: number } {
  if (format === 'free') return { start: 0, end: line.length };
  const end = format === 'fixed' ? offsetOf(line, LAST_CODE + 1) : line.length;
  return { start: offsetOf(line, FIRST_CODE), end };
}

/** Blanks that a line of fixed format lacks up to its right margin: a literal that is continued holds them. */
export function marginOf(line: string, format: ReferenceFormat): number {
  return format === 'fixed' ? Math.max(0, LAST_CODE + 1 - columnAt(line, line.length)) : 0;
}

/** The character in column 7, upper case; a blank in free format. `column` is where it stands. */
export function indicatorOf(
  line: string,
  format: ReferenceFormat,
): { readonly mark: string; readonly column: number } {
  if (format === 'free') return { mark: /^-\s/.test(line) ? '-' : ' ', column: 1 };
  const at = offsetOf(line, INDICATOR);
  const mark = line.slice(at, Math.min(at + 1, offsetOf(line, FIRST_CODE))).toUpperCase();
  return { mark: mark.trim() === '' ? ' ' : mark, column: at + 1 };
}

/**
 * `*` and `/` in column 7 begin a comment, `*>` before column 8 too. A banner of asterisks often begins in column 1: then
 * column 7 says nothing. Without columns (free format, or a copybook without its sequence area) a comment begins the line.
 */
export function isComment(line: string, format: ReferenceFormat): boolean {
  if (format === 'free') return /^\s*[*/]/.test(line);
  const { mark } = indicatorOf(line, format);
  if (mark === '*' || mark === '/') return true;
  return /^ {0,6}\*>/.test(line) || (line.startsWith('*') && (/^\*[\s*]/.test(line) || !/^[ -]$/.test(mark)));
}

/** A level number, a header or COPY before column 8: in fixed format it would be lost. A sequence number has six digits. */
const LOST =
  /^ {0,6}(?:\d{1,2}\s|(?:IDENTIFICATION|ID|ENVIRONMENT|DATA|PROCEDURE) +DIVISION\b|[A-Z]+(?:-STORAGE)? +SECTION\b|COPY +\S+(?:\.\s*$| +(?:OF|IN|REPLACING|SUPPRESS)\b))/i;

/** Many copybooks are kept without the sequence area: then all of the line is code. */
export function detectFormat(lines: readonly string[]): 'fixed' | 'free' {
  return lines.some((line) => LOST.test(line) && !isComment(line, 'fixed')) ? 'free' : 'fixed';
}

/**
 * The first line that goes on behind column 80, where fixed format ends: its number, or 0. Either the text has no right
 * margin, or something is noted there.
 */
export function longLine(lines: readonly string[]): number {
  const isLong = (line: string): boolean =>
    (line.length > LAST_COLUMN || line.includes('\t')) &&
    line.slice(offsetOf(line, LAST_COLUMN + 1)).trim() !== '' &&
    !isComment(line, 'fixed');
  return lines.findIndex(isLong) + 1;
}

/** What fixed format ignores behind the code of a line, unless it looks like a sequence number. */
export function ignoredText(line: string, format: ReferenceFormat): string {
  const ignored = format === 'fixed' ? line.slice(offsetOf(line, LAST_CODE + 1)).trim() : '';
  return /^\d+$/.test(ignored) ? '' : ignored;
}

/** Does a word go on from column 72 to column 73? */
export function isThroughMargin(line: string): boolean {
  const behind = offsetOf(line, LAST_CODE + 1);
  return behind > 0 && /^\S\S/.test(line.slice(behind - 1));
}

/** Offset of the first character at or behind a column, where a tab leads to the next column 8 n + 1. */
function offsetOf(line: string, column: number): number {
  let at = 1;
  for (let offset = 0; offset < line.length; offset++) {
    if (at >= column) return offset;
    at = nextColumn(line, offset, at);
  }
  return line.length;
}

function columnAt(line: string, end: number): number {
  let at = 1;
  for (let offset = 0; offset < end; offset++) at = nextColumn(line, offset, at);
  return at;
}

function nextColumn(line: string, offset: number, at: number): number {
  return line[offset] === '\t' ? at + TAB - ((at - 1) % TAB) : at + 1;
}
