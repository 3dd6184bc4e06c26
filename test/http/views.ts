// Views made by hand: a catalog without some of its names, and keys that are believed to be the names of roles.

import type { Authenticate } from '../../src/auth/authenticate.ts';
import { Fault } from '../../src/fault.ts';
import type { Catalog, CatalogCollection } from '../../src/model/catalog.ts';
import type { Field, Mask } from '../../src/model/type.ts';
import type { Caller } from '../../src/query/caller.ts';
import type { Rights, View } from '../../src/rights/rights.ts';

/** What a hand-made view leaves of a catalog. */
export interface Cut {
  /** Collections that stay; left out, all. */
  readonly collections?: readonly string[];
  readonly operations?: readonly string[];
  /** Dotted `collection.field` that goes. */
  readonly hidden?: readonly string[];
  /** Dotted `collection.field` → its mask. */
  readonly masked?: Readonly<Record<string, Mask>>;
  /** Collections whose verbs go. */
  readonly readOnly?: readonly string[];
}

export function cut(
  catalog: Catalog,
  { collections, operations, hidden = [], masked: masks = {}, readOnly = [] }: Cut,
): Catalog {
  const stays = (name: string): boolean => collections?.includes(name) ?? true;
  return {
    collections: new Map(
      [...catalog.collections].flatMap(([name, collection]): [string, CatalogCollection][] => {
        if (!stays(name)) return [];
        const { key, fields, relations, writes, ...rest } = collection;
        const isHidden = (field: string): boolean => hidden.includes(`${name}.${field}`);
        const keyHidden = key.some(isHidden);
        return [
          [
            name,
            {
              ...rest,
              key: keyHidden ? [] : key,
              fields: fields
                .filter((field) => !isHidden(field.name))
                .map((field) => masked(field, name, masks)),
              relations: new Map([...relations].filter(([, { to }]) => stays(to))),
              ...(writes === undefined || readOnly.includes(name) ? {} : { writes }),
            },
          ],
        ];
      }),
    ),
    operations: new Map([...catalog.operations].filter(([name]) => operations?.includes(name) ?? true)),
  };
}

/** `path`: dotted up to the field. */
function masked(field: Field, path: string, masks: Readonly<Record<string, Mask>>): Field {
  const own = `${path}.${field.name}`;
  const mask = masks[own];
  const { type } = field;
  if (mask !== undefined)
    return { ...field, nullable: true, mask, ...(mask === 'null' ? {} : { type: { kind: 'string' } }) };
  if (type.kind !== 'object') return field;
  return { ...field, type: { ...type, fields: type.fields.map((inner) => masked(inner, own, masks)) } };
}

/** Views by the name of the only role that a caller has. */
export function rightsOf(catalogs: Readonly<Record<string, Catalog>>): Rights {
  const views = new Map(
    Object.entries(catalogs).map(([name, catalog]): [string, View] => [
      name,
      { name, catalog, rowsOf: () => [] },
    ]),
  );
  return {
    viewOf: ({ roles: [role = ''] }) => {
      const view = views.get(role);
      if (view === undefined) throw new TypeError(`no view of ${role}`);
      return view;
    },
  };
}

export function callerOf(role: string): Caller {
  return { client: `the ${role}`, roles: [role], claims: {}, by: 'key' };
}

/** `X-Api-Key: teller`: that role asks. */
export const believing: Authenticate = async ({ apiKey }) => {
  if (apiKey === undefined) throw new Fault('unauthenticated', 'Who asks?', { code: 'no-credentials' });
  return callerOf(apiKey);
};
