// Knows: the way from a source text to its tree.
// Must not know: files. Whoever calls it has read the text.

import { Fault } from '../../fault.ts';
import { type Place, placeIn, type SourceText, syntax } from './copybook-faults.ts';
import { type CopyOptions, expand } from './copying.ts';
import { readEntries } from './entries.ts';
import { growRecords } from './item-tree.ts';
import { sourceText } from './source.ts';
import { readNotation } from './special-names.ts';
import type { Copybook } from './tree.ts';
import { readerOf } from './word-reader.ts';
import { splitLists } from './words.ts';

export interface ParseCopybookOptions extends Omit<CopyOptions, 'long'> {
  /** What messages call the text, for instance its file name. */
  readonly file?: string;
  /** DECIMAL-POINT IS COMMA, for a copybook without the program that says so. */
  readonly decimalComma?: boolean;
  /** CURRENCY SIGN clauses: picture symbol → the text that it stands for; `$` stands for itself unless told otherwise. */
  readonly currency?: Readonly<Record<string, string>>;
}

/**
 * Reads the record descriptions of a COBOL source text, a copybook or a program.
 *
 * Throws an `invalid`, misconfigured Fault with the code `copybook-syntax` for what is no COBOL, `copybook-unsupported` for
 * COBOL whose bytes are not known, `copybook-missing` for a COPY that finds no text, or `copybook-limit`. Its message has
 * file, line, column, the line with a caret, the COPYs that led there, and the nearest right word. Nothing is skipped.
 */
export function parseCopybook(text: string, options: ParseCopybookOptions = {}): Copybook {
  let place: Place | undefined;
  const read = (format: 'fixed' | 'variable'): Copybook => {
    const found = (source: SourceText, line: number): void => {
      place ??= placeIn(source, line, 1);
    };
    return parseAs(text, { ...options, long: { format, found } });
  };
  const fixed = attempt(() => read('fixed'));
  if (place === undefined) return resultOf(fixed);
  const variable = attempt(() => read('variable'));
  if (fixed instanceof Fault || variable instanceof Fault)
    return resultOf(variable instanceof Fault ? fixed : variable);
  if (JSON.stringify(fixed) === JSON.stringify(variable)) return fixed;
  const message = 'What stands behind column 72 changes what the text says, and may be code or a note';
  throw syntax(place, `${message}: say that the format is \`fixed\` or \`variable\``);
}

function attempt(read: () => Copybook): Copybook | Fault {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}

function resultOf(result: Copybook | Fault): Copybook {
  if (result instanceof Fault) throw result;
  return result;
}

function parseAs(text: string, options: ParseCopybookOptions & CopyOptions): Copybook {
  const { file, decimalComma = false, currency = {} } = options;
  const source = sourceText(text, options, file === undefined ? {} : { file });
  const { words, constants } = expand(source, options);
  const notation = readNotation(words, { decimalComma, currency });
  const reader = readerOf(splitLists(words, notation.decimalComma), constants);
  const records = growRecords(readEntries(reader, notation));
  if (records.length === 0) throw syntax(placeIn(source, 1, 1), 'The text describes no item');
  return { records };
}

export type { FindCopy } from './copying.ts';
export type { ReferenceFormat } from './reference-format.ts';
