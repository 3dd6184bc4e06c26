// Knows: conditions on a regular number, as code over its unscaled value.
// Must not know: bytes. The literals may be finer than the field, and greater than it can hold.

import { toScaled } from '../../model/decimal.ts';
import type { Scalar } from '../../model/type.ts';
import type { Value } from '../../model/value.ts';
import type { Conjunct } from '../../query/filter.ts';
import type { Program } from './program.ts';

/** Code of the truth (1, 0, -1) of a condition on the number in the variable `x`; undefined where there is none. */
export function numberTestCode(conjunct: Conjunct, x: string, code: Program): string | undefined {
  switch (conjunct.op) {
    case 'null':
      return conjunct.is ? '0' : '1';
    case 'eq':
    case 'ne':
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return conjunct.value === null ? '-1' : comparison(conjunct, x, code);
    case 'in':
      return membership(conjunct.type, conjunct.values, x, code);
    case 'keys': {
      const [operand] = conjunct.fields;
      if (operand === undefined) return undefined;
      return membership(
        operand.type,
        conjunct.keys.map(([value = null]) => value),
        x,
        code,
      );
    }
    default:
      return undefined;
  }
}

const SIGNS = { eq: '===', ne: '!==', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

type Comparison = Extract<Conjunct, { readonly op: keyof typeof SIGNS }>;

function comparison({ op, type, value }: Comparison, x: string, code: Program): string | undefined {
  const [floor, exact] = unscaled(type, value) ?? [];
  if (floor === undefined) return undefined;
  // Not in the code itself: tests with other literals then have the same text.
  const literal = code.constant(floor);
  if (exact) return `(${x} ${SIGNS[op]} ${literal} ? 1 : 0)`;
  // Between two numbers of the field's scale: equal to none, above all up to its floor.
  if (op === 'eq') return '0';
  if (op === 'ne') return '1';
  return `(${x} ${op === 'gt' || op === 'ge' ? '>' : '<='} ${literal} ? 1 : 0)`;
}

function membership(type: Scalar, values: readonly Value[], x: string, code: Program): string | undefined {
  const present = values.filter((value) => value !== null);
  const literals = present.map((value) => unscaled(type, value));
  if (literals.includes(undefined)) return undefined;
  const numbers = literals.flatMap((literal) => (literal?.[1] === true ? [literal[0]] : []));
  const otherwise = present.length === values.length ? 0 : -1;
  return `(${code.constant(new Set(numbers))}.has(${x}) ? 1 : ${otherwise})`;
}

/** The greatest unscaled number not above the value, and whether it is the value itself. */
function unscaled(type: Scalar, value: Value): readonly [floor: number, exact: boolean] | undefined {
  if (typeof value === 'number') {
    return type.kind === 'float64' || Number.isInteger(value) ? [value, true] : undefined;
  }
  if (typeof value === 'bigint') return [limited(value), true];
  if (typeof value !== 'string' || type.kind !== 'decimal') return undefined;
  const { scale = 0 } = type;
  const exact = toScaled(value, scale);
  if (exact !== undefined) return [limited(exact), true];
  const point = value.indexOf('.');
  const cut = toScaled(value.slice(0, point + 1 + scale), scale);
  if (cut === undefined) return undefined;
  return [limited(value.startsWith('-') ? cut - 1n : cut), false];
}

/** Beyond every number that a shortcut reads: such a literal needs no digits of its own. */
const BEYOND = 2n ** 53n;

function limited(value: bigint): number {
  return Number(value > BEYOND ? BEYOND : value < -BEYOND ? -BEYOND : value);
}
