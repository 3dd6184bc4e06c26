// Knows: how a relation that the configuration declares becomes a field on either side, and what can be wrong with it.
// Must not know: sources, and how relations are followed.

import type { CatalogProblem, JoinPair, Relation } from './catalog.ts';
import { family } from './comparison.ts';
import { didYouMean, isApiName, singular } from './naming.ts';
import {
  type Collection,
  enclosing,
  fieldAt,
  isComparable,
  type Scalar,
  scalarPaths,
  typeText,
} from './type.ts';

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

/** Adds both directions to `relations`, by collection; returns what is wrong, then nothing was added. */
export function addRelation(
  collections: ReadonlyMap<string, Collection>,
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

function joinField(collection: Collection, path: string): Scalar | string {
  const field = fieldAt(collection.fields, path);
  if (field === undefined) {
    const around = enclosing(collection.fields, path);
    if (around !== undefined)
      return `"${collection.name}.${path}" lies inside ${typeText(around.type)} and cannot be joined`;
    const paths = scalarPaths(collection.fields).map(([known]) => known);
    return `"${collection.name}" has no field "${path}".${didYouMean(path, paths)}`;
  }
  if (!isComparable(field.type))
    return `"${collection.name}.${path}" is ${typeText(field.type)} and cannot be joined`;
  return field.type;
}

function cardinality(to: Collection, pairs: readonly JoinPair[]): 'one' | 'many' {
  const joined = new Set(pairs.map(({ remote }) => remote));
  return to.key.length > 0 && to.key.every((field) => joined.has(field)) ? 'one' : 'many';
}
