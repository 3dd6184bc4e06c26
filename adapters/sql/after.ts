// Knows: how "behind this row in this order" is said in SQL: keyset paging, null-aware, directions mixed.
// Must not know: any product.

import type { Order, OrderKey, Value } from '#spi';
import type { ComparedColumns } from './condition.ts';
import type { Condition } from './dialect.ts';
import { both, bound, compare, type Expression, either, isNull } from './expression.ts';

/** How one key of the order stands to its value in the cursor; nulls come first ascending and last descending. */
interface Step {
  readonly same: Expression;
  /** Absent: nothing comes behind a null that is last. */
  readonly behind?: Expression;
  readonly notBefore?: Expression;
}

/**
 * (a, b) behind (x, y) as `a > x or (a = x and b > y)`, with `a >= x` in front of it: products find the start in
 * an index by that, and not through the alternatives. A descending key turns its comparison round.
 */
export function behind(order: Order, values: readonly Value[], columns: ComparedColumns): Condition {
  const steps = order.map((key, i) => stepOf(key, values[i] ?? null, columns));
  const known = steps.filter((step) => step !== undefined);
  if (known.length < order.length) return { coverage: 'none' };
  const branches = known.flatMap((step, i) =>
    step.behind === undefined
      ? []
      : [both([...known.slice(0, i).map((earlier) => earlier.same), step.behind])],
  );
  const start = known.length > 1 ? known[0]?.notBefore : undefined;
  const beyond = either(branches);
  return { coverage: 'exact', expression: start === undefined ? beyond : both([start, beyond]) };
}

function stepOf(key: OrderKey, value: Value, columns: ComparedColumns): Step | undefined {
  const compared = columns.get(key.field);
  if (compared === undefined) return undefined;
  const { column, comparison } = compared;
  if (comparison.order !== 'exact' || comparison.equality !== 'exact') return undefined;
  const { operand } = comparison;
  if (value === null) {
    const same = isNull(operand, true);
    return key.descending ? { same } : { same, behind: isNull(operand, false) };
  }
  const parameter = comparison.bind(value, 'order');
  if (parameter === undefined) return undefined;
  const against = (comparator: '=' | '<' | '<=' | '>' | '>='): Expression =>
    compare(operand, comparator, bound(parameter));
  if (!key.descending) return { same: against('='), behind: against('>'), notBefore: against('>=') };
  const orNull = (expression: Expression): Expression =>
    column.nullable ? either([expression, isNull(operand, true)]) : expression;
  return { same: against('='), behind: orNull(against('<')), notBefore: orNull(against('<=')) };
}
