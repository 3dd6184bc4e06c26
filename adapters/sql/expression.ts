// Knows: the words in which conditions are put together, over Kysely's operation nodes. Nodes and not the builder's
// methods, because those read names (`a.b`, `x as y`) where a legacy column may really be called so.
// Must not know: any product, any table.

import {
  AndNode,
  BinaryOperationNode,
  CastNode,
  CollateNode,
  type ColumnDataType,
  ColumnNode,
  DataTypeNode,
  FunctionNode,
  IdentifierNode,
  type OperationNode,
  OperatorNode,
  OrNode,
  ParensNode,
  RawNode,
  ReferenceNode,
  TupleNode,
  UnaryOperationNode,
  ValueListNode,
  ValueNode,
} from 'kysely';
import type { Parameter } from './driver.ts';

/** A piece of SQL as a tree: names are quoted and values bound when it is compiled. */
export type Expression = OperationNode;

type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'in' | 'is' | 'is not';

export function columnNamed(name: string): Expression {
  return ReferenceNode.create(ColumnNode.create(name));
}

/** A quoted name: of a routine with what it stands in before it, of an argument. */
export function identifier(...path: readonly string[]): Expression {
  return separated(
    path.map((name) => IdentifierNode.create(name)),
    '.',
  );
}

/** Expressions one after the other: `a, b, c`. */
export function separated(items: readonly Expression[], by = ', '): Expression {
  return RawNode.create(items.length === 0 ? [''] : ['', ...items.slice(1).map(() => by), ''], items);
}

export function bound(parameter: Parameter): Expression {
  return ValueNode.create(parameter);
}

/** A constant of ours in the SQL text; nothing of a request. */
export function constant(value: string | number | null): Expression {
  return ValueNode.createImmediate(value);
}

export function compare(left: Expression, comparator: Comparator, right: Expression): Expression {
  return BinaryOperationNode.create(left, OperatorNode.create(comparator), right);
}

export function isNull(operand: Expression, is: boolean): Expression {
  return compare(operand, is ? 'is' : 'is not', constant(null));
}

export function isOneOf(operand: Expression, values: readonly Parameter[]): Expression {
  return compare(operand, 'in', ValueListNode.create(values.map(bound)));
}

/** True and false as conditions: not every product has them as words. */
export const ALWAYS: Expression = compare(constant(1), '=', constant(1));
export const NEVER: Expression = compare(constant(1), '=', constant(0));

export function both(conditions: readonly Expression[]): Expression {
  const [first, ...rest] = conditions;
  return first === undefined ? ALWAYS : rest.reduce((left, right) => AndNode.create(left, right), first);
}

export function either(conditions: readonly Expression[]): Expression {
  const [first, ...rest] = conditions;
  if (first === undefined) return NEVER;
  return rest.length === 0
    ? first
    : ParensNode.create(rest.reduce((left, right) => OrNode.create(left, right), first));
}

export function not(condition: Expression): Expression {
  return UnaryOperationNode.create(OperatorNode.create('not'), ParensNode.create(condition));
}

export function call(name: string, ...operands: readonly Expression[]): Expression {
  return FunctionNode.create(name, operands);
}

export function cast(operand: Expression, type: ColumnDataType): Expression {
  return CastNode.create(operand, DataTypeNode.create(type));
}

export function collated(operand: Expression, collation: string): Expression {
  return RawNode.createWithChildren([operand, RawNode.createWithSql(' '), CollateNode.create(collation)]);
}

export function tuple(members: readonly Expression[]): Expression {
  return TupleNode.create(members);
}

/** SQL text around expressions, for what Kysely has no words for. `pieces` are ours, never of a request. */
export function text(pieces: readonly string[], ...between: readonly Expression[]): Expression {
  return RawNode.create(pieces, between);
}
