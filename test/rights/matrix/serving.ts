// The bank served on a real socket, and questions to it in the name of somebody. Every byte that comes back is searched for words and names
// that must not reach him.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { adapters } from '../../../adapters/index.ts';
import { hashOfKey, newKey } from '../../../src/auth/key.ts';
import { type Adapters, loadConfig } from '../../../src/config/config.ts';
import { createSecrets } from '../../../src/config/secrets.ts';
import { createFacades } from '../../../src/gateway/facades.ts';
import { openGateway } from '../../../src/gateway.ts';
import { listen } from '../../../src/http/listen.ts';
import { folderWith } from '../../config/written.ts';
import { type EventStream, listenTo } from '../../http/event-stream.ts';
import { bankFiles, desk, fillDatabase, SOURCES } from './bank.ts';
import { ASKERS, type Asker, forbiddenNames, forbiddenWords, ROLES, rolesOf, UNCLAIMED } from './roles.ts';

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the question's, and each test knows its own
  readonly body: any;
  /** Kind of the first fault that is told; undefined: there is none. */
  readonly kind: string | undefined;
  readonly code: string | undefined;
}

export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Bank extends AsyncDisposable {
  readonly url: string;
  /** `path` as a person writes it: blanks and quotes are encoded here. */
  ask(asker: Asker, path: string, asking?: Asking): Promise<Reply>;
  /** Makes the tables what they were at first. */
  restore(): void;
  /** Changes the tables behind the gateway's back. */
  spoil(sql: string): void;
  /** A whole document. */
  graphql(asker: Asker, query: string, variables?: object): Promise<Reply>;
  /** The events of an address, or of a subscription. */
  listen(asker: Asker, path: string, body?: unknown): Promise<EventStream>;
}

const KEYS: ReadonlyMap<string, string> = new Map([...ASKERS, UNCLAIMED].map(({ name }) => [name, newKey()]));

const all: Adapters = { ...adapters, desk: async () => desk };

/** `more`: parts of the configuration beside its sources, roles and clients; `files`: in place of the bank's own. */
export async function openBank(more = '', files: Readonly<Record<string, string>> = {}): Promise<Bank> {
  const roles = Object.fromEntries(
    Object.entries(ROLES).flatMap(([name, role]) => ('config' in role ? [[name, role.config]] : [])),
  );
  const clients = Object.fromEntries(
    [...ASKERS, UNCLAIMED].map((asker) => [
      asker.name,
      {
        roles: rolesOf(asker),
        claims: asker.claims,
        keys: [{ sha256: hashOfKey(KEYS.get(asker.name) ?? '') }],
      },
    ]),
  );
  const folder = folderWith({
    ...bankFiles(),
    ...files,
    'bank.yaml': `${SOURCES}roles: ${JSON.stringify(roles)}\naccess: ${JSON.stringify({ clients })}\n${more}\n`,
  });
  fillDatabase(join(folder, 'bank.db'));
  const { config, problems } = await loadConfig(join(folder, 'bank.yaml'), all);
  assert.ok(config, JSON.stringify(problems));
  const gateway = await openGateway(config, createSecrets(folder, {}), () => {});
  assert.deepEqual(gateway.problems, []);
  const app = await createFacades(gateway, config, { version: '0', observe: () => {} });
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  const { url } = listening;
  const headersOf = ({ name }: Asker) => ({ 'x-api-key': KEYS.get(name) ?? '', 'x-request-id': 'asked' });

  const ask: Bank['ask'] = async (asker, path, { method = 'GET', body, headers = {} } = {}) => {
    const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(url + encoded(path), {
      method,
      headers: {
        ...headersOf(asker),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    const told = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n');
    search(asker, `${told}\n\n${text}`, `${path} ${sent ?? ''} ${Object.values(headers).join(' ')}`);
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '') && text !== '';
    const parsed = isJson ? JSON.parse(text) : undefined;
    const fault = parsed?.errors?.[0]?.extensions ?? (response.status >= 400 ? parsed : undefined);
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: parsed,
      kind: fault?.kind ?? fault?.type?.replace('urn:overpunch:problem:', ''),
      code: fault?.code,
    };
  };
  return {
    url,
    ask,
    spoil: (sql) => {
      using db = new DatabaseSync(join(folder, 'bank.db'));
      db.exec(sql);
    },
    restore: () => fillDatabase(join(folder, 'bank.db')),
    graphql: (asker, query, variables) =>
      ask(asker, '/graphql', {
        method: 'POST',
        body: { query, ...(variables === undefined ? {} : { variables }) },
        headers: { accept: 'application/graphql-response+json' },
      }),
    listen: (asker, path, body) => listenTo(url + encoded(path), headersOf(asker), body),
    async [Symbol.asyncDispose]() {
      gateway.stopWatching();
      await listening.close(200);
      await gateway[Symbol.asyncDispose]();
    },
  };
}

/** A bank of the test's own, for what changes it. */
export async function ownBank(
  t: TestContext,
  more = '',
  files: Readonly<Record<string, string>> = {},
): Promise<Bank> {
  const bank = await openBank(more, files);
  t.after(() => bank[Symbol.asyncDispose]());
  return bank;
}

function encoded(path: string): string {
  return path.replaceAll(' ', '%20').replaceAll("'", '%27').replaceAll('"', '%22');
}

const FORBIDDEN = new Map<string, readonly string[]>();

/** What the asker has typed himself may come back to him. */
export function search(asker: Asker, answer: string, typed: string): void {
  const readable = [answer, decoded(answer), ...unwrapped(answer)].join('\n');
  const words = FORBIDDEN.get(asker.name) ?? [...forbiddenWords(asker), ...forbiddenNames(asker)];
  FORBIDDEN.set(asker.name, words);
  for (const word of words) {
    if (!readable.includes(word) || typed.includes(word)) continue;
    const at = readable.indexOf(word);
    assert.fail(
      `${asker.name} is told "${word}" for ${typed}: ${readable.slice(Math.max(0, at - 200), at + 100)}`,
    );
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** What cursors and the like hold, as far as it can be read. */
function unwrapped(text: string): readonly string[] {
  return [...text.matchAll(/[A-Za-z0-9_-]{12,}/g)].map(([word]) =>
    Buffer.from(word, 'base64url').toString('latin1'),
  );
}
