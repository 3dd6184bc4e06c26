// Knows: the options of the folder in which a source of files keeps what it has made of its files, as they stand in the YAML.
// Must not know: what is kept there.

import { z } from 'zod';

const folder = z.strictObject({
  folder: z
    .string()
    .min(1)
    .default('overpunch-cache')
    .describe(
      'Folder for copies of files and for their indexes, relative to the configuration file; each source has a folder of its own in it, which no other ' +
        'gateway may use',
    ),
  maxBytes: z
    .int()
    .min(1)
    .default(10_737_418_240)
    .describe('What nobody reads any more is deleted while the folder of the source holds more bytes'),
  indexFromBytes: z
    .int()
    .min(0)
    .default(4_194_304)
    .describe(
      'Indexes of files with so many bytes or more are kept in the folder, and read from there as far as they are needed; of smaller ones they are in ' +
        'memory, and are made again after each start',
    ),
});

export const cache = folder
  .default(folder.parse({}))
  .describe(
    'Where copies of versions and indexes are kept; it may be deleted while the gateway does not run',
  );

export type CacheOptions = z.infer<typeof cache>;
