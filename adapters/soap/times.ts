// Knows: how a configuration says what dates and times of a service are, and what would help where one does not read so.
// Must not know: lexical forms.

import { z } from 'zod';
import type { ReadingAt } from './shape/simple-shapes.ts';
import { TIME_READING, type TimeReading } from './xsd/lexical.ts';

const readings = {
  dateTimes: z
    .enum(['instant', 'local', 'text'])
    .describe('xs:dateTime: with a zone (instant), without one (local), or the text as it comes'),
  dates: z.enum(['local', 'text']).describe('xs:date: without a zone (local), or the text as it comes'),
  times: z.enum(['local', 'text']).describe('xs:time: without a zone (local), or the text as it comes'),
  assumeZone: z
    .string()
    .regex(/^(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/, 'expected Z or an offset such as +01:00')
    .describe(
      'Zone of an xs:dateTime that comes without one, Z or +01:00; by default such a value is refused',
    ),
} as const;

const reading = z.strictObject({
  dateTimes: readings.dateTimes.exactOptional(),
  dates: readings.dates.exactOptional(),
  times: readings.times.exactOptional(),
  assumeZone: readings.assumeZone.exactOptional(),
});

export const timeOptions = reading
  .extend({
    elements: z
      .record(z.string(), reading)
      .default({})
      .describe('The same for elements and attributes of one name: { ValidFrom: { dateTimes: local } }'),
  })
  .describe('What dates and times are: one type of XML Schema holds values with a zone and without');

type Reading = z.infer<typeof reading>;

/** The reading of every element: its own words go before those of the source. */
export function readingOf(options: z.infer<typeof timeOptions>): ReadingAt {
  const { elements, ...all } = options;
  const standard = withReading(TIME_READING, all);
  const own = new Map(Object.entries(elements).map(([name, one]) => [name, withReading(standard, one)]));
  return (local) => (local === undefined ? standard : (own.get(local) ?? standard));
}

function withReading(base: TimeReading, { dateTimes, dates, times, assumeZone }: Reading): TimeReading {
  const zone = assumeZone ?? base.assumeZone;
  return {
    dateTime: dateTimes ?? base.dateTime,
    date: dates ?? base.date,
    time: times ?? base.time,
    ...(zone === undefined ? {} : { assumeZone: zone }),
  };
}
