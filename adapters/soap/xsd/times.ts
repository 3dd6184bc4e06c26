// Knows: the lexical forms of dates and times (XML Schema part 2, sections 3.2.7 to 3.2.14) and the model's text for them.
// Must not know: elements, facets.

import { parseTemporal, type Value } from '#spi';
import type { Lexical, TimeReading } from './lexical.ts';

const YEAR = String.raw`-?(?:[1-9]\d{4,}|\d{4})`;
const ZONE = String.raw`Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00`;
const CLOCK = String.raw`(\d\d):([0-5]\d):([0-5]\d)(?:\.(\d+))?`;

const DATE = new RegExp(`^(${YEAR})-(\\d\\d)-(\\d\\d)(${ZONE})?$`);
const TIME = new RegExp(`^${CLOCK}(${ZONE})?$`);
const DATE_TIME = new RegExp(`^(${YEAR})-(\\d\\d)-(\\d\\d)T${CLOCK}(${ZONE})?$`);

/** Years of more or less than four digits have a sign and six digits in ISO 8601's extended form, which the model uses. */
function isoYear(year: string): string {
  const negative = year.startsWith('-');
  const digits = negative ? year.slice(1) : year;
  return negative || digits.length > 4 ? `${negative ? '-' : '+'}${digits.padStart(6, '0')}` : digits;
}

/** The model's years as XML Schema writes them: at least four digits, no plus. The year 0 is 1 BCE, as in XSD 1.1. */
function xsdText(iso: string): string {
  return iso.replace(/^([+-])(\d{6})/, (_, sign: string, digits: string) => {
    const year = digits.replace(/^0{1,2}/, '');
    return sign === '-' ? `-${year}` : year;
  });
}

/** A fraction finer than nanoseconds is not cut: then there is no value. */
function fraction(digits: string | undefined): string | undefined {
  const exact = (digits ?? '').replace(/0+$/, '');
  if (exact.length > 9) return undefined;
  return exact === '' ? '' : `.${exact}`;
}

interface Moment {
  /** Day and time without the zone, ISO. */
  readonly local: string;
  readonly zone: string | undefined;
}

/** 24:00:00 is the first instant of the next day (section 3.2.7.1). */
function momentOf(text: string): Moment | undefined {
  const match = DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hours = '', minutes = '', seconds = '', digits, zone] = match;
  const finer = fraction(digits);
  if (finer === undefined) return undefined;
  const midnight = hours === '24';
  if (midnight && (minutes !== '00' || seconds !== '00' || finer !== '')) return undefined;
  const written = `${isoYear(year)}-${month}-${day}T${midnight ? '00' : hours}:${minutes}:${seconds}${finer}`;
  const local = parseTemporal('timestamp', written);
  if (local === undefined) return undefined;
  return { local: midnight ? nextDay(local) : local, zone };
}

function nextDay(local: string): string {
  return Temporal.PlainDateTime.from(local).add({ days: 1 }).toString();
}

/** Printed texts with a `T` and seconds that Temporal leaves out where they are zero. */
function withSeconds(text: string): string {
  return text.replace(/(T|^)(\d\d:\d\d)(?=$|Z|[+-])/, '$1$2:00');
}

export function dateTimeLexical({ dateTime, assumeZone }: TimeReading): Lexical {
  switch (dateTime) {
    case 'instant':
      return {
        type: { kind: 'instant' },
        parse: (text) => {
          const moment = momentOf(text.trim());
          const zone = moment?.zone ?? assumeZone;
          if (moment === undefined || zone === undefined) return undefined;
          return parseTemporal('instant', moment.local + zone);
        },
        print: (value) => printed(value, 'instant'),
      };
    case 'local':
      return {
        type: { kind: 'timestamp' },
        parse: (text) => {
          const moment = momentOf(text.trim());
          return moment?.zone === undefined ? moment?.local : undefined;
        },
        print: (value) => printed(value, 'timestamp'),
      };
    case 'text':
      return textLexical(
        (text) => momentOf(text) !== undefined,
        'a day and time such as 2024-02-29T23:59:59+01:00',
      );
  }
}

export function dateLexical({ date }: TimeReading): Lexical {
  const read = (text: string): { readonly day: string; readonly zone: string | undefined } | undefined => {
    const match = DATE.exec(text);
    if (match === null) return undefined;
    const [, year = '', month = '', day = '', zone] = match;
    const iso = parseTemporal('date', `${isoYear(year)}-${month}-${day}`);
    return iso === undefined ? undefined : { day: iso, zone };
  };
  if (date === 'text')
    return textLexical((text) => read(text) !== undefined, 'a day such as 2024-02-29+01:00');
  return {
    type: { kind: 'date' },
    parse: (text) => {
      const found = read(text.trim());
      return found?.zone === undefined ? found?.day : undefined;
    },
    print: (value) => printed(value, 'date'),
  };
}

export function timeLexical({ time }: TimeReading): Lexical {
  const read = (text: string): { readonly clock: string; readonly zone: string | undefined } | undefined => {
    const match = TIME.exec(text);
    if (match === null) return undefined;
    const [, hours = '', minutes = '', seconds = '', digits, zone] = match;
    const finer = fraction(digits);
    const midnight = hours === '24' && minutes === '00' && seconds === '00' && finer === '';
    const clock = parseTemporal('time', `${midnight ? '00' : hours}:${minutes}:${seconds}${finer ?? ''}`);
    return clock === undefined || finer === undefined ? undefined : { clock, zone };
  };
  if (time === 'text')
    return textLexical((text) => read(text) !== undefined, 'a time such as 23:59:59+01:00');
  return {
    type: { kind: 'time' },
    parse: (text) => {
      const found = read(text.trim());
      return found?.zone === undefined ? found?.clock : undefined;
    },
    print: (value) => printed(value, 'time'),
  };
}

function printed(value: Value, kind: 'date' | 'time' | 'timestamp' | 'instant'): string | undefined {
  const iso = typeof value === 'string' ? parseTemporal(kind, value) : undefined;
  return iso === undefined ? undefined : withSeconds(xsdText(iso));
}

/** Text that is checked and kept as it came, white space around it aside. */
export function textLexical(valid: (text: string) => boolean, expected: string): Lexical {
  const keep = (text: string): string | undefined => {
    const trimmed = text.trim();
    return valid(trimmed) ? trimmed : undefined;
  };
  return {
    type: { kind: 'string' },
    parse: keep,
    print: (value) => (typeof value === 'string' ? keep(value) : undefined),
    expected,
  };
}

const DURATION = /^-?P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/;
const DAY = String.raw`(?:0[1-9]|[12]\d|3[01])`;
const MONTH = '(?:0[1-9]|1[0-2])';

/** Types whose values stay texts: nothing of the model holds them. */
export const TEXT_TIMES: Readonly<Record<string, Lexical>> = {
  duration: byPattern(DURATION, 'a duration such as P1DT12H'),
  dayTimeDuration: byPattern(
    /^-?P(?=.)(?:\d+D)?(?:T(?=.)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?$/,
    'a duration such as P1DT12H',
  ),
  yearMonthDuration: byPattern(/^-?P(?=.)(?:\d+Y)?(?:\d+M)?$/, 'a duration such as P1Y6M'),
  gYear: byPattern(zoned(YEAR), 'a year such as 2024'),
  gYearMonth: byPattern(zoned(`${YEAR}-${MONTH}`), 'a month such as 2024-02'),
  gMonth: byPattern(zoned(`--${MONTH}`), 'a month such as --02'),
  gMonthDay: byPattern(zoned(`--${MONTH}-${DAY}`), 'a day of the year such as --02-29'),
  gDay: byPattern(zoned(`---${DAY}`), 'a day of the month such as ---31'),
};

function zoned(pattern: string): RegExp {
  return new RegExp(`^${pattern}(?:${ZONE})?$`);
}

function byPattern(pattern: RegExp, expected: string): Lexical {
  return textLexical((text) => pattern.test(text), expected);
}

/** Which option would make a date or time readable that is not as the configuration says. */
export function timeHint(local: string, text: string, reading: TimeReading): string | undefined {
  const trimmed = text.trim();
  if (local === 'dateTime') {
    const moment = momentOf(trimmed);
    if (moment === undefined) return undefined;
    if (reading.dateTime === 'local') return 'It has a zone: times: { dateTimes: instant }';
    return 'It has no zone: times: { dateTimes: local } or { assumeZone: "+01:00" }';
  }
  if (local === 'date' && DATE.test(trimmed)) return 'It has a zone: times: { dates: text }';
  if (local === 'time' && TIME.test(trimmed)) return 'It has a zone: times: { times: text }';
  return undefined;
}
