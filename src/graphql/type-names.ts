// Knows: which names GraphQL allows, and that every type and root field of a schema has a name of its own.
// Must not know: what the names stand for.

import { GRAPHQL_SCALARS } from './scalars.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const LITERALS: ReadonlySet<string> = new Set(['true', 'false', 'null']);

/** True for what may name an enum value as it stands (GraphQL, October 2021, section 3.9). */
export function isEnumValueName(name: string): boolean {
  return NAME.test(name) && !LITERALS.has(name);
}

/**
 * Hands out names, each once: the wanted one, or with `2`, `3` … behind it. The order of asking decides, so the
 * same catalog always gets the same schema.
 */
export function nameGiver(reserved: Iterable<string> = []): (wanted: string) => string {
  const taken = new Set(reserved);
  return (wanted) => {
    let name = wanted;
    for (let n = 2; taken.has(name); n++) name = `${wanted}${n}`;
    taken.add(name);
    return name;
  };
}

const SCALARS = [...Object.values(GRAPHQL_SCALARS).map(({ name }) => name), 'ID'];

/** Names of the schema's own types: a collection `dates` must not take the scalar's name `Date`. */
export const RESERVED_TYPE_NAMES: readonly string[] = [
  ...SCALARS,
  ...SCALARS.map((name) => `${name}Filter`),
  'Query',
  'Mutation',
  'Subscription',
  'PageInfo',
  'OrderDirection',
];
