// Knows: what a GraphQL selection asks of a collection, all levels of it, before anything is read.
// Must not know: who reads it, and how answers are rendered.

import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { elementOf, type Field } from '../model/type.ts';
import type { Policy } from '../policy.ts';
import { identity } from '../query/page.ts';
import type { Include, Selection, Window } from '../query/request.ts';
import type { IncludeNames } from './include-names.ts';
import type { Arguments } from './input-values.ts';

/** What the walk needs of its surroundings. */
export interface Around {
  readonly catalog: Catalog;
  readonly policy: Policy;
  readonly window: (collection: CatalogCollection, args: Arguments, count: boolean) => Window;
  readonly names: IncludeNames;
  readonly info: Pick<GraphQLResolveInfo, 'schema' | 'fragments' | 'variableValues'>;
  /** Selected fields met so far, each place counted. */
  met: number;
}

/** What opening selections needs of them. */
export type Walk = Pick<Around, 'policy' | 'info' | 'met'>;

/** What is asked of a list. */
export interface ListLook {
  readonly selection: Selection;
  readonly count: boolean;
  /** Any row, or anything known only after reading, is wanted. */
  readonly rows: boolean;
  /** Cursors wanted: none, of the first and last row, or of each. */
  readonly cursors: 'none' | 'ends' | 'each';
}

/** The same rows selected at several places, or under several aliases: one entry for each place. */
type Places = readonly (readonly FieldNode[])[];

/** What `customers { items { … } edges { … } pageInfo { … } totalCount }` asks, all places together. */
export function lookAtList(
  around: Around,
  collection: CatalogCollection,
  type: GraphQLObjectType,
  places: Places,
): ListLook {
  const rows: (readonly FieldNode[])[] = [];
  const looked: { count: boolean; rows: boolean; cursors: ListLook['cursors'] } = {
    count: false,
    rows: false,
    cursors: 'none',
  };
  for (const place of places) {
    for (const nodes of fieldsOf(around, type, place).values()) {
      switch (nodes[0]?.name.value) {
        case 'totalCount':
          looked.count = true;
          break;
        case 'pageInfo':
          looked.rows = true;
          if (looked.cursors === 'none') looked.cursors = 'ends';
          break;
        case 'items':
          looked.rows = true;
          rows.push(nodes);
          break;
        case 'edges':
          looked.rows = true;
          for (const inner of fieldsOf(around, objectAt(type, 'edges'), nodes).values()) {
            if (inner[0]?.name.value === 'cursor') looked.cursors = 'each';
            if (inner[0]?.name.value === 'node') rows.push(inner);
          }
      }
    }
  }
  return { ...looked, selection: lookAtRow(around, collection, objectAt(type, 'items'), rows) };
}

/** What is asked of each row: dotted paths, and relations with what is asked of theirs. */
export function lookAtRow(
  around: Around,
  collection: CatalogCollection,
  type: GraphQLObjectType,
  places: Places,
): Selection {
  const paths = new Set<string>();
  const related = new Map<string, FieldNode[][]>();
  for (const place of places) {
    for (const [key, nodes] of fieldsOf(around, type, place)) {
      const node = nodes[0];
      if (node === undefined) continue;
      const { value: name } = node.name;
      if (collection.relations.has(name)) {
        const as = around.names.give(node, key, meaningOf(around, type, node));
        related.set(as, [...(related.get(as) ?? []), nodes]);
      } else {
        addPaths(around, collection.fields, type, nodes, '', paths);
      }
    }
  }
  const include: Include[] = [];
  for (const [as, relatedPlaces] of related)
    include.push(lookAtRelation(around, collection, type, as, relatedPlaces));
  return { fields: [...paths], include };
}

function lookAtRelation(
  around: Around,
  collection: CatalogCollection,
  type: GraphQLObjectType,
  as: string,
  places: FieldNode[][],
): Include {
  const node = places[0]?.[0];
  const relation = node === undefined ? undefined : collection.relations.get(node.name.value);
  const target = relation === undefined ? undefined : around.catalog.collections.get(relation.to);
  if (node === undefined || relation === undefined || target === undefined) {
    throw new Fault('internal', 'A relation leads nowhere', { collection: collection.name });
  }
  const answer = objectAt(type, relation.name);
  if (relation.cardinality === 'one') {
    const selection = lookAtRow(around, target, answer, places);
    return { as, relation: relation.name, where: [], order: [], count: false, selection };
  }
  const { selection, count } = lookAtList(around, target, answer, places);
  const window = around.window(target, argumentsOf(around, type, node), count);
  return { as, relation: relation.name, ...window, selection };
}

/** Adds the path of a scalar or a union, or the paths of what is asked of a group, or of the groups in a list. */
function addPaths(
  around: Around,
  fields: readonly Field[],
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  prefix: string,
  paths: Set<string>,
): void {
  const name = nodes[0]?.name.value ?? '';
  const field = fields.find((candidate) => candidate.name === name);
  // `__typename` is no field of a row.
  if (field === undefined) return;
  const path = prefix + name;
  const element = elementOf(field.type);
  if (element.kind !== 'object') {
    paths.add(path);
    if (element.kind === 'union') countInside(around, answerAt(type, name), nodes);
    return;
  }
  const group = objectAt(type, name);
  const before = paths.size;
  for (const inner of fieldsOf(around, group, nodes).values()) {
    addPaths(around, element.fields, group, inner, `${path}.`, paths);
  }
  // Only `__typename`: whether the group is there at all still has to be read.
  if (paths.size === before && ![...paths].some((known) => known.startsWith(`${path}.`))) paths.add(path);
}

/** Equal for equal relation and arguments, whatever variables or literals they were written with. */
function meaningOf(around: Around, type: GraphQLObjectType, node: FieldNode): string {
  return identity([node.name.value, argumentsOf(around, type, node)]);
}

function argumentsOf({ info }: Around, type: GraphQLObjectType, node: FieldNode): Arguments {
  const field = type.getFields()[node.name.value];
  return field === undefined ? {} : getArgumentValues(field, node, info.variableValues);
}

/** A union is read as a whole; what is selected in it only counts. */
function countInside(around: Around, type: GraphQLNamedType | undefined, nodes: readonly FieldNode[]): void {
  if (isAbstractType(type)) {
    for (const member of around.info.schema.getPossibleTypes(type)) countInside(around, member, nodes);
  } else if (isObjectType(type)) {
    for (const inner of fieldsOf(around, type, nodes).values()) {
      countInside(around, answerAt(type, inner[0]?.name.value ?? ''), inner);
    }
  }
}

function objectAt(type: GraphQLObjectType, name: string): GraphQLObjectType {
  const named = answerAt(type, name);
  if (isObjectType(named)) return named;
  throw new Fault('internal', 'A selection does not fit its type');
}

function answerAt(type: GraphQLObjectType, name: string): GraphQLNamedType | undefined {
  const answer = type.getFields()[name]?.type;
  return answer === undefined ? undefined : getNamedType(answer);
}

/** Response key → its field nodes, fragments opened, `@skip` and `@include` obeyed (GraphQL, section 6.3.2). */
export function fieldsOf(
  around: Walk,
  type: GraphQLObjectType,
  nodes: readonly Pick<FieldNode, 'selectionSet'>[],
): ReadonlyMap<string, FieldNode[]> {
  const found = new Map<string, FieldNode[]>();
  const opened = new Set<string>();
  for (const { selectionSet } of nodes) {
    if (selectionSet !== undefined) collect(around, type, selectionSet, found, opened);
  }
  return found;
}

function collect(
  around: Walk,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  found: Map<string, FieldNode[]>,
  opened: Set<string>,
): void {
  const { fragments, variableValues } = around.info;
  for (const selection of selections) {
    if (getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.['if'] === true) continue;
    if (getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.['if'] === false) continue;
    switch (selection.kind) {
      case Kind.FIELD: {
        countOne(around);
        const key = (selection.alias ?? selection.name).value;
        const known = found.get(key);
        if (known === undefined) found.set(key, [selection]);
        else known.push(selection);
        break;
      }
      case Kind.INLINE_FRAGMENT:
        if (applies(around, type, selection)) collect(around, type, selection.selectionSet, found, opened);
        break;
      case Kind.FRAGMENT_SPREAD: {
        const fragment = fragments[selection.name.value];
        if (fragment === undefined || opened.has(selection.name.value)) break;
        opened.add(selection.name.value);
        if (applies(around, type, fragment)) collect(around, type, fragment.selectionSet, found, opened);
      }
    }
  }
}

function applies(
  { info }: Walk,
  type: GraphQLObjectType,
  { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
): boolean {
  if (typeCondition === undefined || typeCondition.name.value === type.name) return true;
  const wider = info.schema.getType(typeCondition.name.value);
  return isAbstractType(wider) && info.schema.isSubType(wider, type);
}

/**
 * Nested fragments can make a short text select very much. What is selected, written out, may be no longer than what a
 * client could have written out.
 */
function countOne(around: Walk): void {
  const limit = around.policy.graphql.maxTokens;
  if (++around.met > limit) {
    throw new Fault('too-costly', `The query selects more than ${limit} fields, fragments written out`, {
      code: 'field-limit',
    });
  }
}
