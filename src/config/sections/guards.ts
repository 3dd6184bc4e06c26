// Knows: how the configuration says what stands around one source.
// Must not know: how it is enforced.

import { z } from 'zod';
import { MAX_DELAY_MS } from '../../policy.ts';

const count = z.int().min(1).max(1_000_000_000);
const delayMs = z.int().min(0).max(MAX_DELAY_MS);
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of the day: 22:30');

const timeZone = z
  .string()
  .refine(isTimeZone, 'expected the name of a time zone: Europe/Zurich')
  .default('UTC');

function isTimeZone(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}

const quiet = z
  .strictObject({
    from: clock.describe('Time of the day at which it begins: 22:30'),
    to: clock.describe('Time of the day at which it ends; not after `from`: on the next day'),
    days: z
      .array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']))
      .min(1)
      .exactOptional()
      .describe('Days on which it begins; left out, every day'),
    timeZone: timeZone.describe('Of these times: Europe/Zurich'),
    serve: z
      .enum(['cache', 'nothing'])
      .default('nothing')
      .describe('What is answered meanwhile: what the cache has, however old, or nothing'),
  })
  .describe('Hours in which the host must not be asked');

export const guards = z
  .strictObject({
    concurrency: count
      .exactOptional()
      .describe(
        'Calls at the same time, and as many again for rows that belong to rows which are being read; by default as in the policy',
      ),
    queue: z
      .int()
      .min(0)
      .max(1_000_000)
      .exactOptional()
      .describe('Calls that may wait for their turn; by default as in the policy'),
    queueMs: delayMs
      .exactOptional()
      .describe('Longest wait for a turn, in milliseconds; by default as in the policy'),
    retries: z
      .int()
      .min(0)
      .max(10)
      .exactOptional()
      .describe('Further attempts at a read that failed; by default as in the policy'),
    breaker: z
      .union([
        z.literal(false),
        z.strictObject({
          failures: count.exactOptional().describe('Failures in a row that open it'),
          openMs: delayMs
            .exactOptional()
            .describe('How long nothing is asked before one call tries, in milliseconds'),
        }),
      ])
      .exactOptional()
      .describe('The circuit breaker; false: none. By default as in the policy'),
    quiet: z.array(quiet).default([]).describe('Hours in which the source is left alone'),
    budget: z
      .strictObject({
        calls: count
          .exactOptional()
          .describe('Calls of a day; each further attempt is one, a check of its health is none'),
        rows: count
          .exactOptional()
          .describe('Rows of a day, read or written; a read that goes beyond them is cut'),
        timeZone: timeZone.describe('Where the day begins at midnight'),
      })
      .exactOptional()
      .describe('What may be asked of the source in one day'),
  })
  .describe('What stands around the source');

export type GuardOptions = z.output<typeof guards>;
export type QuietWindow = z.output<typeof quiet>;
