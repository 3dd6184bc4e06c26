// A configuration served on a real socket, and one question put to both of its surfaces.

import assert from 'node:assert/strict';
import { type Adapters, type Config, loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import type { Access } from '../../src/config/sections/access.ts';
import { createFacades } from '../../src/gateway/facades.ts';
import { openGateway } from '../../src/gateway.ts';
import { listen } from '../../src/http/listen.ts';
import { elementOf, type Field } from '../../src/model/type.ts';
import { TAG } from '../../src/model/value.ts';

/** What is asked; a REST path below /api; the root field that asks for the same. */
export type Pair = readonly [what: string, rest: string, graphql: string];

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the question's, and each test knows its own
  readonly body: any;
}

export interface Both extends AsyncDisposable {
  readonly url: string;
  /** A whole GraphQL document. */
  ask(document: string): Promise<Answer>;
  rest(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Any other address of the server. */
  get(path: string): Promise<Answer>;
  /** One root field, answered as `answer`; `more` stands behind the query: fragments. */
  graphql(field: string, more?: string): Promise<Answer>;
  /** The same form for both answers: a connection is its items, a GraphQL type name the tag of its union's member. */
  plain(value: unknown): unknown;
}

const EVERYBODY: Access = { development: true, clients: {}, tokens: [] };

/** `env`: where its secrets are. Throws where the configuration has a problem. */
export async function serveBoth(
  file: string,
  adapters: Adapters,
  env: Readonly<Record<string, string>> = {},
): Promise<Both> {
  const { config: read, problems } = await loadConfig(file, adapters);
  assert.ok(read, JSON.stringify(problems));
  // What a test asks for is not who may ask.
  const config: Config = { ...read, access: read.access ?? EVERYBODY };
  const gateway = await openGateway(config, createSecrets(config.folder, env), () => {});
  assert.deepEqual(gateway.problems, []);
  const app = await createFacades(gateway, config, { version: '0', observe: () => {} });
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  const tags = new Map([...gateway.catalog.collections.values()].flatMap(({ fields }) => tagsIn(fields)));

  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(`${listening.url}${path.replaceAll(' ', '%20')}`, init);
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    const { status, headers } = response;
    return { status, headers, text, body: isJson ? JSON.parse(text) : undefined };
  };
  const query = (document: string): Promise<Answer> =>
    ask('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ query: document }),
    });
  return {
    url: listening.url,
    ask: query,
    rest: (path, headers = {}) => ask(`/api/${path}`, { headers }),
    get: (path) => ask(path),
    graphql: (field, more = '') => query(`{ answer: ${field} } ${more}`),
    plain: (value) => plain(value, tags),
    async [Symbol.asyncDispose]() {
      await listening.close(1_000);
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** Names of the types of unions' members with their tags. */
function tagsIn(fields: readonly Field[]): readonly (readonly [string, string])[] {
  return fields.flatMap(({ type }) => {
    const inside = elementOf(type);
    if (inside.kind === 'object') return tagsIn(inside.fields);
    if (inside.kind !== 'union') return [];
    return inside.of.flatMap(({ name, tag, fields: own }) => [[name, tag] as const, ...tagsIn(own)]);
  });
}

function plain(value: unknown, tags: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((element) => plain(element, tags));
  if (value === null || typeof value !== 'object') return value;
  if ('items' in value) return plain(value.items, tags);
  return Object.fromEntries(
    Object.entries(value)
      // Links beside a relation that was cut are the facades' own.
      .filter(([name]) => name === TAG || !name.includes('@'))
      .map(([name, inner]) =>
        name === '__typename' ? [TAG, tags.get(String(inner)) ?? inner] : [name, plain(inner, tags)],
      ),
  );
}
