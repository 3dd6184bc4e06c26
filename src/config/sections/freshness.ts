// Knows: how the configuration says how old an answer may be.
// Must not know: caches.

import { z } from 'zod';
import { MAX_DELAY_MS } from '../../policy.ts';

const ageMs = z
  .int()
  .min(0)
  .max(MAX_DELAY_MS * 1_000);

const operation = z
  .strictObject({
    maxAgeMs: ageMs
      .default(0)
      .describe(
        'How old an answer may be without asking the source, in milliseconds; 0: equal questions at the same time are asked once',
      ),
    staleWhileRevalidateMs: ageMs
      .default(0)
      .describe('How much older it may be while the source is asked behind it, in milliseconds'),
    staleIfErrorMs: ageMs
      .default(0)
      .describe('How much older it may be when the source does not answer, in milliseconds'),
  })
  .describe('How old answers may be');

const collection = operation
  .extend({
    changedBy: z
      .array(z.string())
      .default([])
      .describe(
        'Other collections of the same source whose writes change it, too: those that a view reads, those that a trigger writes from',
      ),
  })
  .describe('How old rows and counts may be');

export const freshness = z
  .strictObject({
    maxBytes: z
      .int()
      .min(0)
      .default(67_108_864)
      .describe('Memory for answers, those that are still being read included, in bytes'),
    maxAnswerBytes: z.int().min(0).default(1_048_576).describe('A larger answer is not kept, in bytes'),
    collections: z
      .record(z.string(), collection)
      .default({})
      .describe('Collection → how old its rows may be; what is not named is not kept'),
    operations: z
      .record(z.string(), operation)
      .default({})
      .describe('Operation that only reads → how old its answer may be'),
  })
  .prefault({})
  .describe('How old answers may be, and what is kept of them');

export type FreshnessOptions = z.output<typeof freshness>;
