// Knows: how a coerced argument is taken apart, and what the input types share.
// Must not know: filters, orders.

import type { GraphQLEnumType, GraphQLInputObjectType, GraphQLScalarType } from 'graphql';
import { Fault } from '../fault.ts';
import { type Scalar, typeText } from '../model/type.ts';
import type { Value } from '../model/value.ts';
import type { Operand } from '../query/filter.ts';
import { typedValue } from './scalars.ts';

export type LeafType = GraphQLScalarType | GraphQLEnumType;

/** What the schema lends to its inputs. */
export interface InputTypes {
  readonly name: (wanted: string) => string;
  readonly leaf: (type: Scalar) => LeafType;
  /** One operator input for each leaf type, made when first wanted. */
  readonly operators: Map<string, GraphQLInputObjectType>;
}

/** Arguments as the executor hands them over. */
export type Arguments = Readonly<Record<string, unknown>>;

/** A coerced argument → a value of the operand's type. `at` is its path in the arguments. */
export function typedOperand(operand: Operand, input: unknown, at: string, parameter: string): Value {
  const value = typedValue(operand.type, input);
  if (value !== undefined) return value;
  throw new Fault('invalid', `"${at}" must be ${typeText(operand.type)}`, {
    code: 'bad-value',
    field: operand.field,
    parameter,
  });
}

/** Members of a coerced input object. */
export function members(input: unknown): readonly (readonly [string, unknown])[] {
  return typeof input === 'object' && input !== null ? Object.entries(input) : [];
}

/** Elements of a coerced list. */
export function list(input: unknown): readonly unknown[] {
  return Array.isArray(input) ? input : [];
}

/** Where something stands in the arguments: `values.address`. */
export function pathTo(at: string, name: string): string {
  return at === '' ? name : `${at}.${name}`;
}
