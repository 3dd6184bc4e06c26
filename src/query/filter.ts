// Knows: the one filter language as a tree, and its reference semantics.
// Must not know: its texts (REST, GraphQL) and who evaluates it (SQL, generated predicates).

import { compareValues } from '../model/comparison.ts';
import { type Collection, fieldAt, isComparable, type Scalar, type ScalarKind } from '../model/type.ts';
import { type Row, scalarText, type Value, valueAt } from '../model/value.ts';
import { compareRows, type OrderKey } from './order.ts';

/** Dotted path of a scalar field: `custId`, `address.city`. `type` is the field's; values have that type and are not null. */
export interface Operand {
  readonly field: string;
  readonly type: Scalar;
}

export type Conjunct =
  | ({ readonly op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'; readonly value: Value } & Operand)
  | ({ readonly op: 'in'; readonly values: readonly Value[] } & Operand)
  | ({ readonly op: 'startsWith' | 'endsWith' | 'contains'; readonly value: string } & Operand)
  | ({ readonly op: 'null'; readonly is: boolean } & Operand)
  /** Batched key lookup: the row's values of `fields` are one of `keys`; no key holds a null. */
  | { readonly op: 'keys'; readonly fields: readonly Operand[]; readonly keys: readonly (readonly Value[])[] }
  /** Keyset cursor: the row comes behind `values` in `order`. */
  | { readonly op: 'after'; readonly order: readonly OrderKey[]; readonly values: readonly Value[] }
  /** At least one of the branches; a branch is a conjunction. */
  | { readonly op: 'any'; readonly of: readonly (readonly Conjunct[])[] }
  /** Not all of these together. */
  | { readonly op: 'not'; readonly of: readonly Conjunct[] };

/** A conjunction: every conjunct must be true. Empty: every row. */
export type Filter = readonly Conjunct[];

/** Operators by the names that clients use, on both surfaces. */
export const OPERATORS = [
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'contains',
  'startsWith',
  'endsWith',
  'isNull',
] as const;
export type Operator = (typeof OPERATORS)[number];

const ORDERED = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'isNull'] as const;
const EQUATABLE = ['eq', 'ne', 'in', 'isNull'] as const;

/** Which operators a scalar takes. */
export const OPERATORS_OF: Record<ScalarKind, readonly Operator[]> = {
  boolean: ['eq', 'ne', 'isNull'],
  int32: ORDERED,
  int64: ORDERED,
  float64: ORDERED,
  decimal: ORDERED,
  date: ORDERED,
  time: ORDERED,
  timestamp: ORDERED,
  instant: ORDERED,
  string: OPERATORS,
  enum: EQUATABLE,
  bytes: EQUATABLE,
  json: ['isNull'],
};

/** One condition in a client's words → a conjunct. `values` are already of the operand's type. */
export function condition(operand: Operand, operator: Operator, values: readonly Value[]): Conjunct {
  const [value = null] = values;
  switch (operator) {
    case 'in':
      return { op: 'in', ...operand, values };
    case 'isNull':
      return { op: 'null', ...operand, is: value !== false };
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return { op: operator, ...operand, value: String(value) };
    case 'eq':
    case 'ne':
      // Comparing with null is asking for null: the one reading under which no client is surprised.
      return value === null
        ? { op: 'null', ...operand, is: operator === 'eq' }
        : { op: operator, ...operand, value };
    case 'gt':
    case 'lt':
      return { op: operator, ...operand, value };
    case 'gte':
      return { op: 'ge', ...operand, value };
    case 'lte':
      return { op: 'le', ...operand, value };
  }
}

/** Three-valued truth as in SQL-92: null is unknown. A comparison with a null field is unknown. */
export type Truth = boolean | null;

/** True only when every conjunct is true. A field that could not be decoded throws its fault. */
export function matches(filter: Filter, row: Row): boolean {
  return truthOfAll(filter, row) === true;
}

function truthOfAll(filter: Filter, row: Row): Truth {
  let all: Truth = true;
  for (const conjunct of filter) {
    const truth = truthOf(conjunct, row);
    if (truth === false) return false;
    if (truth === null) all = null;
  }
  return all;
}

/** The reference semantics of one conjunct. */
export function truthOf(conjunct: Conjunct, row: Row): Truth {
  switch (conjunct.op) {
    case 'null':
      return (valueAt(row, conjunct.field) === null) === conjunct.is;
    case 'any': {
      let any: Truth = false;
      for (const branch of conjunct.of) {
        const truth = truthOfAll(branch, row);
        if (truth === true) return true;
        if (truth === null) any = null;
      }
      return any;
    }
    case 'not': {
      const truth = truthOfAll(conjunct.of, row);
      return truth === null ? null : !truth;
    }
    case 'keys': {
      const values = conjunct.fields.map(({ field }) => valueAt(row, field));
      if (values.includes(null)) return null;
      return keySet(conjunct).has(keyText(conjunct.fields, values));
    }
    case 'after':
      return compareRows(conjunct.order, (key) => valueAt(row, key.field), conjunct.values) > 0;
    case 'in': {
      const value = valueAt(row, conjunct.field);
      if (value === null) return null;
      if (
        conjunct.values.some(
          (candidate) => candidate !== null && compareValues(conjunct.type, value, candidate) === 0,
        )
      ) {
        return true;
      }
      return conjunct.values.includes(null) ? null : false;
    }
    case 'startsWith':
    case 'endsWith':
    case 'contains': {
      const value = valueAt(row, conjunct.field);
      if (typeof value !== 'string') return null;
      if (conjunct.op === 'startsWith') return value.startsWith(conjunct.value);
      return conjunct.op === 'endsWith' ? value.endsWith(conjunct.value) : value.includes(conjunct.value);
    }
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge': {
      const value = valueAt(row, conjunct.field);
      if (value === null || conjunct.value === null) return null;
      return holds(conjunct.op, compareValues(conjunct.type, value, conjunct.value));
    }
  }
}

function holds(op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', order: number): boolean {
  switch (op) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
  }
}

type Keys = Extract<Conjunct, { op: 'keys' }>;
const keySets = new WeakMap<Keys, ReadonlySet<string>>();

function keySet(conjunct: Keys): ReadonlySet<string> {
  let set = keySets.get(conjunct);
  if (set === undefined) {
    set = new Set(conjunct.keys.map((key) => keyText(conjunct.fields, key)));
    keySets.set(conjunct, set);
  }
  return set;
}

/** The key fields in declared order. */
export function keyOperands({ key, fields }: Collection): readonly Operand[] {
  return key.flatMap((field): readonly Operand[] => {
    const type = fieldAt(fields, field)?.type;
    return type !== undefined && isComparable(type) ? [{ field, type }] : [];
  });
}

/** One text for a composite key: equal keys of one type family give equal text, different keys different text. */
export function keyText(operands: readonly { readonly type: Scalar }[], values: readonly Value[]): string {
  if (operands.length === 1 && operands[0] !== undefined)
    return scalarText(operands[0].type, values[0] ?? null);
  return operands
    .map(({ type }, i) => {
      const text = scalarText(type, values[i] ?? null);
      return `${text.length}:${text}`;
    })
    .join('');
}

/** Paths of the fields that a filter reads, without repetition. */
export function fieldsOf(filter: Filter): readonly string[] {
  return [...new Set(filter.flatMap(pathsOf))];
}

function pathsOf(conjunct: Conjunct): readonly string[] {
  switch (conjunct.op) {
    case 'keys':
      return conjunct.fields.map(({ field }) => field);
    case 'after':
      return conjunct.order.map(({ field }) => field);
    case 'any':
      return conjunct.of.flatMap((branch) => branch.flatMap(pathsOf));
    case 'not':
      return conjunct.of.flatMap(pathsOf);
    default:
      return [conjunct.field];
  }
}
