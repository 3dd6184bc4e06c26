// What clients are told when a database fails: every answer of both surfaces, whole, searched for what only the database knows.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { adapters } from '../../../adapters/index.ts';
import type { FaultKind } from '../../../src/fault.ts';
import { singular } from '../../../src/model/naming.ts';
import { type Answer, type Both, serveBoth } from '../../parity/both.ts';

/** A word that stands in every name, value and message that only the database knows. */
export const CANARY = 'canary';

/** Words of databases, drivers, SQL, sockets and stack traces. */
const THEIRS =
  /canary|select |\bfrom "|sql ?state|syntax|relation "|no such|n[o']t exist|denied|violat|malformed|econn|enoent|127\.0\.0\.1|:\d{4}\b(?!-)|node_modules|\.ts:\d|at async|\bpg_|mysql|mariadb|postgres|sqlite_|definer|xpath|overpunch_/i;

interface Served extends AsyncDisposable {
  readonly both: Both;
}

/** Serves the sources as a configuration would; what is secret stands in files. */
export async function serve(
  sources: Readonly<Record<string, object>>,
  secrets: Readonly<Record<string, string>> = {},
  relations: Readonly<Record<string, object>> = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(secrets)) writeFileSync(join(folder, name), text);
  const file = join(folder, 'c.yaml');
  const policy = { source: { reopenMs: 20 } };
  writeFileSync(file, JSON.stringify({ sources, relations, policy }));
  const both = await serveBoth(file, adapters);
  return { both, [Symbol.asyncDispose]: () => both[Symbol.asyncDispose]() };
}

/** Every way in which a client can come upon a collection with the fields `id` and `v`. */
async function answers(
  both: Both,
  collection: string,
  slow: boolean,
): Promise<readonly (readonly [string, Answer])[]> {
  const rest = (path: string, accept = 'application/json') =>
    [`REST ${path} as ${accept}`, () => both.rest(path, { accept })] as const;
  const graphql = (field: string) => [`GraphQL ${field}`, () => both.graphql(field)] as const;
  const asked: readonly (readonly [string, () => Promise<Answer>])[] = [
    rest(collection),
    rest(collection, 'application/x-ndjson'),
    rest(collection, 'text/csv'),
    rest(`${collection}/1`),
    rest(`${collection}?filter=id gt 0&count=true&orderby=v desc&first=2`),
    graphql(`${collection} { items { id v } totalCount }`),
    graphql(`${collection}(filter: { id: { gt: 0 } }, first: 2) { edges { cursor node { v } } }`),
    graphql(`${singular(collection)}(id: 1) { v }`),
  ];
  const found: (readonly [string, Answer])[] = [];
  // One on each surface where every answer is waited for.
  const chosen = slow ? asked.filter((_, i) => i % 5 === 0) : asked;
  for (const [what, ask] of chosen) found.push([what, await ask()]);
  return found;
}

const whole = ({ status, headers, text }: Answer): string =>
  [status, ...[...headers].map(([name, value]) => `${name}: ${value}`), text].join('\n');

/** Kind and code of the fault in an answer; undefined when it has none. */
function faultIn({ body, text }: Answer): string | undefined {
  const problem = body ?? parsed(text.trim().split('\n').at(-1) ?? '');
  const error = problem?.errors?.[0]?.extensions;
  if (error?.code !== undefined) return `${error.kind} ${error.code}`;
  return typeof problem?.type === 'string'
    ? `${problem.type.replace('urn:overpunch:problem:', '')} ${problem.code}`
    : undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: the shape is the answer's
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Every answer is this fault, and no word of the database is in any of them, nor in what the gateway says of its health. */
export async function silent(
  both: Both,
  collection: string,
  kind: FaultKind,
  code: string | readonly string[],
  slow = false,
): Promise<void> {
  const wanted = [code].flat().map((each) => `${kind} ${each}`);
  for (const [what, answer] of await answers(both, collection, slow)) {
    const text = whole(answer);
    assert.doesNotMatch(text, THEIRS, what);
    const fault = faultIn(answer);
    // What has begun as CSV breaks off.
    assert.ok(wanted.includes(fault ?? ''), `${what}: ${fault}\n${text}`);
  }
  assert.doesNotMatch((await both.get('/health')).text, /canary|overpunch_/i);
}

/** Waits until the gateway has seen for itself that the source is down, and looks at what it says of that. */
export async function silentHealth(both: Both, code: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    const { text } = await both.get('/health');
    assert.doesNotMatch(text, /canary|overpunch_/i);
    if (text.includes(`"${code}"`)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  assert.fail(`the health never says ${code}: ${(await both.get('/health')).text}`);
}

/** The reference of the interface shows columns by their own names, but nothing else of the database. */
export async function silentReference(both: Both): Promise<void> {
  const { text } = await both.get('/openapi.json');
  assert.match(text, /shown_column/);
  assert.doesNotMatch(text, /canary|overpunch_/i);
  const { text: schema } = await both.ask(
    '{ __schema { types { name description fields { name description } } } }',
  );
  assert.match(schema, /shown_column/);
  assert.doesNotMatch(schema, /canary|overpunch_/i);
}
