// Knows: everything that the API shows, gathered from all sources: collections, operations, relations.
// Must not know: how anything is read, and what the facades make of it.

import { camelCase, didYouMean, distinct, isApiName, pascalCase, singular } from './naming.ts';
import {
  type Collection,
  type Field,
  fieldAt,
  isComparable,
  type Operation,
  type Scalar,
  type Type,
  typeText,
} from './type.ts';
import { family } from './value.ts';

/** One pair of fields that a relation joins by equality; paths may be dotted. */
export interface JoinPair {
  readonly local: string;
  readonly localType: Scalar;
  readonly remote: string;
  readonly remoteType: Scalar;
}

/** A relation as seen from one side; every declared relation is two of these. */
export interface Relation {
  /** Field name on the collection that holds it. */
  readonly name: string;
  /** Collection that it leads to. */
  readonly to: string;
  /** `one` where the remote fields hold the remote key: at most one row can match. */
  readonly cardinality: 'one' | 'many';
  readonly pairs: readonly JoinPair[];
  readonly doc?: string;
}

export interface CatalogCollection extends Collection {
  readonly source: string;
  /** Name of one row's type, PascalCase: `Customer`. */
  readonly typeName: string;
  /** Name of one row, camelCase: `customer`; never equal to `name`. */
  readonly itemName: string;
  readonly relations: ReadonlyMap<string, Relation>;
}

export interface CatalogOperation extends Operation {
  readonly source: string;
}

export interface Catalog {
  readonly collections: ReadonlyMap<string, CatalogCollection>;
  readonly operations: ReadonlyMap<string, CatalogOperation>;
}

/** What a source brings. */
export interface Contribution {
  readonly source: string;
  readonly collections: readonly Collection[];
  readonly operations: readonly Operation[];
}

/** A relation as the configuration declares it. */
export interface RelationDeclaration {
  /** `customers.accounts`: the collection and the field that it gets. */
  readonly from: string;
  readonly to: string;
  /** Field on the left → field on the right. */
  readonly on: Readonly<Record<string, string>>;
  /** Name of the way back; by default the one row's or the collection's name. */
  readonly inverse?: string;
}

/** Something wrong with the configuration. `path` leads to it in the YAML. */
export interface CatalogProblem {
  readonly path: readonly string[];
  readonly message: string;
}

/**
 * Collections and relations → one catalog, and every problem found. Collections in `absent` are configured but their
 * source could not say what they look like (a database that is down, without a saved model): relations to them are
 * left out without complaint.
 */
export function buildCatalog(
  contributions: readonly Contribution[],
  declarations: readonly RelationDeclaration[],
  absent: ReadonlySet<string> = new Set(),
): { readonly catalog: Catalog; readonly problems: readonly CatalogProblem[] } {
  const problems: CatalogProblem[] = [];
  const collections = new Map<string, CatalogCollection>();
  const operations = new Map<string, CatalogOperation>();
  const relations = new Map<string, Map<string, Relation>>();
  const typeNames = new Map<string, string>();

  for (const { source, collections: offered, operations: offeredOperations } of contributions) {
    for (const collection of offered) {
      const path = ['sources', source, 'collections', collection.name];
      const known = collections.get(collection.name);
      if (known !== undefined) {
        problems.push({
          path,
          message: `Collection "${collection.name}" is already offered by source "${known.source}"; give one of them another name`,
        });
        continue;
      }
      if (!isApiName(collection.name)) {
        problems.push({
          path,
          message: `"${collection.name}" cannot name a collection: letters and digits, a small letter first. Did you mean "${camelCase(collection.name)}"?`,
        });
        continue;
      }
      for (const message of nameProblems(collection.fields, collection.name))
        problems.push({ path, message });
      for (const message of keyProblems(collection)) problems.push({ path: [...path, 'key'], message });
      const one = singular(collection.name);
      const typeName = pascalCase(one);
      const twin = typeNames.get(typeName);
      if (twin !== undefined) {
        problems.push({
          path,
          message: `Collections "${twin}" and "${collection.name}" would both have the type "${typeName}"; rename one of them`,
        });
        continue;
      }
      typeNames.set(typeName, collection.name);
      const own = new Map<string, Relation>();
      relations.set(collection.name, own);
      collections.set(collection.name, {
        ...collection,
        fields: qualify(collection.fields, typeName),
        source,
        typeName,
        itemName: one === collection.name ? `${one}Item` : one,
        relations: own,
      });
    }
    for (const operation of offeredOperations) operations.set(operation.name, { ...operation, source });
  }

  const catalog: Catalog = { collections, operations };
  for (const declaration of declarations) {
    problems.push(...addRelation(catalog, relations, declaration, absent));
  }
  return { catalog, problems };
}

/** Adapters name fields by the naming rule; a name that slipped past it would break both facades. */
function nameProblems(fields: readonly Field[], owner: string): readonly string[] {
  return fields.flatMap(({ name, type }) => {
    const own = isApiName(name)
      ? []
      : [`"${owner}.${name}" cannot name a field. Did you mean "${camelCase(name)}"?`];
    return [...own, ...(type.kind === 'object' ? nameProblems(type.fields, `${owner}.${name}`) : [])];
  });
}

function keyProblems(collection: Collection): readonly string[] {
  return collection.key.flatMap((name) => {
    const field = fieldAt(collection.fields, name);
    if (field === undefined) {
      return [
        `Key field "${name}" is not in "${collection.name}".${didYouMean(name, fieldNames(collection))}`,
      ];
    }
    return isComparable(field.type)
      ? []
      : [`Key field "${name}" is ${typeText(field.type)}; a key needs plain values`];
  });
}

function fieldNames(collection: Collection): readonly string[] {
  return collection.fields.map(({ name }) => name);
}

/** Types inside a collection get names of their own in the whole catalog: `CustomerAddress`. */
function qualify(fields: readonly Field[], owner: string): readonly Field[] {
  const names = distinct(fields.map(({ name }) => owner + pascalCase(name)));
  return fields.map((field, i) => ({ ...field, type: rename(field.type, names[i] ?? owner) }));
}

function rename(type: Type, name: string): Type {
  switch (type.kind) {
    case 'object':
      return { ...type, name, fields: qualify(type.fields, name) };
    case 'list':
      return { ...type, of: rename(type.of, name) };
    case 'enum':
      return { ...type, name };
    case 'union':
      return {
        ...type,
        name,
        of: type.of.map((member) => {
          const memberName = name + pascalCase(member.name);
          return { ...member, name: memberName, fields: qualify(member.fields, memberName) };
        }),
      };
    default:
      return type;
  }
}

/** Adds both directions; returns what is wrong, then nothing was added. */
function addRelation(
  { collections }: Catalog,
  relations: ReadonlyMap<string, Map<string, Relation>>,
  declaration: RelationDeclaration,
  absent: ReadonlySet<string>,
): readonly CatalogProblem[] {
  const path = ['relations', declaration.from];
  const [fromName = '', name = ''] = declaration.from.split('.');
  if (declaration.from.split('.').length !== 2 || !isApiName(name)) {
    return [
      { path, message: `"${declaration.from}" must be "collection.field", for example "customers.accounts"` },
    ];
  }
  const missing = [fromName, declaration.to].filter((side) => !collections.has(side));
  const unknown = missing.filter((side) => !absent.has(side));
  if (unknown.length > 0) {
    return unknown.map((side) => ({
      path: side === fromName ? path : [...path, 'to'],
      message: `There is no collection "${side}".${didYouMean(side, collections.keys())}`,
    }));
  }
  const from = collections.get(fromName);
  const to = collections.get(declaration.to);
  if (from === undefined || to === undefined) return [];

  const problems: CatalogProblem[] = [];
  const pairs: JoinPair[] = [];
  for (const [local, remote] of Object.entries(declaration.on)) {
    const left = joinField(from, local);
    const right = joinField(to, remote);
    const onPath = [...path, 'on', local];
    if (typeof left === 'string') problems.push({ path: onPath, message: left });
    if (typeof right === 'string') problems.push({ path: onPath, message: right });
    if (typeof left === 'string' || typeof right === 'string') continue;
    if (family(left) !== family(right)) {
      problems.push({
        path: onPath,
        message: `"${fromName}.${local}" is ${typeText(left)}, "${declaration.to}.${remote}" is ${typeText(right)}: they can never be equal`,
      });
      continue;
    }
    pairs.push({ local, localType: left, remote, remoteType: right });
  }
  if (pairs.length === 0 && problems.length === 0) {
    problems.push({ path: [...path, 'on'], message: 'A relation needs at least one pair of fields' });
  }

  const back = pairs.map(({ local, localType, remote, remoteType }) => ({
    local: remote,
    localType: remoteType,
    remote: local,
    remoteType: localType,
  }));
  const backCardinality = cardinality(from, back);
  const backName = declaration.inverse ?? (backCardinality === 'one' ? singular(fromName) : fromName);
  const sides = [
    { on: from, relation: { name, to: to.name, cardinality: cardinality(to, pairs), pairs } },
    { on: to, relation: { name: backName, to: from.name, cardinality: backCardinality, pairs: back } },
  ] as const;
  for (const { on, relation } of sides) {
    const taken =
      relations.get(on.name)?.has(relation.name) || on.fields.some((field) => field.name === relation.name);
    const twice = from === to && name === backName;
    if (taken || twice) {
      const way = on === from && relation.name === name ? '' : ' (the way back; set "inverse" to name it)';
      problems.push({ path, message: `"${on.name}" already has a field "${relation.name}"${way}` });
    }
  }
  if (problems.length > 0) return problems;
  for (const { on, relation } of sides) relations.get(on.name)?.set(relation.name, relation);
  return [];
}

function joinField(collection: CatalogCollection, path: string): Scalar | string {
  const field = fieldAt(collection.fields, path);
  if (field === undefined) {
    return `"${collection.name}" has no field "${path}".${didYouMean(path, fieldNames(collection))}`;
  }
  if (!isComparable(field.type))
    return `"${collection.name}.${path}" is ${typeText(field.type)} and cannot be joined`;
  return field.type;
}

function cardinality(to: Collection, pairs: readonly JoinPair[]): 'one' | 'many' {
  const joined = new Set(pairs.map(({ remote }) => remote));
  return to.key.length > 0 && to.key.every((field) => joined.has(field)) ? 'one' : 'many';
}
