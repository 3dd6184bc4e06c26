// Knows: days and times written by a pattern, both ways, as canonical ISO text.
// Must not know: bytes and charsets; it works on text. No clock: what a year of two digits means, the pattern's window says.

import { Fault } from '../../fault.ts';
import { parseTemporal } from '../../model/value.ts';
import { shown } from '../../query/literal.ts';
import type { Flaw } from './flaw.ts';

type Part = 'yyyy' | 'yy' | 'c' | 'MM' | 'dd' | 'DDD' | 'HH' | 'mm' | 'ss' | 'SSS';
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
  /** First of the hundred years that `yy` stands for. */
  readonly window: number;
}

const PIECES = /yyyy|yy|c|MM|dd|DDD|HH|mm|ss|SSS|'((?:[^']|'')*)'|([^A-Za-z'])/gy;
const PART = /^(?:yyyy|yy|c|MM|dd|DDD|HH|mm|ss|SSS)$/;
/** The ways to name a day. */
const DAYS: readonly string[] = ['MM dd yyyy', 'MM dd yy', 'MM c dd yy', 'DDD yyyy', 'DDD yy', 'DDD c yy'];
const DEFAULT_WINDOW = 1950;

/** Reads `yyyyMMdd` and the like (Unicode TR 35 letters; `c`: centuries since 1900). Throws a misconfigured `invalid` Fault for another pattern. */
export function parseTemporalPattern(text: string, window = DEFAULT_WINDOW): TemporalPattern {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(PIECES)) {
    const [whole, quoted, plain] = match;
    end = match.index + whole.length;
    const literal = plain ?? (quoted === '' ? "'" : quoted?.replaceAll("''", "'"));
    pieces.push(isPart(whole) ? { kind: 'part', part: whole } : { kind: 'literal', text: literal ?? '' });
  }
  const parts = pieces.flatMap((piece) => (piece.kind === 'part' ? [piece.part] : []));
  const day = parts.filter((part) => !/^(?:HH|mm|ss|SSS)$/.test(part)).toSorted();
  const hasTime = parts.includes('HH');
  const once = new Set(parts).size === parts.length;
  const isTime = day.length === 0 && hasTime;
  if (
    end !== text.length ||
    !once ||
    !(isTime || DAYS.includes(day.join(' '))) ||
    (!hasTime && parts.length !== day.length)
  ) {
    throw new Fault('invalid', `"${text}" is no pattern of a date or time`, {
      code: 'bad-date-pattern',
      misconfigured: true,
      hint: 'A day needs a year (yyyy, yy or cyy) with MM and dd or with DDD, a time HH; mm, ss and SSS may follow: yyyyMMdd, yyDDD, yyyy-MM-dd HH:mm:ss. Other letters stand in single quotes.',
    });
  }
  const length = pieces.reduce((sum, p) => sum + (p.kind === 'part' ? p.part.length : p.text.length), 0);
  return { text, kind: isTime ? 'time' : hasTime ? 'timestamp' : 'date', length, pieces, window };
}

function isPart(text: string): text is Part {
  return PART.test(text);
}

/** Canonical ISO text, or why the text is no such day or time. Blanks around it are no part of it. */
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
  const { HH = '', mm = '00', ss = '00', SSS = '000' } = found;
  const date = pattern.kind === 'time' ? '' : dayOf(found, pattern.window);
  const time = `${HH}:${mm}:${ss}.${SSS}`;
  const iso = { date, time, timestamp: `${date}T${time}` }[pattern.kind];
  return parseTemporal(pattern.kind, iso) ?? bad(text, `is no ${pattern.kind} that exists`);
}

function dayOf(found: Partial<Record<Part, string>>, window: number): string {
  const year = String(yearOf(found, window)).padStart(4, '0');
  const { MM = '', dd = '', DDD } = found;
  if (DDD === undefined) return `${year}-${MM}-${dd}`;
  const first = new Temporal.PlainDate(Number(year), 1, 1);
  const day = Number(DDD);
  return day >= 1 && day <= first.daysInYear ? first.add({ days: day - 1 }).toString() : `day ${DDD}`;
}

function yearOf({ yyyy, yy, c }: Partial<Record<Part, string>>, window: number): number {
  if (yyyy !== undefined) return Number(yyyy);
  const short = Number(yy);
  if (c !== undefined) return 1900 + Number(c) * 100 + short;
  const year = window - (window % 100) + short;
  return year < window ? year + 100 : year;
}

function bad(text: string, why: string): Flaw {
  return { flaw: 'bad-date', message: `${shown(text)} ${why}` };
}

/** Canonical ISO text by the pattern, or undefined if the pattern cannot show all of it: a year outside of its window, seconds. */
export function writeTemporal(pattern: TemporalPattern, iso: string): string | undefined {
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', millis = ''] =
    /^(?:(\d{4})-(\d\d)-(\d\d))?T?(?:(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?)?$/.exec(iso) ?? [];
  const values: Record<Part, string> = {
    yyyy: year,
    yy: year.slice(2),
    c: String(Math.floor(Number(year) / 100) - 19),
    MM: month,
    dd: day,
    DDD: year === '' ? '' : dayOfYear(year, month, day),
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

function dayOfYear(year: string, month: string, day: string): string {
  const date = parseTemporal('date', `${year}-${month}-${day}`);
  return date === undefined ? '' : String(Temporal.PlainDate.from(date).dayOfYear).padStart(3, '0');
}
