// Knows: how the files of an outbox are called: by a pattern with the moment and a running number.
// Must not know: what is in them, clocks, folders.

import { misconfigured } from '../misconfigured.ts';

export interface OutboxName {
  /** Path of the file with this number; `at`: epoch milliseconds. The moment is in UTC. */
  path(at: number, number: number): string;
  /** The number in a path that was made at this moment, as far as the pattern tells moments apart. */
  numberIn(path: string, at: number): number | undefined;
}

type Piece = { readonly text: string } | { readonly moment: readonly string[] } | { readonly digits: number };

const MOMENT: Readonly<Record<string, (at: Temporal.PlainDateTime) => string>> = {
  yyyy: ({ year }) => String(year).padStart(4, '0'),
  yy: ({ year }) => String(year % 100).padStart(2, '0'),
  MM: ({ month }) => String(month).padStart(2, '0'),
  dd: ({ day }) => String(day).padStart(2, '0'),
  DDD: ({ dayOfYear }) => String(dayOfYear).padStart(3, '0'),
  HH: ({ hour }) => String(hour).padStart(2, '0'),
  mm: ({ minute }) => String(minute).padStart(2, '0'),
  ss: ({ second }) => String(second).padStart(2, '0'),
};

const PARTS = /yyyy|yy|MM|DDD|dd|HH|mm|ss|[^A-Za-z]/gu;

/**
 * `OUT/ORD-{yyyyMMdd}-{nnn}.DAT`: in braces a date or a time of the parts yyyy yy MM dd DDD HH mm ss, or a running number of at least so many
 * digits as there are n. Throws a misconfigured Fault for what is no such pattern.
 */
export function outboxName(pattern: string): OutboxName {
  const pieces = [...pattern.matchAll(/\{([^{}]*)\}|([^{}]+)|[{}]/gu)].map(([whole, token, text]): Piece => {
    if (text !== undefined) return { text };
    if (token !== undefined && /^n+$/.test(token)) return { digits: token.length };
    const parts = token?.match(PARTS) ?? [];
    if (token === undefined || token === '' || parts.join('') !== token) throw badPattern(pattern, whole);
    return { moment: parts };
  });
  const numbers = pieces.filter((piece) => 'digits' in piece);
  if (numbers.length !== 1) {
    throw misconfigured(
      'bad-outbox',
      `The pattern "${pattern}" needs a running number, once: without it two files would have one name`,
      'Write it as {n}, or as {nnnn} with at least so many digits.',
    );
  }
  const named = (at: number, number: (digits: number) => string, text: (text: string) => string): string => {
    const moment = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO('UTC').toPlainDateTime();
    return pieces
      .map((piece) => {
        if ('text' in piece) return text(piece.text);
        if ('digits' in piece) return number(piece.digits);
        return text(piece.moment.map((part) => MOMENT[part]?.(moment) ?? part).join(''));
      })
      .join('');
  };
  return {
    path: (at, number) =>
      named(
        at,
        (digits) => String(number).padStart(digits, '0'),
        (text) => text,
      ),
    numberIn(path, at) {
      const source = named(at, (digits) => String.raw`(\d{${digits},15})`, RegExp.escape);
      const [, digits] = new RegExp(`^${source}$`, 'u').exec(path) ?? [];
      return digits === undefined ? undefined : Number(digits);
    },
  };
}

function badPattern(pattern: string, token: string) {
  return misconfigured(
    'bad-outbox',
    `The pattern "${pattern}" has ${token}, which is neither a moment nor a number`,
    'In braces stand parts of a moment (yyyy yy MM dd DDD HH mm ss, as in {yyyyMMdd} or {HHmmss}) or a running number ({n}, {nnnn}).',
  );
}
