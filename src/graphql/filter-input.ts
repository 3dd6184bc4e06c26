// Knows: the input types of a collection's filter, and how their values become the filter tree.
// Must not know: orders, resolvers, selections, HTTP.

import {
  GraphQLBoolean,
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { type Field, isEntered, isScalar, type ObjectType, type Scalar } from '../model/type.ts';
import type { Policy } from '../policy.ts';
import {
  type Conjunct,
  condition,
  type Filter,
  OPERATORS,
  OPERATORS_OF,
  type Operand,
  type Operator,
} from '../query/filter.ts';
import { type FilterBudget, filterBudget } from '../query/filter-budget.ts';
import { type InputTypes, type LeafType, list, members, typedOperand } from './input-values.ts';

type FilterEntry =
  | { readonly kind: 'and' | 'or' | 'not' }
  | { readonly kind: 'scalar'; readonly operand: Operand }
  | { readonly kind: 'group'; readonly entries: FilterEntries };
export type FilterEntries = Map<string, FilterEntry>;

const LOGIC = ['and', 'or', 'not'] as const;

/** `CustomerFilter { and or not custId: LongFilter … }`; fills `entries` with how to read it. */
export function filterType(
  collection: CatalogCollection,
  typeName: string,
  types: InputTypes,
  entries: FilterEntries,
): GraphQLInputObjectType {
  const name = types.name(`${typeName}Filter`);
  const fields = filterFields(collection.fields, '', types, entries);
  for (const kind of LOGIC) entries.set(kind, { kind });
  const filter: GraphQLInputObjectType = new GraphQLInputObjectType({
    name,
    description: `Conditions on ${collection.name}; all that are given must be true.`,
    fields: () => {
      const many = new GraphQLList(new GraphQLNonNull(filter));
      return {
        and: { type: many, description: 'Every one of these.' },
        or: { type: many, description: 'At least one of these.' },
        not: { type: filter, description: 'Not all of these together.' },
        ...fields,
      };
    },
  });
  return filter;
}

function filterFields(
  fields: readonly Field[],
  prefix: string,
  types: InputTypes,
  entries: FilterEntries,
  around: readonly ObjectType[] = [],
): Record<string, GraphQLInputFieldConfig> {
  const inputs: [string, GraphQLInputFieldConfig][] = [];
  for (const field of fields) {
    const { type, mask } = field;
    if (mask !== undefined) continue;
    const path = prefix + field.name;
    // Only the outermost level has the logic words; a field of that name gives way there.
    const name = prefix === '' && LOGIC.some((word) => word === field.name) ? `${field.name}_` : field.name;
    if (isScalar(type)) {
      inputs.push([name, { type: operatorType(type, types) }]);
      entries.set(name, { kind: 'scalar', operand: { field: path, type } });
    } else if (type.kind === 'object' && isEntered(type, around)) {
      const inner: FilterEntries = new Map();
      const members = filterFields(type.fields, `${path}.`, types, inner, [...around, type]);
      if (inner.size === 0) continue;
      const group = new GraphQLInputObjectType({ name: types.name(`${type.name}Filter`), fields: members });
      inputs.push([name, { type: group }]);
      entries.set(name, { kind: 'group', entries: inner });
    }
  }
  return Object.fromEntries(inputs);
}

/** `DecimalFilter { eq ne gt … }`: the operators that the scalar takes. */
function operatorType(type: Scalar, types: InputTypes): GraphQLInputObjectType {
  const leaf = types.leaf(type);
  // An enum whose values GraphQL cannot name is shown as String, yet compares as an enum: it goes by its own name.
  const subject = type.kind === 'enum' ? type.name : leaf.name;
  const known = types.operators.get(subject);
  if (known !== undefined) return known;
  const made = new GraphQLInputObjectType({
    name: type.kind === 'enum' ? types.name(`${subject}Filter`) : `${subject}Filter`,
    fields: Object.fromEntries(
      OPERATORS_OF[type.kind].map((operator) => [operator, operatorField(operator, leaf)]),
    ),
  });
  types.operators.set(subject, made);
  return made;
}

function operatorField(operator: Operator, leaf: LeafType): GraphQLInputFieldConfig {
  switch (operator) {
    case 'isNull':
      return { type: GraphQLBoolean };
    case 'in':
      return { type: new GraphQLList(new GraphQLNonNull(leaf)) };
    case 'eq':
      return { type: leaf, description: 'Equal; `null` asks for missing values.' };
    case 'ne':
      return { type: leaf, description: 'Not equal; `null` asks for values that are there.' };
    default:
      return { type: leaf };
  }
}

export function readFilter(entries: FilterEntries, input: unknown, policy: Policy): Filter {
  return conjunctsOf(
    entries,
    input,
    'filter',
    filterBudget(policy.query, () => ({ parameter: 'filter' })),
  );
}

function conjunctsOf(
  entries: FilterEntries,
  input: unknown,
  at: string,
  budget: FilterBudget,
): readonly Conjunct[] {
  const conjuncts: Conjunct[] = [];
  for (const [name, value] of members(input)) {
    const place = `${at}.${name}`;
    const entry = entries.get(name);
    if (entry === undefined) {
      throw new Fault('invalid', `There is no condition "${place}"`, { parameter: 'filter' });
    }
    if (value === null) throw nullCondition(place);
    const branch = (element: unknown): readonly Conjunct[] =>
      budget.nested(() => conjunctsOf(entries, element, place, budget));
    switch (entry.kind) {
      case 'and':
        conjuncts.push(...list(value).flatMap(branch));
        break;
      case 'or':
        conjuncts.push({ op: 'any', of: list(value).map(branch) });
        break;
      case 'not':
        conjuncts.push({ op: 'not', of: branch(value) });
        break;
      case 'group':
        conjuncts.push(...conjunctsOf(entry.entries, value, place, budget));
        break;
      case 'scalar':
        for (const [operator, operands] of members(value)) {
          budget.condition();
          conjuncts.push(conditionOf(entry.operand, operator, operands, `${place}.${operator}`));
        }
    }
  }
  return conjuncts;
}

function conditionOf(operand: Operand, word: string, input: unknown, at: string): Conjunct {
  const operator = OPERATORS.find((known) => known === word);
  if (operator === undefined)
    throw new Fault('invalid', `There is no operator "${at}"`, { parameter: 'filter' });
  if (operator === 'isNull') {
    if (typeof input !== 'boolean') throw nullCondition(at);
    return condition(operand, operator, [input]);
  }
  if (operator === 'in') {
    if (input === null) throw nullCondition(at);
    return condition(
      operand,
      operator,
      list(input).map((value) => typedOperand(operand, value, at, 'filter')),
    );
  }
  // Only equality has a reading for null; elsewhere no row could ever match, which is never what was meant.
  if (input === null && operator !== 'eq' && operator !== 'ne') throw nullCondition(at);
  return condition(operand, operator, [typedOperand(operand, input, at, 'filter')]);
}

function nullCondition(at: string): Fault {
  return new Fault('invalid', `"${at}" is null`, {
    code: 'null-condition',
    parameter: 'filter',
    hint: 'Leave it out; to find missing values use { isNull: true } or { eq: null }.',
  });
}
