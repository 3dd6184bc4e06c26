// Knows: how the configuration says how much clients may ask, and what must survive a restart of the gateway.
// Must not know: how it is counted.

import { z } from 'zod';

const rate = z
  .strictObject({
    requests: z.int().min(1).describe('Requests'),
    perSeconds: z.int().min(1).max(86_400).default(60).describe('in so many seconds'),
  })
  .describe('A rate of requests');

export const limits = z
  .strictObject({
    perClient: rate.exactOptional().describe('Each client by itself; left out, unlimited'),
    perAddress: rate
      .exactOptional()
      .describe(
        'Each address from which anonymous requests come, an IPv6 network /64 as one; left out, unlimited',
      ),
    refused: rate
      .prefault({ requests: 100, perSeconds: 60 })
      .describe(
        'Each address from which credentials come that are refused: then it has to wait, whatever it shows',
      ),
    roles: z
      .record(z.string(), rate)
      .default({})
      .describe(
        'Role → each of its clients by itself, in place of `perClient`; of several roles the most generous rate counts',
      ),
  })
  .prefault({})
  .describe('How many requests clients may send');

export const state = z
  .strictObject({
    folder: z
      .string()
      .min(1)
      .describe('Folder for what must survive a restart: answers by Idempotency-Key, used budgets'),
    idempotencyHours: z
      .int()
      .min(1)
      .max(720)
      .default(24)
      .describe('How long an answer by Idempotency-Key is kept, in hours'),
    maxAnswers: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(100_000)
      .describe(
        'Answers by Idempotency-Key that are kept at the same time; a further key is refused rather than taken without a record',
      ),
  })
  .describe('What must survive a restart; left out, it is kept in memory alone');

export type LimitOptions = z.output<typeof limits>;
export type Rate = z.output<typeof rate>;
export type StateOptions = z.output<typeof state>;
