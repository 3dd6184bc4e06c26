// Knows: which files have to agree with something that no write brings up to date, whichever collection demands it.
// Must not know: how that is checked, how files are written.

import type { CollectionOptions } from '../options/options.ts';

/** Path, or pattern of several files → why it cannot be written. */
export type Agreements = ReadonlyMap<string, string>;

export function agreementsOf(collections: Readonly<Record<string, CollectionOptions>>): Agreements {
  return new Map(
    Object.entries(collections).flatMap(([name, options]) => {
      const why = whyOnlyRead(options);
      return why === undefined ? [] : [[placeOf(options), `${why}, as "${name}" says under "publish"`]];
    }),
  );
}

export function placeOf({ path, files }: CollectionOptions): string {
  return files?.glob ?? path ?? '';
}

function whyOnlyRead({ publish }: CollectionOptions): string | undefined {
  if (publish?.header !== undefined || publish?.trailer !== undefined) {
    return 'the file has figures in a header or trailer that have to agree with its records';
  }
  return publish?.trigger === undefined ? undefined : 'the file has a trigger that must not be older than it';
}
