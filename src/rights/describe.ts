// Knows: what the rights of some roles come to, as plain data for people and programs.
// Must not know: how it is written down, the configuration.

import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import {
  elementOf,
  type Field,
  isEntered,
  isScalar,
  type Mask,
  type ObjectType,
  typeText,
  type WriteVerb,
} from '../model/type.ts';
import type { DetailedView } from './create-rights.ts';

export interface RightsDescription {
  readonly collections: readonly CollectionRights[];
  /** What there is besides, and not for these roles. */
  readonly withheld: { readonly collections: readonly string[]; readonly operations: readonly string[] };
  readonly operations: readonly string[];
}

export interface CollectionRights {
  readonly name: string;
  readonly source: string;
  /** A row is there if one of these rules is true; empty: all rows. */
  readonly rows: readonly string[];
  /** Claims that the caller must have. */
  readonly claims: readonly string[];
  readonly writes: readonly WriteVerb[];
  readonly watch: boolean;
  readonly key: readonly string[];
  /** The key is hidden or masked: no single rows, and cursors are sealed. */
  readonly keyHidden: boolean;
  readonly fields: readonly FieldRights[];
  /** Dotted paths that are not there. */
  readonly hidden: readonly string[];
  /** `name → collection`. */
  readonly relations: readonly { readonly name: string; readonly to: string }[];
  /** One of these sets must be given by equality. */
  readonly required: readonly (readonly string[])[];
  /** What the roles grant and what comes to nothing, and why. */
  readonly notes: readonly string[];
}

export interface FieldRights {
  readonly path: string;
  readonly type: string;
  readonly mask?: Mask;
  readonly readOnly?: true;
}

export function describeRights(view: DetailedView, whole: Catalog): RightsDescription {
  const { collections, operations } = view.catalog;
  const missing = (all: Iterable<string>, own: ReadonlyMap<string, unknown>): readonly string[] =>
    [...all].filter((name) => !own.has(name));
  return {
    collections: [...collections.values()].map((collection) =>
      describe(collection, whole.collections.get(collection.name) ?? collection, view),
    ),
    operations: [...operations.keys()],
    withheld: {
      collections: missing(whole.collections.keys(), collections),
      operations: missing(whole.operations.keys(), operations),
    },
  };
}

function describe(
  shown: CatalogCollection,
  whole: CatalogCollection,
  { shares, notes }: DetailedView,
): CollectionRights {
  const { name, source, key, hiddenKey, writes = [], watchable, relations, required = [] } = shown;
  const rows = shares.get(name)?.rows ?? [];
  const fields = leaves(shown.fields);
  const seen = new Set(fields.map(({ path }) => path));
  return {
    name,
    source,
    rows: rows.map(({ text }) => text),
    claims: [...new Set(rows.flatMap(({ claims }) => claims))],
    writes,
    watch: watchable === true,
    key,
    keyHidden: hiddenKey !== undefined,
    fields,
    hidden: leaves(whole.fields).flatMap(({ path }) => (seen.has(path) ? [] : [path])),
    relations: [...relations.values()].map((relation) => ({ name: relation.name, to: relation.to })),
    required,
    notes: notes.get(name) ?? [],
  };
}

/** Everything that is no group, also in lists of groups. A type that contains itself is entered once. */
function leaves(
  fields: readonly Field[],
  prefix = '',
  around: readonly ObjectType[] = [],
  readOnly = false,
): readonly FieldRights[] {
  return fields.flatMap((field): readonly FieldRights[] => {
    const path = prefix + field.name;
    const fixed = readOnly || field.readOnly === true;
    const inside = elementOf(field.type);
    if (!isScalar(inside) && inside.kind === 'object' && isEntered(inside, around)) {
      return leaves(inside.fields, `${path}.`, [...around, inside], fixed);
    }
    const { mask } = field;
    return [
      {
        path,
        type: typeText(field.type),
        ...(mask === undefined ? {} : { mask }),
        ...(fixed ? { readOnly: true } : {}),
      },
    ];
  });
}
