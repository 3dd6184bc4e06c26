// Knows: which route of the server a path belongs to.
// Must not know: what is there, who asks.

import type { Catalog } from '../model/catalog.ts';
import { API, routeAt } from '../rest/routes.ts';

/** Of a path without its query string; undefined where nothing is. */
export function routeFinder(
  catalog: Catalog,
  pages: readonly string[],
): (path: string) => string | undefined {
  const known = new Set(pages);
  return (path) => {
    if (path === API || path.startsWith(`${API}/`)) return routeAt(catalog, path);
    if (known.has(path)) return path;
    const bare = path.replace(/\/$/, '');
    return bare !== path && known.has(bare) ? bare : undefined;
  };
}
