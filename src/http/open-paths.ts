// Knows: what of the server is shown to who has shown nothing yet: pages without data, and whether it is alive.
// Must not know: who callers are, what stands on the pages.

import { ASSET_NAMES } from './docs.ts';

export const GRAPHQL = '/graphql';

/**
 * Where credentials are not even looked at: the questions of an orchestrator, which say nothing but up or down, and the script and style of the
 * reference, which are the same in every installation.
 */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set([
  '/health/live',
  '/health/ready',
  '/docs/start.js',
  ...ASSET_NAMES.map((name) => `/docs/${name}`),
]);

/**
 * Read without credentials. The pages are where somebody types them in; they hold nothing of the catalog. `/graphql` is open only as a page:
 * a browser's GET, which asks for text/html.
 */
export const OPEN_PATHS: ReadonlySet<string> = new Set(['/', '/docs', ...PUBLIC_PATHS]);

/** What is asked for. `path` without the query string. */
export interface Opening {
  readonly method: string;
  readonly path: string;
  readonly accept: string | undefined;
}

/** Of pages by the rule of the library that answers them: what it takes for a page, it shows as one. */
export function isOpen({ method, path, accept }: Opening): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  const bare = path.length > 1 ? path.replace(/\/$/, '') : path;
  return (
    OPEN_PATHS.has(bare) || (bare === GRAPHQL && method === 'GET' && accept?.includes('text/html') === true)
  );
}
