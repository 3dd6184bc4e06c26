// Knows: how a fault in a source text is shown: line, column, the line itself and a caret under the column.
// Must not know: COBOL.

import { Fault } from '../../fault.ts';
import type { SourcePlace } from './tree.ts';

/** Makes the faults of one source text; the caller throws them. */
export interface CopybookFaults {
  /** The text is wrong at this place. */
  syntax(place: SourcePlace, message: string): Fault;
  /** The text may be right, but this gateway does not read `what` yet: refused, because skipping it would give wrong data. */
  unsupported(place: SourcePlace, what: string): Fault;
}

/** `file` is what the person calls the text; it begins each message. */
export function copybookFaults(lines: readonly string[], file?: string): CopybookFaults {
  const fault = (code: string, { line, column }: SourcePlace, message: string): Fault => {
    const where = `${file === undefined ? '' : `${file}, `}line ${line}, column ${column}`;
    const picture = excerpt(lines[line - 1] ?? '', column);
    return new Fault('invalid', `${where}: ${message}\n${picture}`, { code, misconfigured: true });
  };
  return {
    syntax: (place, message) => fault('copybook-syntax', place, message),
    unsupported: (place, what) => fault('copybook-unsupported', place, `${what} is not supported yet`),
  };
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
