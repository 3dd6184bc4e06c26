// Knows: how the lines of a text become lines of code: comments, directives, continuation, the divisions that describe no data.
// Must not know: words and clauses.

import { CONDITIONAL, type ConditionalDirective } from './conditional-compilation.ts';
import { type Place, placeIn, quoted, type SourceText, syntax, unsupported } from './copybook-faults.ts';
import { includedName, isListingLine, isOptionsLine, readDirective } from './directives.ts';
import type { ReferenceFormat } from './reference-format.ts';
import { codeOf, detectFormat, indicatorOf, isComment, longLine, marginOf } from './reference-format.ts';

/** The code of one line, with what continuation lines add to it. */
export interface CodeLine {
  readonly code: string;
  /** Where its parts stand: each begins at offset `at` of the code. */
  readonly parts: readonly { readonly at: number; readonly place: Place }[];
  /** In place of code. */
  readonly directive?: ConditionalDirective;
}

/** What ends the code of a text, though branches may still be open. */
export const END_OF_DATA = 'PROCEDURE';

/** Says where an offset of the code stands; asked for in rising order. */
export function placesOf({ parts }: CodeLine): (offset: number) => Place {
  let current = 0;
  return (offset) => {
    while ((parts[current + 1]?.at ?? Number.POSITIVE_INFINITY) <= offset) current++;
    const part = parts[current];
    if (part === undefined) throw new Error('a line of code has a part');
    return { ...part.place, column: part.place.column + offset - part.at };
  };
}

export interface SourceOptions {
  /** Of all texts. Absent: detected for each. */
  readonly format?: ReferenceFormat;
  /** How a text is read whose lines are too long for fixed format; told of each. */
  readonly long?: { readonly format: 'fixed' | 'variable'; found(text: SourceText, line: number): void };
  /** Debugging lines are code; otherwise they are comments. */
  readonly debugging?: boolean;
}

/** Splits a text into lines; a Ctrl-Z, the end of a file under CP/M and DOS, ends it. */
export function sourceText(
  text: string,
  { format, long }: SourceOptions,
  about: Pick<SourceText, 'file' | 'copiedAt'>,
): SourceText {
  const [kept = ''] = text.split('\u001a', 1);
  const lines = kept.replace(/^\ufeff/, '').split(/\r\n|\n|\r/);
  if (format !== undefined) return { ...about, lines, format };
  const detected = detectFormat(lines);
  const line = detected === 'fixed' && long !== undefined ? longLine(lines) : 0;
  if (line === 0 || long === undefined) return { ...about, lines, format: detected };
  const source: SourceText = { ...about, lines, format: long.format };
  long.found(source, line);
  return source;
}

const ANY_DIVISION = /^\s*(?:(?:ENVIRONMENT|DATA)\s+DIVISION|[A-Z]+(?:-STORAGE)?\s+SECTION)\b/i;
const FIRST_DIVISION = /^\s*(?:IDENTIFICATION|ID)\s+DIVISION\b/i;
const LAST_DIVISION = /^\s*PROCEDURE\s+DIVISION\b/i;

/**
 * The lines of code up to the PROCEDURE DIVISION, without blank lines and comments, and without the IDENTIFICATION DIVISION,
 * whose paragraphs hold free text.
 */
export function readCode(text: SourceText, { debugging = false }: SourceOptions): readonly CodeLine[] {
  const code: OpenLine[] = [];
  let format = text.format;
  let identification = false;
  let depth = 0;
  for (const [i, line] of text.lines.entries()) {
    if (line.trim() === '' || (code.length === 0 && isOptionsLine(line))) continue;
    const included = includedName(line);
    if (included !== undefined) {
      const { name, at } = included;
      const place = placeIn(text, i + 1, at + 1);
      code.push({
        ...newLine(),
        chunks: [`COPY ${name} .`],
        parts: [
          { at: 0, place },
          { at: 5, place },
        ],
      });
      continue;
    }
    const lead = /^\s*(?:>>|\$)/.test(line)
      ? 0
      : format === 'free'
        ? 0
        : indicatorOf(line, format).column - 1;
    const { start, end } = codeOf(line, format);
    const behind = line.slice(lead, end).trimStart();
    const at = placeIn(text, i + 1, end - behind.length + 1);
    const directive = readDirective(behind, at);
    if (directive?.conditional !== undefined) {
      depth += CONDITIONAL[directive.conditional.name] ?? 0;
      code.push(directiveLine(directive.conditional, at));
    }
    if (directive?.format !== undefined && directive.format !== format) {
      if (depth > 0) throw unsupported(at, 'A change of the reference format inside conditional compilation');
      format = directive.format;
    }
    if (directive !== undefined && (directive.debug === undefined || !debugging)) continue;
    if (directive === undefined && isComment(line, format)) continue;
    const from = directive?.debug === undefined ? start : end - directive.debug.length;
    const piece = line.slice(from, end);
    const { mark, column } = directive === undefined ? indicatorOf(line, format) : { mark: ' ', column: 1 };
    if (mark !== '-') {
      if (LAST_DIVISION.test(piece)) {
        code.push(directiveLine({ name: END_OF_DATA, rest: '', restPlace: at, written: END_OF_DATA }, at));
        break;
      }
      identification = FIRST_DIVISION.test(piece) || (identification && !ANY_DIVISION.test(piece));
      if (identification || isListingLine(piece)) continue;
    } else if (identification) continue;
    if (mark === 'D' && !debugging) continue;
    if (!/^[ D-]$/.test(mark)) {
      const message = 'holds a blank or one of `*` `/` `D` `-`; code begins in column 8';
      throw syntax(placeIn(text, i + 1, column), `Column 7 of a line in ${format} format ${message}`);
    }
    const place = placeIn(text, i + 1, (mark === '-' && format === 'free' ? from + 1 : from) + 1);
    const shown = mark === '-' && format === 'free' ? piece.slice(1) : piece;
    if (shown.trim() === '') continue;
    const last = code.at(-1);
    if (mark === '-') {
      if (last === undefined || last.directive !== undefined)
        throw syntax(placeIn(text, i + 1, column), 'This line continues no line before it');
      continueLine(last, shown, place, format === 'free');
    } else if (last?.awaited !== undefined) {
      continueLine(last, shown, place, false);
    } else {
      code.push(newLine());
      append(code.at(-1), shown, place);
    }
    const current = code.at(-1);
    if (current !== undefined) current.margin = from === start ? marginOf(line, format) : 0;
  }
  return code.map(({ chunks, parts, directive }) => ({
    code: chunks.join(''),
    parts,
    ...(directive !== undefined && { directive }),
  }));
}

function directiveLine(directive: ConditionalDirective, place: Place): OpenLine {
  return { ...newLine(), parts: [{ at: 0, place }], directive };
}

function newLine(): OpenLine {
  return { chunks: [], parts: [], length: 0, open: undefined, awaited: undefined, margin: 0 };
}

/** A line of code that may be continued. */
interface OpenLine {
  readonly directive?: ConditionalDirective;
  readonly chunks: string[];
  readonly parts: { at: number; place: Place }[];
  length: number;
  /** The quote of a literal that is not closed. */
  open: string | undefined;
  /** The same, where `"-` at the line's end says that the next line goes on with it (ISO 1989, "Floating indicators"). */
  awaited: string | undefined;
  /** Blanks up to the right margin that the last line lacks. */
  margin: number;
}

function append(line: OpenLine | undefined, piece: string, place: Place): void {
  if (line === undefined) return;
  const { end, open } = scan(piece, line.open);
  let kept = piece.slice(0, end);
  line.parts.push({ at: line.length, place });
  line.open = open;
  line.awaited = undefined;
  const [floating, quote] = /(['"])-\s*$/.exec(kept.slice(-200).trimEnd()) ?? [];
  if (open === undefined && floating !== undefined && quote !== undefined) {
    kept = kept.trimEnd().slice(0, -floating.length);
    line.open = quote;
    line.awaited = quote;
  }
  line.chunks.push(kept);
  line.length += kept.length;
}

/** Enterprise COBOL Language Reference, "Continuation lines". `unsure`: the right margin of the line before is not known. */
function continueLine(line: OpenLine, piece: string, place: Place, unsure: boolean): void {
  const rest = piece.trimStart();
  const at = { ...place, column: place.column + piece.length - rest.length };
  const quote = line.open;
  if (quote !== undefined) {
    if (line.awaited === undefined) {
      if (unsure) throw syntax(at, 'A literal cannot be continued where lines have no right margin');
      line.chunks.push(' '.repeat(line.margin));
      line.length += line.margin;
    }
    if (!rest.startsWith(quote))
      throw syntax(at, `A continued literal goes on behind a quote (${quoted(quote)})`);
    append(line, rest.slice(1), { ...at, column: at.column + 1 });
    return;
  }
  const last = line.chunks.pop() ?? '';
  const kept = last.trimEnd();
  line.chunks.push(kept);
  line.length += kept.length - last.length;
  const [end = ''] = kept.slice(-1);
  if (/['"]/.test(end) && rest.startsWith(end)) {
    // A quote in the last column, and two behind the continuation: one quote inside the literal.
    if (line.margin > 0 || !rest.startsWith(end + end))
      throw syntax(at, 'The literal before this one is complete');
    append(line, rest.slice(1), { ...at, column: at.column + 1 });
    return;
  }
  append(line, rest, at);
}

/** Where the code ends (before `*>`), and the quote that is still open there. */
function scan(piece: string, before: string | undefined): { end: number; open: string | undefined } {
  let open = before;
  const marks = /['"]|\*>/g;
  for (let found = marks.exec(piece); found !== null; found = marks.exec(piece)) {
    const [mark] = found;
    if (mark === '*>') {
      if (open === undefined) return { end: found.index, open };
    } else if (open === undefined) open = mark;
    else if (open === mark) open = undefined;
  }
  return { end: piece.length, open };
}
