// Knows: which names GraphQL allows, and which are its own or the schema's.
// Must not know: what the names stand for.

import { GRAPHQL_SCALARS } from './scalars.ts';

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const LITERALS: ReadonlySet<string> = new Set(['true', 'false', 'null']);

/** True for what may name an enum value as it stands (GraphQL, October 2021, section 3.9). */
export function isEnumValueName(name: string): boolean {
  return NAME.test(name) && !LITERALS.has(name);
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
