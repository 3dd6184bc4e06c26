// Knows: the short way of a posted query whose text yoga has read, checked and carried out before: what is asked, without
// yoga's detour by way of the Fetch API. Whatever is not of the plainest kind is left to yoga.
// Must not know: collections, sources, how answers are written.

import { type DocumentNode, Kind, OperationTypeNode } from 'graphql';
import { recent } from '../model/recent.ts';
import { bareVariables } from './limits.ts';
import { type Looks, looks } from './looks.ts';

/** What a request says of its question. `body` is there when something in front has read it. */
export interface Asking {
  readonly method?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body?: unknown;
}

export interface KnownQuery {
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly operationName: string | null;
  /** Content-Type of an answer without errors. */
  readonly type: string;
  /** What the same document asked before with the same variables. */
  readonly looks: Looks;
}

export interface KnownDocuments {
  /** The document is valid. */
  learn(text: string, document: DocumentNode): void;
  /** Undefined: yoga's. */
  find(asking: Asking): KnownQuery | undefined;
}

const MOST_DOCUMENTS = 1_000;
const MOST_CHARS = 8_192;
const MOST_LOOKS = 1_000;
const MOST_VARIABLE_CHARS = 2_048;

const JSON_TYPE = 'application/json; charset=utf-8';
const STANDARD_TYPE = 'application/graphql-response+json; charset=utf-8';

/** What clients mostly accept → what yoga answers them; a test compares the two. */
export const ANSWER_TYPES: ReadonlyMap<string, string> = new Map([
  ['*/*', JSON_TYPE],
  ['application/json', JSON_TYPE],
  ['application/graphql-response+json', STANDARD_TYPE],
  ['application/graphql-response+json,application/json;q=0.9', STANDARD_TYPE],
  ['application/graphql-response+json, application/json', STANDARD_TYPE],
]);

/** One of which more is asked than this is yoga's, which knows what to say of it. */
const PLAIN_MEMBERS = new Set(['query', 'variables', 'operationName']);

export function knownDocuments(maxVariableDepth: number): KnownDocuments {
  const known = new Map<string, { readonly document: DocumentNode; readonly number: number }>();
  const kept = recent<Looks>(MOST_LOOKS);
  let learned = 0;
  return {
    learn(text, document) {
      if (text.length > MOST_CHARS || known.has(text) || subscribes(document)) return;
      known.set(text, { document, number: learned++ });
      const [oldest] = known.keys();
      if (known.size > MOST_DOCUMENTS && oldest !== undefined) known.delete(oldest);
    },
    find({ method, headers, body }) {
      const type = ANSWER_TYPES.get(String(headers['accept'] ?? '*/*'));
      const asJson = /^application\/json\s*(;|$)/i.test(String(headers['content-type']));
      if (method !== 'POST' || type === undefined || !asJson || !isPlain(body)) return undefined;
      const { query, variables: given = null, operationName = null } = body;
      const entry = typeof query === 'string' ? known.get(query) : undefined;
      if (entry === undefined || (typeof operationName !== 'string' && operationName !== null))
        return undefined;
      if (typeof given !== 'object' || Array.isArray(given)) return undefined;
      const text = given === null ? '' : JSON.stringify(given);
      const variables = given === null ? {} : bounded(given, maxVariableDepth);
      if (variables === undefined) return undefined;
      return {
        document: entry.document,
        variables,
        operationName,
        type,
        looks:
          text.length > MOST_VARIABLE_CHARS
            ? looks()
            : kept(`${entry.number} ${operationName ?? ''} ${text}`, looks),
      };
    },
  };
}

/** What is answered again and again is no short matter. */
function subscribes({ definitions }: DocumentNode): boolean {
  return definitions.some(
    (one) => one.kind === Kind.OPERATION_DEFINITION && one.operation === OperationTypeNode.SUBSCRIPTION,
  );
}

function isPlain(body: unknown): body is Readonly<Record<string, unknown>> {
  return (
    typeof body === 'object' &&
    body !== null &&
    !Array.isArray(body) &&
    Object.keys(body).every((name) => PLAIN_MEMBERS.has(name))
  );
}

function bounded(variables: object, maxDepth: number): Record<string, unknown> | undefined {
  try {
    return bareVariables(variables, maxDepth);
  } catch {
    return undefined;
  }
}
