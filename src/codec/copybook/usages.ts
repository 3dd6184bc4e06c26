// Knows: the words of USAGE and what each means, of IBM's and of other compilers.
// Must not know: the other clauses, bytes.

import { didYouMean } from '../../model/naming.ts';
import { quoted, syntax, unsupported } from './copybook-faults.ts';
import type { Usage } from './tree.ts';
import type { WordReader } from './word-reader.ts';
import { keywordOf } from './words.ts';

/** Without the synonyms that begin with COMPUTATIONAL. */
const SHORT: Readonly<Record<string, Usage>> = {
  DISPLAY: 'display',
  'DISPLAY-1': 'display-1',
  NATIONAL: 'national',
  'UTF-8': 'utf-8',
  COMP: 'comp',
  'COMP-0': 'comp',
  'COMP-4': 'comp',
  BINARY: 'comp',
  'COMP-1': 'comp-1',
  'FLOAT-SHORT': 'comp-1',
  'COMP-2': 'comp-2',
  'FLOAT-LONG': 'comp-2',
  'FLOAT-BINARY-32': 'float-binary-32',
  'FLOAT-BINARY-64': 'float-binary-64',
  'COMP-3': 'comp-3',
  'PACKED-DECIMAL': 'comp-3',
  'COMP-5': 'comp-5',
  'COMP-6': 'comp-6',
  'COMP-9': 'comp-9',
  'COMP-N': 'comp-n',
  'COMP-X': 'comp-x',
  'BINARY-CHAR': 'binary-char',
  'BINARY-SHORT': 'binary-short',
  'BINARY-LONG': 'binary-long',
  'BINARY-INT': 'binary-long',
  'BINARY-DOUBLE': 'binary-double',
  'BINARY-LONG-LONG': 'binary-double',
  'SIGNED-SHORT': 'binary-short',
  'UNSIGNED-SHORT': 'binary-short',
  'SIGNED-INT': 'binary-long',
  'UNSIGNED-INT': 'binary-long',
  INDEX: 'index',
  POINTER: 'pointer',
  'POINTER-32': 'pointer-32',
  'FUNCTION-POINTER': 'function-pointer',
  'PROCEDURE-POINTER': 'procedure-pointer',
  'PROGRAM-POINTER': 'procedure-pointer',
};

const USAGES: Readonly<Record<string, Usage>> = {
  ...SHORT,
  ...Object.fromEntries(
    Object.entries(SHORT)
      .filter(([word]) => word.startsWith('COMP'))
      .map(([word, usage]) => [word.replace('COMP', 'COMPUTATIONAL'), usage]),
  ),
};

/** Sizes that differ from machine to machine, or that no record holds. */
const REFUSED = new Set(
  (
    'FLOAT-EXTENDED FLOAT-BINARY-128 FLOAT-DECIMAL-7 FLOAT-DECIMAL-16 FLOAT-DECIMAL-34 ' +
    'BINARY-C-LONG SIGNED-LONG UNSIGNED-LONG BIT HANDLE MESSAGE-TAG COMP-10 COMP-15 COMPUTATIONAL-10 ' +
    'COMPUTATIONAL-15 STRING'
  ).split(' '),
);

/** Words that make a USAGE clause without the word USAGE. */
export const USAGE_WORDS: ReadonlySet<string> = new Set([...Object.keys(USAGES), ...REFUSED, 'OBJECT']);

export interface ReadUsage {
  readonly usage: Usage;
  /** Of BINARY-LONG and the like. */
  readonly signed?: boolean;
}

/** Reads what stands behind USAGE IS. */
export function readUsage(reader: WordReader): ReadUsage {
  const word = reader.next();
  const keyword = keywordOf(word);
  if (REFUSED.has(keyword)) throw unsupported(word.place, `USAGE ${keyword}`);
  if (keyword === 'SQL') throw unsupported(word.place, 'USAGE SQL TYPE');
  if (keyword === 'OBJECT') {
    const reference = reader.next();
    if (keywordOf(reference) !== 'REFERENCE')
      throw syntax(reference.place, 'OBJECT is followed by REFERENCE');
    return { usage: 'object-reference' };
  }
  const usage = Object.hasOwn(USAGES, keyword) ? USAGES[keyword] : undefined;
  if (usage === undefined) {
    const near = didYouMean(keyword, [...Object.keys(USAGES), ...REFUSED]);
    throw syntax(word.place, `${quoted(word.text)} is no USAGE.${near}`);
  }
  if (/^(?:UN)?SIGNED-/.test(keyword)) return { usage, signed: keyword.startsWith('SIGNED') };
  if (!usage.startsWith('binary-')) return { usage };
  const unsigned = reader.accept('UNSIGNED');
  if (!unsigned) reader.accept('SIGNED');
  return { usage, signed: !unsigned };
}
