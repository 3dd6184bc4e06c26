// Knows: the input type of a collection's order, and how its value becomes an order.
// Must not know: filters, resolvers, selections, HTTP.

import { GraphQLEnumType, type GraphQLInputFieldConfig, GraphQLInputObjectType } from 'graphql';
import { Fault } from '../fault.ts';
import { type Field, isComparable, isEntered, type ObjectType } from '../model/type.ts';
import type { Operand } from '../query/filter.ts';
import type { Order } from '../query/order.ts';
import { type InputTypes, list, members } from './input-values.ts';

type OrderEntry =
  | { readonly kind: 'key'; readonly operand: Operand }
  | { readonly kind: 'group'; readonly entries: OrderEntries };
export type OrderEntries = Map<string, OrderEntry>;

const ORDER_DIRECTION = new GraphQLEnumType({
  name: 'OrderDirection',
  description: 'Nulls come first ascending and last descending.',
  values: { ASC: {}, DESC: {} },
});

export function orderType(
  fields: readonly Field[],
  typeName: string,
  prefix: string,
  types: InputTypes,
  entries: OrderEntries,
  around: readonly ObjectType[] = [],
): GraphQLInputObjectType | undefined {
  const inputs: [string, GraphQLInputFieldConfig][] = [];
  for (const { name, type, mask } of fields) {
    if (mask !== undefined) continue;
    const path = prefix + name;
    if (isComparable(type)) {
      inputs.push([name, { type: ORDER_DIRECTION }]);
      entries.set(name, { kind: 'key', operand: { field: path, type } });
    } else if (type.kind === 'object' && isEntered(type, around)) {
      const members: OrderEntries = new Map();
      const group = orderType(type.fields, type.name, `${path}.`, types, members, [...around, type]);
      if (group === undefined) continue;
      inputs.push([name, { type: group }]);
      entries.set(name, { kind: 'group', entries: members });
    }
  }
  if (inputs.length === 0) return undefined;
  return new GraphQLInputObjectType({
    name: types.name(`${typeName}Order`),
    description: 'One field for each entry of the list: `[{ a: ASC }, { b: DESC }]`.',
    isOneOf: true,
    fields: Object.fromEntries(inputs),
  });
}

export function readOrder(entries: OrderEntries, input: unknown): Order {
  return list(input).map((element) => {
    let level = entries;
    let value: unknown = element;
    while (true) {
      const [only, ...more] = members(value);
      const entry = only === undefined ? undefined : level.get(only[0]);
      if (only === undefined || more.length > 0 || entry === undefined) throw manyKeys();
      if (entry.kind === 'key') return { ...entry.operand, descending: only[1] === 'DESC' };
      level = entry.entries;
      value = only[1];
    }
  });
}

function manyKeys(): Fault {
  return new Fault('invalid', 'Each entry of "orderBy" names exactly one field', {
    code: 'bad-order',
    parameter: 'orderBy',
    hint: 'Write [{ a: ASC }, { b: DESC }].',
  });
}
