// Knows: the GraphiQL page: one document with everything in it, and a first query that fits the catalog.
// Must not know: how requests are answered.

import type { Catalog } from '../model/catalog.ts';
import { recent } from '../model/recent.ts';
import { someFields } from './some-fields.ts';

/** The page may load nothing but itself: its scripts and styles are inline, its workers are blobs of its own. */
export const GRAPHIQL_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  "worker-src 'self' blob:",
  "style-src 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const FIRST_FIELDS = 4;

/** What GraphiQL shows at first: a page of the first collection with its key and some of its fields. */
export function firstQuery(catalog: Catalog): string {
  const [collection] = catalog.collections.values();
  if (collection === undefined) return '{ __typename }\n';
  const fields = someFields(collection.fields, FIRST_FIELDS);
  const relations = [...collection.relations.values()].map(({ name }) => name);
  return [
    `# ${[...catalog.collections.keys()].join(', ')}`,
    ...(relations.length === 0 ? [] : [`# Relations of ${collection.name}: ${relations.join(', ')}`]),
    '{',
    `  ${collection.name}(first: 10) {`,
    '    items {',
    ...fields.map((name) => `      ${name}`),
    '    }',
    '    pageInfo { hasNextPage endCursor }',
    '  }',
    '}',
    '',
  ].join('\n');
}

/** Stands in a page where its first query comes: no query has such a character. */
const FIRST_QUERY = '\u0000 first query';

/** Pages but for their first query, by what else they begin with. They are megabytes of script, and one serves all catalogs. */
const pages = recent<Promise<string>>(4);

interface PageOptions {
  readonly defaultQuery?: string;
}

/** The page, loaded when somebody opens it. */
export async function graphiqlPage(options: PageOptions): Promise<string> {
  const { defaultQuery = '', ...others } = options;
  const page = await pages(JSON.stringify(others), () =>
    import('@graphql-yoga/render-graphiql').then(({ renderGraphiQL }) =>
      renderGraphiQL({ ...others, defaultQuery: FIRST_QUERY }),
    ),
  );
  return page.replace(JSON.stringify(FIRST_QUERY), () => JSON.stringify(defaultQuery));
}
