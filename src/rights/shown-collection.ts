// Knows: what a collection is for those who have a share of it: its fields, its key, what may be written.
// Must not know: roles, relations, rows.

import type { CatalogCollection } from '../model/catalog.ts';
import {
  type Collection,
  type Field,
  fieldAt,
  isComparable,
  type Mask,
  mayBeLeftOut,
  type Type,
  type WriteVerb,
} from '../model/type.ts';
import { writtenFields } from '../query/change.ts';
import type { Share } from './share.ts';
import { type Visible, visibleAt } from './visible.ts';

export interface ShownCollection {
  /** Without its relations. */
  readonly collection: CatalogCollection;
  /** Verbs that the roles have and that come to nothing, and why. */
  readonly notes: readonly string[];
}

/** Why it cannot be asked at all. */
export interface Unreadable {
  readonly unreadable: string;
}

/** `free` gives the name of a type that is no longer what its name says. */
export function shownCollection(
  whole: CatalogCollection,
  share: Share,
  free: (wanted: string) => string,
): ShownCollection | Unreadable {
  const open = (path: string): boolean =>
    visibleAt(share.visible, path) !== undefined && !share.masks.has(path);
  const required = requiredOf(whole, share, open);
  if (required === undefined) {
    return {
      unreadable: `"${whole.name}" can only be asked with a value for ${(whole.required ?? []).map((set) => set.join(' and ')).join(', or for ')}, which the role does not see and its rows do not give`,
    };
  }
  const keyed = whole.key.every(open);
  const { writes, writable, notes } = writesOf(whole, share, keyed);
  const { required: _, writes: __, watchable, key, ...rest } = whole;
  const fields = shownFields(whole.fields, { ...share, prefix: '', free });
  return {
    notes,
    collection: {
      ...rest,
      fields:
        writes.length === 0
          ? fields
          : fields.map((field) =>
              writable.has(field.name) || field.readOnly === true ? field : { ...field, readOnly: true },
            ),
      key: keyed ? key : [],
      ...(keyed ? {} : { hiddenKey: keyFields(whole) }),
      ...(required.length === 0 ? {} : { required }),
      ...(writes.length === 0 ? {} : { writes }),
      ...(watchable === true && share.watch && keyed ? { watchable } : {}),
    },
  };
}

function keyFields({ key, fields }: Collection): NonNullable<CatalogCollection['hiddenKey']> {
  return key.flatMap((field) => {
    const type = fieldAt(fields, field)?.type;
    return type !== undefined && isComparable(type) ? [{ field, type }] : [];
  });
}

/** What the source insists on and the rows of the share do not give already. Undefined: it can never be given. */
function requiredOf(
  { required = [] }: Collection,
  { rows }: Share,
  open: (path: string) => boolean,
): readonly (readonly string[])[] | undefined {
  const [rule, ...others] = rows;
  const given = new Set(rule !== undefined && others.length === 0 ? rule.gives : []);
  const left = required.map((fields) => fields.filter((field) => !given.has(field)));
  if (left.some((fields) => fields.length === 0)) return [];
  const possible = left.filter((fields) => fields.every(open));
  return required.length > 0 && possible.length === 0 ? undefined : possible;
}

/** Verbs that can be used, and the fields that a change may give: the same for all of them. */
function writesOf(
  whole: CatalogCollection,
  { verbs, rows }: Share,
  keyed: boolean,
): {
  readonly writes: readonly WriteVerb[];
  readonly writable: ReadonlySet<string>;
  readonly notes: readonly string[];
} {
  const { writes: claimed = [], key } = whole;
  const notes: string[] = [];
  const judged = new Set(rows.flatMap(({ fields }) => fields.map((path) => path.split('.')[0] ?? path)));
  const every = writtenFields(whole, 'insert').map(({ name }) => name);
  const must = writtenFields(whole, 'insert').flatMap((field) => (mayBeLeftOut(field) ? [] : [field.name]));

  /** Why the verb cannot be used, if only these fields may be given. */
  const refusal = (verb: WriteVerb, writable: ReadonlySet<string>): string | undefined => {
    const lacking = (needed: Iterable<string>): string | undefined => {
      const missing = [...needed].find((name) => !writable.has(name));
      return missing === undefined ? undefined : `"${missing}" must be given and may not be written`;
    };
    if (verb !== 'insert' && !keyed) return 'the key is not seen';
    switch (verb) {
      case 'insert':
        return lacking([...must, ...judged]);
      case 'upsert':
        if (rows.length > 0 && !claimed.includes('insert')) return 'new rows cannot be told from others';
        return lacking([...every, ...(rows.length > 0 ? judged : [])]);
      case 'update':
        return every.some((name) => writable.has(name) && !key.includes(name))
          ? undefined
          : 'no field may be written';
      case 'delete':
        return undefined;
    }
  };

  let writes = claimed.filter((verb) => verbs.has(verb));
  for (;;) {
    const writable = writes
      .filter((verb) => verb !== 'delete')
      .map((verb) => new Set([...(verbs.get(verb) ?? []), ...(verb === 'update' ? key : [])]))
      .reduce<ReadonlySet<string> | undefined>((all, own) => all?.intersection(own) ?? own, undefined);
    const refused = writes.find((verb) => refusal(verb, writable ?? new Set()) !== undefined);
    if (refused === undefined) return { writes, writable: writable ?? new Set(), notes };
    notes.push(`no ${refused}: ${refusal(refused, writable ?? new Set())}`);
    writes = writes.filter((verb) => verb !== refused);
  }
}

interface Showing {
  readonly visible: Visible;
  readonly masks: ReadonlyMap<string, Mask>;
  /** Path of the group that the fields are in, with a point behind it. */
  readonly prefix: string;
  free(wanted: string): string;
}

/** A field of which nothing is hidden or masked stays the object that it is, and so does its type. */
function shownFields(fields: readonly Field[], showing: Showing): readonly Field[] {
  const { visible, masks, prefix } = showing;
  return fields.flatMap((field): readonly Field[] => {
    const own = visible === 'all' ? 'all' : visible.get(field.name);
    if (own === undefined) return [];
    const path = prefix + field.name;
    const mask = masks.get(path);
    if (mask !== undefined) return [masked(field, mask)];
    const inside = `${path}.`;
    if (own === 'all' && ![...masks.keys()].some((other) => other.startsWith(inside))) return [field];
    const type = shownType(field.type, { ...showing, visible: own, prefix: inside });
    return type === undefined ? [] : [{ ...field, type }];
  });
}

function shownType(type: Type, showing: Showing): Type | undefined {
  switch (type.kind) {
    case 'list': {
      const of = shownType(type.of, showing);
      return of === undefined ? undefined : { ...type, of };
    }
    case 'object': {
      const { shared, ...own } = type;
      const fields = shownFields(type.fields, showing);
      if (fields.length === 0) return undefined;
      // Elsewhere the type of this name is whole.
      return { ...own, name: shared === true ? showing.free(type.name) : type.name, fields };
    }
    default:
      return type;
  }
}

function masked(field: Field, mask: Mask): Field {
  const seen = { ...field, nullable: true, readOnly: true, mask };
  return mask === 'null' ? seen : { ...seen, type: { kind: 'string' } };
}
