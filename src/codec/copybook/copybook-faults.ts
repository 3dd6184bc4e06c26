// Knows: how a fault in a source text is shown: file, line, column, the line itself, a caret, and the COPYs that led there.
// Must not know: COBOL.

import { Fault } from '../../fault.ts';
import { ignoredText, isThroughMargin, type ReferenceFormat } from './reference-format.ts';
import type { SourcePlace } from './tree.ts';

/** One text as it came; line 1 is `lines[0]`. */
export interface SourceText {
  readonly lines: readonly string[];
  /** Of its beginning; directives may change it. */
  readonly format: ReferenceFormat;
  /** What messages call it. */
  readonly file?: string;
  /** Where the COPY stands that brought it in; absent for the first text. */
  readonly copiedAt?: Place;
}

/** A place that knows its text. */
export interface Place extends SourcePlace {
  readonly text: SourceText;
}

export function placeIn(text: SourceText, line: number, column: number): Place {
  const copied = text.copiedAt !== undefined && text.file !== undefined;
  return { line, column, ...(copied && { file: text.file }), text };
}

/** The place as the tree keeps it: plain data. */
export function plain({ line, column, file }: SourcePlace): SourcePlace {
  return { line, column, ...(file !== undefined && { file }) };
}

/** A place some columns further on. */
export function inside(place: Place, offset: number): Place {
  return { ...place, column: place.column + offset };
}

/** The text is wrong at this place. */
export function syntax(place: Place, message: string): Fault {
  return faultAt('copybook-syntax', place, message);
}

/** The text may be right, but this gateway does not read `what`: refused, because skipping it would give wrong data. */
export function unsupported(place: Place, what: string): Fault {
  return faultAt('copybook-unsupported', place, `${what} is not supported`);
}

/** A text that COPY names cannot be had. */
export function missing(place: Place, message: string): Fault {
  return faultAt('copybook-missing', place, message);
}

/** The text is too large, or grows too much, to be a copybook. */
export function excessive(place: Place, message: string): Fault {
  return faultAt('copybook-limit', place, message);
}

function faultAt(code: string, place: Place, message: string): Fault {
  const line = place.text.lines[place.line - 1] ?? '';
  // A word that was continued or put in by REPLACING is longer than its line.
  const column = Math.min(place.column, line.length + 1);
  const about = message + cutOff(place.text, line, message);
  const shown = `${where({ ...place, column })}: ${about}\n${excerpt(line, column)}`;
  return new Fault('invalid', shown + copies(place.text), { code, misconfigured: true });
}

const CHANGES_FORMAT = /(?:>>|\$)[ \t]*(?:SET\b.*)?SOURCE/i;

/** What is ignored behind column 72 of a line; nothing where a directive may have changed the format. */
export function ignoredIn({ lines, format }: SourceText, line: string): string {
  return lines.some((each) => CHANGES_FORMAT.test(each)) ? '' : ignoredText(line, format);
}

/** Says what fixed format does not read, where the code of a line goes on through the right margin. */
function cutOff(text: SourceText, line: string, message: string): string {
  const ignored = ignoredIn(text, line);
  const isThrough = ignored !== '' && isThroughMargin(line) && !message.includes('is ignored');
  return isThrough
    ? `${message.endsWith('.') ? '' : '.'} What stands behind column 72, ${quoted(ignored)}, is ignored.`
    : '';
}

function where({ text, line, column }: Place): string {
  return `${text.file === undefined ? '' : `${text.file}, `}line ${line}, column ${column}`;
}

/** COPYs of a chain that a message shows. */
const SHOWN_COPIES = 10;

function copies(text: SourceText): string {
  let chain = '';
  let at = text.copiedAt;
  for (let n = 0; at !== undefined; n++, at = at.text.copiedAt) {
    if (n === SHOWN_COPIES) return `${chain}\n…`;
    chain += `\ncopied at ${where(at)}`;
  }
  return chain;
}

/** Columns of a long line that are shown on each side of the caret. */
const SHOWN_COLUMNS = 90;

/** The line and below it a caret under the column. Tabs stay tabs in both, so that they line up on every terminal. */
function excerpt(line: string, column: number): string {
  const from = Math.max(0, column - 1 - SHOWN_COLUMNS);
  const shown = line.slice(from, column - 1 + SHOWN_COLUMNS).replace(/[^\P{Cc}\t]/gu, '?');
  const blank = shown
    .slice(0, column - 1 - from)
    .padEnd(column - 1 - from)
    .replace(/[^\t]/g, ' ');
  const [before, indent] = from > 0 ? ['…', ' '] : ['', ''];
  const after = line.length > column - 1 + SHOWN_COLUMNS ? '…' : '';
  return `${before}${shown}${after}\n${indent}${blank}^`;
}

/** A word of the text as a message quotes it: in back quotes, shortened. */
export function quoted(text: string): string {
  return `\`${text.length > 60 ? `${text.slice(0, 60)}…` : text}\``;
}
