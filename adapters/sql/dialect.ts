// Knows: what the shared part needs to know of a product's SQL.
// Must not know: any product, and how statements are run.

import type {
  InsertQueryNode,
  OrderByItemNode,
  QueryCompiler,
  RootOperationNode,
  SelectionNode,
  SelectQueryNode,
} from 'kysely';
import type { Coverage, Scalar, Value } from '#spi';
import type { Parameter } from './driver.ts';
import type { Expression } from './expression.ts';
import type { Column } from './table.ts';

export type RangeOp = 'lt' | 'le' | 'gt' | 'ge';
export type PatternOp = 'startsWith' | 'endsWith' | 'contains';

/** A condition in SQL and how much of what was asked it covers; without `expression` nothing is covered. */
export interface Condition {
  readonly coverage: Coverage;
  readonly expression?: Expression;
}

/** How a product compares the values of one column. */
export interface Comparison {
  /** Compared and ordered by this expression; mostly the column itself. */
  readonly operand: Expression;
  /**
   * Compared by this instead where only `=`, `<>` and `in` are asked: the column itself, whose index then serves, where
   * the operand is an expression for the sake of the order.
   */
  readonly identity?: Expression;
  /** How close `=`, `<>` and `in` on the identity come to equality of our values. */
  readonly equality: Coverage;
  /** `exact` where `<` and ORDER BY on the operand give the order of our values, nulls aside. */
  readonly order: Extract<Coverage, 'exact' | 'none'>;
  /**
   * The value as it is bound. Undefined for `equality`: no stored value is equal to it. Undefined for `order`: the
   * product cannot compare with it.
   */
  bind(value: Value, use: 'equality' | 'order'): Parameter | undefined;
  /** The operand is one of several values, where the product can say so with fewer parameters than values. */
  oneOf?(operand: Expression, values: readonly Parameter[]): Expression | undefined;
  /** False: some stored values stand to this one otherwise than they do for us. Absent: none does. Of ranges alone. */
  ranges?(value: Value): boolean;
  /** startsWith, endsWith, contains; absent on what is no text. */
  match?(op: PatternOp, text: string): Condition;
  /** A further condition that is true for all rows that match, and that an index can serve. */
  narrow?(op: 'eq' | RangeOp, values: readonly Parameter[]): Expression | undefined;
  /**
   * Present where the product does not enforce the declared type: makes the condition also true for rows whose value
   * does not fit it and that the condition would drop. The gateway checks such rows again and names them.
   */
  widen?(op: RangeOp | PatternOp, condition: Expression): Expression;
}

/** What a declared type means to us. */
export interface DeclaredType {
  readonly type: Scalar;
  /** Blanks at the end are padding and no part of the value. */
  readonly padded: boolean;
  /** What a reader of the API should know about the choice. */
  readonly note?: string;
}

/** A stored value → our value; undefined when it does not fit the column's type. */
export type Decode = (stored: unknown) => Value | undefined;

/** A value that is not null → as it is bound to be written; undefined when the column would not hold just this value. */
export type Writer = (value: Value) => Parameter | undefined;

/** What a product has for writes. */
export interface Writing {
  /** Undefined where the column cannot be written. */
  writer(column: Column): Writer | undefined;
  /** Most rows of one INSERT. */
  readonly rowsPerInsert: number;
  /**
   * Makes each inserted row come back, in the order of the rows given; `selections` select the columns as they are read. Absent: only
   * the number of a numbered row comes back, as `StatementResult.numbered`.
   */
  returning?(
    insert: InsertQueryNode,
    columns: readonly Column[],
    selections: readonly SelectionNode[],
  ): RootOperationNode;
  /**
   * Makes an INSERT do nothing where a row with these columns is there already. Absent: the fault is a conflict with the code
   * `duplicate`, and the transaction goes on as if there had been no INSERT.
   */
  unlessThere?(insert: InsertQueryNode, unique: readonly Column[]): InsertQueryNode;
  /** An INSERT that gives no value at all; absent: DEFAULT VALUES. */
  empty?(insert: InsertQueryNode, columns: readonly Column[]): InsertQueryNode;
  /** Rows that are read so stay as they are until the transaction ends. */
  locked(select: SelectQueryNode): SelectQueryNode;
}

export interface Dialect {
  /** Largest number of parameters in one statement. */
  readonly maxParameters: number;
  compiler(): QueryCompiler;
  /** `values`: what the catalog lists for an enumerated type. */
  typeOf(declared: string, values?: readonly string[]): DeclaredType;
  comparison(column: Column): Comparison;
  decoder(column: Column): Decode;
  /**
   * The value as it is given to a parameter of a routine that is declared as the column, typed so; undefined when the
   * product has no such value. Never of null. Absent where the product has no routines.
   */
  argument?(column: Column, value: Value): Parameter | undefined;
  /** What is selected to read the column where that is not the column itself: a cast that keeps all digits. */
  selected?(column: Column): Expression | undefined;
  /** At most `rows` rows. */
  limited(select: SelectQueryNode, rows: Parameter): SelectQueryNode;
  /** Nulls first ascending, last descending. */
  ordered(operand: Expression, descending: boolean, nullable: boolean): OrderByItemNode;
  /** The values of the operands are one of the keys, each with a value for each operand. */
  keyed(operands: readonly Expression[], keys: readonly (readonly Parameter[])[]): Expression;
  /** Absent: nothing can be written. */
  readonly writing?: Writing;
}
