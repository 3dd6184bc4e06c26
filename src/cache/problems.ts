// Knows: which names of the configuration's freshness make no sense beside the catalog.
// Must not know: YAML, how anything is kept.

import type { Catalog, CatalogProblem } from '../model/catalog.ts';
import { didYouMean } from '../model/naming.ts';
import type { FreshnessSettings } from './configured.ts';

/** `absent`: collections of sources that could not be opened. `complete`: there are none such, so every operation is known. */
export function freshnessProblems(
  { collections, operations }: FreshnessSettings,
  catalog: Catalog,
  { absent, complete }: { readonly absent: ReadonlySet<string>; readonly complete: boolean },
): readonly CatalogProblem[] {
  return [
    ...Object.entries(collections).flatMap(([name, { changedBy = [] }]): readonly CatalogProblem[] => {
      const path = ['freshness', 'collections', name];
      const own = catalog.collections.get(name);
      if (own === undefined) return absent.has(name) ? [] : [unknown('collection', path, name, catalog)];
      return changedBy.flatMap((other) => {
        const known = catalog.collections.get(other);
        const place = [...path, 'changedBy'];
        if (known === undefined)
          return absent.has(other) ? [] : [unknown('collection', place, other, catalog)];
        if (known.source === own.source) return [];
        const message = `"${other}" is in source "${known.source}", and "${name}" in "${own.source}"`;
        return [{ path: place, message }];
      });
    }),
    ...Object.keys(operations).flatMap((name): readonly CatalogProblem[] => {
      const path = ['freshness', 'operations', name];
      const own = catalog.operations.get(name);
      if (own === undefined) return complete ? [unknown('operation', path, name, catalog)] : [];
      if (own.effect === 'write')
        return [{ path, message: `"${name}" changes something; only answers of what reads can be kept` }];
      if (own.idempotent) return [];
      return [
        { path, message: `"${name}" is not idempotent: calling it twice is not the same as calling it once` },
      ];
    }),
  ];
}

function unknown(
  what: 'collection' | 'operation',
  path: readonly string[],
  name: string,
  catalog: Catalog,
): CatalogProblem {
  const known = what === 'collection' ? catalog.collections : catalog.operations;
  return { path, message: `There is no ${what} "${name}".${didYouMean(name, known.keys())}` };
}
