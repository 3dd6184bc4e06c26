// Knows: lines that speak to the compiler: directives, compiler options, page control.
// Must not know: columns, words and clauses.

import { didYouMean } from '../../model/naming.ts';
import { CONDITIONAL, type ConditionalDirective } from './conditional-compilation.ts';
import { inside, type Place, quoted, syntax } from './copybook-faults.ts';
import type { ReferenceFormat } from './reference-format.ts';

/** What a directive does to the lines behind it. `debug`: the rest of its own line is a debugging line. */
export interface Directive {
  readonly format?: ReferenceFormat;
  readonly debug?: string;
  readonly conditional?: ConditionalDirective;
}

/** Directives that change nothing that a record holds (ISO 1989, Enterprise COBOL, GnuCOBOL). */
const PASSED = new Set(
  (
    'SET CALLINTERFACE CALL-CONVENTION COBOL-WORDS DATA FLAG-02 FLAG-14 FLAG-85 FLAG-NIST INLINE INTO ' +
    'JAVA-CALLABLE JAVA-SHAREABLE LEAP-SECOND LISTING PAGE POP PROPAGATE PUSH REF-MOD-ZERO-LENGTH REPOSITORY TURN DISPLAY ' +
    'XML IMP'
  ).split(' '),
);
const SET_PASSED = new Set(['SET', 'DISPLAY', 'REGION', 'END-REGION']);

/**
 * The directive that a line holds, or undefined. `code` is the line without its sequence area and leading blanks, and without
 * what stands behind its right margin. Throws for a directive that nobody knows.
 */
export function readDirective(code: string, place: Place): Directive | undefined {
  const [, mark, name = '', rest = ''] = /^(>>|\$)[ \t]*([A-Za-z][A-Za-z0-9-]*)?(.*)$/s.exec(code) ?? [];
  if (mark === undefined) return undefined;
  const word = name.toUpperCase();
  const restPlace = inside(place, code.length - rest.length);
  const written = mark + word;
  if (Object.hasOwn(CONDITIONAL, word) && (mark === '>>' || word !== 'DEFINE')) {
    return { conditional: { name: word, rest, restPlace, written } };
  }
  if (mark === '$') return SET_PASSED.has(word) ? set(rest, restPlace) : undefined;
  if (word === 'D') return { debug: rest };
  if (word === 'SOURCE') {
    const format = /^\s+(?:FORMAT\s+)?(?:IS\s+)?(FREE|FIXED|VARIABLE)\b/i.exec(rest)?.[1];
    if (format !== undefined) return { format: formatOf(format) };
    throw syntax(place, '`>>SOURCE FORMAT IS` is followed by FIXED, VARIABLE or FREE');
  }
  if (PASSED.has(word)) return word === 'SET' ? set(rest, restPlace) : {};
  const near = didYouMean(word, ['SOURCE', 'D', ...PASSED, ...Object.keys(CONDITIONAL)]);
  throw syntax(place, `${quoted(`>>${name}`)} is no compiler directive.${near}`);
}

/** `$SET SOURCEFORMAT"FREE"` and `>>SET SOURCEFORMAT "FREE"`, `$SET CONSTANT NAME(5)`. */
function set(rest: string, place: Place): Directive {
  const constant = /\bCONSTANT\b/i.exec(rest);
  if (constant !== null) {
    const at = constant.index + constant[0].length;
    const conditional = {
      name: 'CONSTANT',
      rest: rest.slice(at),
      restPlace: inside(place, at),
      written: '$SET',
    };
    return { conditional };
  }
  const format = /\bSOURCE-?FORMAT[^A-Z0-9]{0,9}(FREE|FIXED|VARIABLE)\b/i.exec(rest)?.[1];
  return format === undefined ? {} : { format: formatOf(format) };
}

function formatOf(word: string): ReferenceFormat {
  const upper = word.toUpperCase();
  return upper === 'FREE' ? 'free' : upper === 'VARIABLE' ? 'variable' : 'fixed';
}

/** CBL and PROCESS, compiler options before the program; they may begin in column 1. */
export function isOptionsLine(line: string): boolean {
  return /^(?:\d{6})?\s*(?:CBL|PROCESS)(?:\s|$)/i.test(line);
}

/** `-INC NAME` (Librarian) and `++INCLUDE NAME` (Panvalet), which bring in a text as COPY does: the name and its offset in the line. */
export function includedName(line: string): { readonly name: string; readonly at: number } | undefined {
  const [found, before, name] =
    /^((?:.{6} {0,2}| {0,7})\+\+INCLUDE\s+|-INC\s+)([A-Z0-9@#$_-]+)/i.exec(line) ?? [];
  if (found === undefined || name === undefined || before === undefined) return undefined;
  return { name, at: before.length };
}

/** EJECT, SKIP1, SKIP2, SKIP3, TITLE, *CBL and *CONTROL shape the compiler's listing; each stands alone on its line. */
export function isListingLine(code: string): boolean {
  return /^\s*(?:EJECT|SKIP[123]|TITLE\s*(?:'[^']*'|"[^"]*")|\*(?:CBL|CONTROL)\s[A-Z\s,]*)\s*\.?\s*$/i.test(
    code,
  );
}
