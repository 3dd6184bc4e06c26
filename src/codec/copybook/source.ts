// Knows: reference formats: which part of each line is code, and which is sequence number, comment or identification.
// Must not know: words and clauses.

import type { CopybookFaults } from './copybook-faults.ts';

/**
 * `fixed`: columns 1–6 sequence area, 7 indicator, 8–72 code, 73–80 identification (Enterprise COBOL Language
 * Reference, "Reference format"). `free`: all of the line is code.
 */
export type ReferenceFormat = 'fixed' | 'free';

/** The code of one line, as offsets into the line's own text. */
export interface CodeLine {
  readonly line: number;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A text and how its lines are to be read; line 1 is `lines[0]`. */
export interface SourceText {
  readonly lines: readonly string[];
  readonly format: ReferenceFormat;
}

/** Splits a text into lines; a Ctrl-Z, the end of a file under CP/M and DOS, ends it. */
export function readSource(text: string, format?: ReferenceFormat): SourceText {
  const [kept = ''] = text.split('\u001a', 1);
  const lines = kept.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  return { lines, format: format ?? detectFormat(lines) };
}

const INDICATOR = 7;
const FIRST_CODE = 8;
const LAST_CODE = 72;
const TAB = 8;

/** The lines that hold code; blank lines and comments are left out. */
export function readCode({ lines, format }: SourceText, faults: CopybookFaults): readonly CodeLine[] {
  const code: CodeLine[] = [];
  for (const [i, text] of lines.entries()) {
    const line = i + 1;
    const start = format === 'free' ? 0 : offsetOf(text, FIRST_CODE);
    const end = format === 'free' ? text.length : offsetOf(text, LAST_CODE + 1);
    if (text.slice(0, end).trim() === '' || isComment(text, format)) continue;
    if (format === 'fixed') checkIndicator(text, line, faults);
    if (text.slice(start, end).trim() !== '') code.push({ line, text, start, end });
  }
  return code;
}

/**
 * Many copybooks are kept without the sequence area. A line that is no comment and has a level number before
 * column 8 says so: in fixed format that number would be lost. A sequence number has six digits.
 */
function detectFormat(lines: readonly string[]): ReferenceFormat {
  return lines.some((line) => /^ {0,6}\d{1,2}\s/.test(line) && !isComment(line, 'fixed')) ? 'free' : 'fixed';
}

/** What fixed format ignores behind the code of a line (counted from 1), unless it looks like a sequence number. */
export function ignoredText({ lines, format }: SourceText, line: number): string {
  const text = lines[line - 1] ?? '';
  const ignored = format === 'fixed' ? text.slice(offsetOf(text, LAST_CODE + 1)).trim() : '';
  return /^\d+$/.test(ignored) ? '' : ignored;
}

/** `*` and `/` begin a comment; `D` begins a debugging line, which is one unless a program is compiled for debugging. */
function isComment(text: string, format: ReferenceFormat): boolean {
  if (format === 'free') return /^\s*[*/]/.test(text);
  return /^[*/dD]$/.test(indicator(text));
}

function indicator(text: string): string {
  const at = offsetOf(text, INDICATOR);
  return text.slice(at, Math.min(at + 1, offsetOf(text, FIRST_CODE)));
}

function checkIndicator(text: string, line: number, faults: CopybookFaults): void {
  const mark = indicator(text);
  const place = { line, column: offsetOf(text, INDICATOR) + 1 };
  if (mark === '-') throw faults.unsupported(place, 'A continuation line (`-` in column 7)');
  if (mark.trim() !== '') {
    throw faults.syntax(
      place,
      'Column 7 of a line in fixed format holds a blank or one of `*` `/` `D` `-`; code begins in column 8',
    );
  }
}

/** Offset of the first character at or behind a column, where a tab leads to the next column 8 n + 1. */
function offsetOf(text: string, column: number): number {
  let at = 1;
  for (let offset = 0; offset < text.length; offset++) {
    if (at >= column) return offset;
    at = text[offset] === '\t' ? at + TAB - ((at - 1) % TAB) : at + 1;
  }
  return text.length;
}
