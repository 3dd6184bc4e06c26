// Knows: the way from a source text to its tree.
// Must not know: files. Whoever calls it has read the text.

import { copybookFaults } from './copybook-faults.ts';
import { readEntries } from './entries.ts';
import { growRecords } from './item-tree.ts';
import { type ReferenceFormat, readCode, readSource } from './source.ts';
import type { Copybook } from './tree.ts';
import { readerOf } from './word-reader.ts';
import { readWords } from './words.ts';

export interface ParseCopybookOptions {
  /** What messages call the text, for instance its file name. */
  readonly file?: string;
  /** Absent: detected. */
  readonly format?: ReferenceFormat;
}

/**
 * Reads the record descriptions of a COBOL source text.
 *
 * Throws an `invalid`, misconfigured Fault with the code `copybook-syntax` for what is no COBOL, or
 * `copybook-unsupported` for COBOL that is not read yet. Its message has line, column, the line with a caret, and the
 * nearest right word. Nothing is skipped.
 */
export function parseCopybook(text: string, options: ParseCopybookOptions = {}): Copybook {
  const source = readSource(text, options.format);
  const faults = copybookFaults(source.lines, options.file);
  const reader = readerOf(readWords(readCode(source, faults), faults), faults);
  const records = growRecords(readEntries(reader, source), faults);
  if (records.length === 0) throw faults.syntax({ line: 1, column: 1 }, 'The text describes no item');
  return { records };
}
