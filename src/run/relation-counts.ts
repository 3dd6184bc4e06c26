// Knows: how many rows of each relation an answer holds, and which relations could not be read.
// Must not know: what is told of them, and how relations are followed.

import { Fault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import type { Include, Related, ResultBatch } from '../query/request.ts';

/** One relation of the request, at whatever depth. */
export interface RelationAccess {
  readonly source: string;
  /** Collection that it leads to. */
  readonly target: string;
  readonly fields: readonly string[];
}

export interface RelationCounts {
  batch(batch: ResultBatch): void;
  /** What one row includes. */
  item(related: ReadonlyMap<string, Related>): void;
  /** Of every relation that was asked for. */
  ended(): readonly {
    readonly access: RelationAccess;
    readonly rows: number;
    readonly fault: Fault | undefined;
  }[];
}

interface Node {
  readonly access: RelationAccess;
  readonly below: ReadonlyMap<string, Node>;
  rows: number;
  fault?: Fault;
}

const NOTHING: RelationCounts = { batch: () => {}, item: () => {}, ended: () => [] };

export function countRelations(
  catalog: Catalog,
  collection: string,
  include: readonly Include[],
): RelationCounts {
  if (include.length === 0) return NOTHING;
  const nodes = nodesOf(catalog, collection, include);
  return {
    batch(batch) {
      if (batch.related === undefined) return;
      for (let i = 0; i < batch.length; i++) count(batch.related(i), nodes);
    },
    item: (related) => count(related, nodes),
    ended: () => [...all(nodes)].map(({ access, rows, fault }) => ({ access, rows, fault })),
  };
}

/** A relation that the catalog does not have is left out: the request has failed before anything of it was read. */
function nodesOf(
  catalog: Catalog,
  collection: string,
  include: readonly Include[],
): ReadonlyMap<string, Node> {
  const relations = catalog.collections.get(collection)?.relations;
  return new Map(
    include.flatMap(({ as, relation, selection }): [string, Node][] => {
      const to = relations?.get(relation)?.to;
      const target = to === undefined ? undefined : catalog.collections.get(to);
      if (target === undefined) return [];
      const { name, source } = target;
      return [
        [
          as,
          {
            access: { source, target: name, fields: selection.fields },
            below: nodesOf(catalog, name, selection.include),
            rows: 0,
          },
        ],
      ];
    }),
  );
}

function count(related: ReadonlyMap<string, Related>, nodes: ReadonlyMap<string, Node>): void {
  for (const [as, node] of nodes) {
    const found = related.get(as);
    if (found === undefined || found === null) continue;
    if (found instanceof Fault) {
      node.fault = found;
      continue;
    }
    const items = 'items' in found ? found.items : [found];
    node.rows += items.length;
    if (node.below.size > 0) for (const item of items) count(item.related, node.below);
  }
}

function* all(nodes: ReadonlyMap<string, Node>): Generator<Node> {
  for (const node of nodes.values()) {
    yield node;
    yield* all(node.below);
  }
}
