// Knows: the options that say how long versions that were replaced stay readable, as they stand in the YAML.
// Must not know: how that is done.

import { z } from 'zod';

const keeping = z.strictObject({
  forMs: z
    .int()
    .min(0)
    .max(604_800_000)
    .default(60_000)
    .describe(
      'How long after the last page of it was read, or after it was replaced; 0: a page is always of the newest version, and of changes nothing is told but that there are some',
    ),
  most: z.int().min(1).max(10_000).default(128).describe('Versions of the source that are kept at once'),
  maxBytes: z
    .int()
    .min(1)
    .default(4_294_967_296)
    .describe(
      'Bytes that they have together: a file that was deleted takes room on its disk as long as it is open',
    ),
});

export const keepVersions = keeping
  .default(keeping.parse({}))
  .describe(
    'A version that somebody has read stays open when another takes its place, so that the pages that began on it go on in it',
  );

export const watchEveryMs = z
  .int()
  .min(10)
  .max(86_400_000)
  .default(1_000)
  .describe('How often a newer version is looked for while somebody watches changes, in milliseconds');

export type KeepOptions = z.infer<typeof keepVersions>;
