// Knows: how what the sources bring becomes one catalog: names that are free, types with names of their own, relations.
// Must not know: sources, facades.

import { answerable, answerableType } from './answerable.ts';
import type {
  Catalog,
  CatalogCollection,
  CatalogOperation,
  CatalogProblem,
  Contribution,
  Relation,
} from './catalog.ts';
import { addRelation, type RelationDeclaration } from './declared-relation.ts';
import { camelCase, didYouMean, isApiName, nameGiver, pascalCase, singular } from './naming.ts';
import {
  type Collection,
  elementOf,
  type Field,
  fieldAt,
  isComparable,
  type Operation,
  scalarPaths,
  type Type,
  typeText,
} from './type.ts';
import { type TypeNamer, typeNamer } from './type-names.ts';
import { writeNames } from './write-names.ts';

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
  const accepted = new Map<string, Accepted>();
  const operations = new Map<string, CatalogOperation>();
  const offered: { readonly operation: Operation; readonly source: string }[] = [];
  for (const { source, collections: own, operations: offeredOperations } of contributions) {
    for (const collection of own) {
      const path = ['sources', source, 'collections', collection.name];
      const refusal = refusalOf(collection, accepted);
      if (refusal !== undefined) {
        problems.push({ path, message: refusal });
        continue;
      }
      accepted.set(collection.name, { collection, source });
      for (const message of nameProblems(collection.fields, collection.name))
        problems.push({ path, message });
      for (const message of keyProblems(collection)) problems.push({ path: [...path, 'key'], message });
    }
    offered.push(...offeredOperations.map((operation) => ({ operation, source })));
  }

  // Rows take their names before the types inside them do.
  const names = typeNamer(nameGiver([...accepted.keys()].map(typeNameOf)));
  const relations = new Map<string, Map<string, Relation>>();
  const collections = new Map<string, CatalogCollection>();
  for (const [name, { collection, source }] of accepted) {
    const own = new Map<string, Relation>();
    relations.set(name, own);
    const typeName = typeNameOf(name);
    const one = singular(name);
    collections.set(name, {
      ...collection,
      fields: names.fields(answerable(collection.fields), typeName),
      source,
      typeName,
      itemName: one === name ? `${one}Item` : one,
      relations: own,
    });
  }
  const writers = new Map(
    [...writeNames(collections.values())].flatMap(([name, own]) =>
      [...own.values()].map((written) => [written, collections.get(name)] as const),
    ),
  );
  for (const { operation, source } of offered) {
    const { name, legacyName } = operation;
    const refusal = operationRefusal(operation, operations, collections, writers);
    const path = ['sources', source, 'operations', legacyName ?? name];
    if (refusal !== undefined) problems.push({ path, message: refusal });
    else operations.set(name, { ...operation, source, ...namedTypes(operation, names) });
    for (const message of nameProblems(operation.input, name)) problems.push({ path, message });
    for (const message of problemsInside(operation.output, name)) problems.push({ path, message });
  }
  for (const declaration of declarations) {
    problems.push(...addRelation(collections, relations, declaration, absent));
  }
  return { catalog: { collections, operations }, problems };
}

interface Accepted {
  readonly collection: Collection;
  readonly source: string;
}

/** Why a collection cannot stand beside those accepted before it. */
function refusalOf({ name }: Collection, accepted: ReadonlyMap<string, Accepted>): string | undefined {
  const known = accepted.get(name);
  if (known !== undefined) {
    return `Collection "${name}" is already offered by source "${known.source}"; give one of them another name`;
  }
  if (!isApiName(name)) {
    return `"${name}" cannot name a collection: letters and digits, a small letter first. Did you mean "${camelCase(name)}"?`;
  }
  const typeName = typeNameOf(name);
  const twin = [...accepted.keys()].find((other) => typeNameOf(other) === typeName);
  return twin === undefined
    ? undefined
    : `Collections "${twin}" and "${name}" would both have the type "${typeName}"; rename one of them`;
}

/** Why an operation cannot stand beside the collections and the operations accepted before it. `writers`: by what their rows are written. */
function operationRefusal(
  { name, effect }: Operation,
  operations: ReadonlyMap<string, CatalogOperation>,
  collections: ReadonlyMap<string, CatalogCollection>,
  writers: ReadonlyMap<string, CatalogCollection | undefined>,
): string | undefined {
  if (!isApiName(name)) {
    return `"${name}" cannot name an operation: letters and digits, a small letter first. Did you mean "${camelCase(name)}"?`;
  }
  const known = operations.get(name);
  if (known !== undefined) {
    return `An operation "${name}" is already offered by source "${known.source}"; give one of them another name`;
  }
  const asked = [...collections.values()].find((own) => own.name === name || own.itemName === name);
  const collection = asked ?? (effect === 'write' ? writers.get(name) : undefined);
  return collection === undefined
    ? undefined
    : `"${name}" is what collection "${collection.name}" of source "${collection.source}" is ${asked === undefined ? 'written' : 'asked'} by; give the operation another name`;
}

/** Types of an operation are named by it, where they have no name of their own. */
function namedTypes(
  { name, input, output }: Operation,
  names: TypeNamer,
): Pick<Operation, 'input' | 'output'> {
  const owner = pascalCase(name);
  return {
    input: names.fields(answerable(input), owner),
    output: names.type(answerableType(output), `${owner}Result`),
  };
}

function typeNameOf(collection: string): string {
  return pascalCase(singular(collection));
}

/** Adapters name fields by the naming rule; a name that slipped past it would break both facades. */
function nameProblems(
  fields: readonly Field[],
  owner: string,
  seen = new Set<readonly Field[]>(),
): readonly string[] {
  // A type that is used in several places, or contains itself, is looked at once.
  if (seen.has(fields)) return [];
  seen.add(fields);
  return fields.flatMap(({ name, type }) => {
    const own = isApiName(name)
      ? []
      : [`"${owner}.${name}" cannot name a field. Did you mean "${camelCase(name)}"?`];
    return [...own, ...problemsInside(type, `${owner}.${name}`, seen)];
  });
}

function problemsInside(type: Type, owner: string, seen = new Set<readonly Field[]>()): readonly string[] {
  const inside = elementOf(type);
  if (inside.kind === 'object') return nameProblems(inside.fields, owner, seen);
  if (inside.kind !== 'union') return [];
  const tags = inside.of.map(({ tag }) => tag);
  const twice = tags.filter((tag, i) => tags.indexOf(tag) < i);
  return [
    ...twice.map((tag) => `The union "${owner}" has two members with the tag "${tag}"`),
    ...inside.of.flatMap(({ tag, fields }) => nameProblems(fields, `${owner}(${tag})`, seen)),
  ];
}

function keyProblems({ name, key, fields }: Collection): readonly string[] {
  const paths = scalarPaths(fields).map(([known]) => known);
  return key.flatMap((path) => {
    const field = fieldAt(fields, path);
    if (field === undefined) return [`Key field "${path}" is not in "${name}".${didYouMean(path, paths)}`];
    return isComparable(field.type)
      ? []
      : [`Key field "${path}" is ${typeText(field.type)}; a key needs plain values`];
  });
}
