// Knows: what one GraphQL request carries through its resolvers, and the gateway as they see it.
// Must not know: HTTP servers, the schema.

import type { FieldNode } from 'graphql';
import type { Ages } from '../query/freshness.ts';
import type { Asked, Context, Execute, Invoke, Item, Request, Write } from '../query/request.ts';
import type { ListLook } from './look-ahead.ts';
import type { Connection } from './resolve.ts';

/** One request under way. The facade's own fields stand beside those that the server puts in. */
export interface GraphqlContext {
  readonly execute: Execute;
  /** Absent: nothing can call operations yet. */
  readonly invoke?: Invoke;
  /** Absent: nothing can change rows yet. */
  readonly write?: Write;
  readonly requestId: string;
  /** Aborted when the client leaves. */
  readonly signal: AbortSignal;
  /** How old the data is, as far as it has been read. */
  readonly ages: Ages;
  /** What the root fields ask for together. */
  readonly asked: Asked;
  readonly includeNames: IncludeNames;
  readonly looks: Looks;
  /** What has been read for the root fields, by response key. */
  readonly roots: Map<string | number, Promise<Root>>;
  readonly changed: Changed;
}

/** What the document has changed so far. */
export interface Changed {
  /** Changes that the fields so far have asked for. */
  asked: number;
  /** Response keys of the fields whose changes were made. They stand, whatever becomes of the rest of the answer. */
  readonly fields: string[];
}

export type Root = Connection | Item | null;

export function contextOf({ requestId, signal, asked }: GraphqlContext): Context {
  return { requestId, signal, asked };
}

/** What a root field asks for, worked out of the document and its variables. */
export interface Look extends Pick<ListLook, 'rows' | 'cursors'> {
  readonly request: Request;
}

/** The looks of one document with its variables: whoever asks the same again looks no further. */
export interface Looks {
  readonly includeNames: IncludeNames;
  /** The look at the root field with this response key, or the one that `look` takes. */
  at(key: string | number, look: () => Look): Look;
}

export function looks(): Looks {
  const taken = new Map<string | number, Look>();
  return {
    includeNames: includeNames(),
    at(key, look) {
      const known = taken.get(key) ?? look();
      taken.set(key, known);
      return known;
    },
  };
}

/**
 * Names of the includes of one request (`Include.as`). Normally that is the response key; but the rows of one list can
 * be selected twice, under `items` and under `edges { node }`, and the same key may have other arguments there.
 */
export interface IncludeNames {
  /** The name for a relation with these arguments under this response key; `node` finds it again. */
  give(node: FieldNode, responseKey: string, meaning: string): string;
  /** The name of a relation that look-ahead has met. */
  of(node: FieldNode): string | undefined;
}

function includeNames(): IncludeNames {
  const byNode = new Map<FieldNode, string>();
  const byKey = new Map<string, Map<string, string>>();
  return {
    give(node, responseKey, meaning) {
      const meanings = byKey.get(responseKey) ?? new Map<string, string>();
      byKey.set(responseKey, meanings);
      // `~` is in no GraphQL name.
      const name =
        meanings.get(meaning) ?? (meanings.size === 0 ? responseKey : `${responseKey}~${meanings.size + 1}`);
      meanings.set(meaning, name);
      byNode.set(node, name);
      return name;
    },
    of: (node) => byNode.get(node),
  };
}
