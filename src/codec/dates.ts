// Knows: days and times written by a pattern, both ways, as canonical ISO text.
// Must not know: bytes and charsets; it works on text. No clock: a pattern has all digits of the year.

import { Fault } from '../fault.ts';
import { parseTemporal } from '../model/value.ts';
import { shown } from '../query/literal.ts';
import type { Flaw } from './flaw.ts';

type Part = 'yyyy' | 'MM' | 'dd' | 'HH' | 'mm' | 'ss' | 'SSS';
type Piece =
  | { readonly kind: 'part'; readonly part: Part }
  | { readonly kind: 'literal'; readonly text: string };

/** A pattern, read: the pieces and which kind of value it makes. */
export interface TemporalPattern {
  readonly text: string;
  readonly kind: 'date' | 'time' | 'timestamp';
  /** Characters that every value takes. */
  readonly length: number;
  readonly pieces: readonly Piece[];
}

const PIECES = /yyyy|MM|dd|HH|mm|ss|SSS|'((?:[^']|'')*)'|([^A-Za-z'])/gy;
const DATE_PARTS: readonly Part[] = ['yyyy', 'MM', 'dd'];

/** Reads `yyyyMMdd` and the like (Unicode TR 35 letters). Throws a misconfigured `invalid` Fault for another pattern. */
export function parseTemporalPattern(text: string): TemporalPattern {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(PIECES)) {
    const [whole, quoted, plain] = match;
    end = match.index + whole.length;
    const literal = plain ?? (quoted === '' ? "'" : quoted?.replaceAll("''", "'"));
    pieces.push(isPart(whole) ? { kind: 'part', part: whole } : { kind: 'literal', text: literal ?? '' });
  }
  const parts = pieces.flatMap((piece) => (piece.kind === 'part' ? [piece.part] : []));
  const dateParts = DATE_PARTS.filter((part) => parts.includes(part)).length;
  const hasTime = parts.includes('HH');
  const once = new Set(parts).size === parts.length;
  if (end !== text.length || !once || (dateParts !== 0 && dateParts !== 3) || (dateParts === 0 && !hasTime)) {
    throw new Fault('invalid', `"${text}" is no pattern of a date or time`, {
      code: 'bad-date-pattern',
      misconfigured: true,
      hint: 'A day needs yyyy, MM and dd, a time HH; mm, ss and SSS may follow: yyyyMMdd, yyyy-MM-dd HH:mm:ss. Other letters stand in single quotes.',
    });
  }
  const length = pieces.reduce((sum, p) => sum + (p.kind === 'part' ? p.part.length : p.text.length), 0);
  return { text, kind: dateParts === 0 ? 'time' : hasTime ? 'timestamp' : 'date', length, pieces };
}

function isPart(text: string): text is Part {
  return /^(?:yyyy|MM|dd|HH|mm|ss|SSS)$/.test(text);
}

/** Canonical ISO text, or why the text is no such day or time. Blanks behind it are no part of it. */
export function readTemporal(pattern: TemporalPattern, field: string): string | Flaw {
  const text = field.trim();
  const found: Partial<Record<Part, string>> = {};
  let at = 0;
  for (const piece of pattern.pieces) {
    const width = piece.kind === 'part' ? piece.part.length : piece.text.length;
    const here = text.slice(at, at + width);
    at += width;
    if (piece.kind === 'literal' ? here !== piece.text : !/^\d+$/.test(here) || here.length !== width) {
      return bad(text, `does not follow the pattern ${pattern.text}`);
    }
    if (piece.kind === 'part') found[piece.part] = here;
  }
  if (at !== text.length) return bad(text, `does not follow the pattern ${pattern.text}`);
  const { yyyy = '', MM = '', dd = '', HH = '', mm = '00', ss = '00', SSS = '000' } = found;
  const date = `${yyyy}-${MM}-${dd}`;
  const time = `${HH}:${mm}:${ss}.${SSS}`;
  const iso = { date, time, timestamp: `${date}T${time}` }[pattern.kind];
  return parseTemporal(pattern.kind, iso) ?? bad(text, `is no ${pattern.kind} that exists`);
}

function bad(text: string, why: string): Flaw {
  return { flaw: 'bad-date', message: `${shown(text)} ${why}` };
}

/** Canonical ISO text by the pattern, or undefined if the pattern cannot show all of it. */
export function writeTemporal(pattern: TemporalPattern, iso: string): string | undefined {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', millis = ''] =
    /^(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?$/.exec(iso) ?? [];
  const values: Record<Part, string> = {
    yyyy: year,
    MM: month,
    dd: day,
    HH: hour,
    mm: minute,
    ss: second || '00',
    SSS: millis.padEnd(3, '0'),
  };
  const text = pattern.pieces
    .map((piece) => (piece.kind === 'part' ? values[piece.part] : piece.text))
    .join('');
  return readTemporal(pattern, text) === iso ? text : undefined;
}
