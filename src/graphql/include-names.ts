// Knows: under which names the related rows of one request are read and found again.
// Must not know: relations, how they are read.

import type { FieldNode } from 'graphql';

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

export function includeNames(): IncludeNames {
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
