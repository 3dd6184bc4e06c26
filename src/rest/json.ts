// Knows: the JSON form of a selected row and of what it includes.
// Must not know: HTTP, and how rows are read.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection, Relation } from '../model/catalog.ts';
import { convert } from '../model/comparison.ts';
import { elementOf, type Field, fieldAt, type Type } from '../model/type.ts';
import {
  type Cell,
  isList,
  isRecord,
  type Json,
  memberOf,
  type Row,
  scalarText,
  toJson,
  valueAt,
} from '../model/value.ts';
import type { Item, Page, Related, Selection } from '../query/request.ts';
import { API } from './routes.ts';

/** One member of the answer's object; `inside`: only these members of a group, or of each group in a list. */
export interface Member {
  readonly name: string;
  readonly type: Type;
  readonly inside?: readonly Member[];
}

interface IncludedOutline {
  readonly as: string;
  readonly relation: Relation;
  readonly outline: Outline;
}

/** What a row's JSON object holds, in order. */
export interface Outline {
  readonly members: readonly Member[];
  readonly includes: readonly IncludedOutline[];
}

export function outlineOf(catalog: Catalog, collection: CatalogCollection, selection: Selection): Outline {
  return {
    members: membersOf(collection.fields, selection.fields),
    includes: selection.include.flatMap(({ as, relation: name, selection: below }) => {
      const relation = collection.relations.get(name);
      const target = relation === undefined ? undefined : catalog.collections.get(relation.to);
      return relation === undefined || target === undefined
        ? []
        : [{ as, relation, outline: outlineOf(catalog, target, below) }];
    }),
  };
}

export function membersOf(fields: readonly Field[], paths: readonly string[]): readonly Member[] {
  const groups = Map.groupBy(paths, (path) => path.split('.', 1)[0] ?? path);
  return [...groups].flatMap(([name, named]): readonly Member[] => {
    const type = fieldAt(fields, name)?.type;
    if (type === undefined) return [];
    const group = elementOf(type);
    if (named.includes(name) || group.kind !== 'object') return [{ name, type }];
    const inside = membersOf(
      group.fields,
      named.map((path) => path.slice(name.length + 1)),
    );
    return [{ name, type, inside }];
  });
}

/** A row with what it includes. Throws the first fault in it. */
export function itemJson(
  { members, includes }: Outline,
  row: Row,
  related: ReadonlyMap<string, Related> | undefined,
): Json {
  const out = groupJson(members, row);
  for (const { as, relation, outline } of includes) {
    const found = related?.get(as) ?? null;
    if (found instanceof Fault) throw found;
    if (!isPage(found)) {
      out[as] = found === null ? null : itemJson(outline, found.row, found.related);
      continue;
    }
    out[as] = found.items.map((item) => itemJson(outline, item.row, item.related));
    if (found.nextCursor !== undefined) out[`${as}@nextLink`] = relatedLink(relation, row, found.nextCursor);
  }
  return out;
}

function isPage(related: Page | Item | null): related is Page {
  return related !== null && 'items' in related;
}

function groupJson(members: readonly Member[], group: Row): Record<string, Json> {
  const out: Record<string, Json> = {};
  for (const member of members) out[member.name] = memberJson(member, memberOf(group, member.name) ?? null);
  return out;
}

/** Throws the first fault in it. */
export function memberJson({ type, inside }: Member, cell: Cell): Json {
  return inside === undefined ? toJson(type, cell) : partJson(inside, cell);
}

function partJson(inside: readonly Member[], cell: Cell): Json {
  if (cell instanceof Fault) throw cell;
  if (isList(cell)) return cell.map((element) => partJson(inside, element));
  return isRecord(cell) ? groupJson(inside, cell) : null;
}

/** Where the rest of a related page is: the related list, restricted to the parent by equality. */
function relatedLink({ to, pairs }: Relation, parent: Row, cursor: string): string {
  const parameters = pairs.map(({ local, localType, remote, remoteType }) => {
    const value = convert(localType, remoteType, valueAt(parent, local)) ?? null;
    return `${encodeURIComponent(remote)}=${encodeURIComponent(scalarText(remoteType, value))}&`;
  });
  return `${API}/${to}?${parameters.join('')}after=${cursor}`;
}
