// Knows: what is left of a filter, an order and a cursor inside one file of a set, where what its name says is constant.
// Must not know: files, how the rest is answered.
//
// The constants are never null, so a condition on one of them is true or false, unless its literal is null: see `isSettled`.

import {
  type Conjunct,
  compareRows,
  compareValues,
  type Filter,
  fieldsOf,
  type Order,
  type Row,
  type Truth,
  truthOf,
  valueAt,
} from '#spi';

/** Whether `remaining` is exact for it. A null literal in a mixed condition would need an unknown that no record has. */
export function isSettled(conjunct: Conjunct, constant: ReadonlySet<string>): boolean {
  const touched = fieldsOf([conjunct]).filter((field) => constant.has(field));
  if (touched.length === 0 || touched.length === fieldsOf([conjunct]).length) return true;
  return !hasNullLiteral(conjunct, constant);
}

function hasNullLiteral(conjunct: Conjunct, constant: ReadonlySet<string>): boolean {
  switch (conjunct.op) {
    case 'any':
      return conjunct.of.some((branch) => branch.some((inner) => hasNullLiteral(inner, constant)));
    case 'not':
      return conjunct.of.some((inner) => hasNullLiteral(inner, constant));
    case 'in':
      return constant.has(conjunct.field) && conjunct.values.includes(null);
    case 'null':
    case 'keys':
    case 'after':
    case 'startsWith':
    case 'endsWith':
    case 'contains':
      return false;
    default:
      return constant.has(conjunct.field) && conjunct.value === null;
  }
}

/** What the records of the file still have to fulfil; undefined: none of them can. Conjuncts without constants are the same objects. */
export function remaining(filter: Filter, constants: Row): Filter | undefined {
  const rest = settleAll(filter, constants);
  if (rest === true) return [];
  return rest === false || rest === null || rest.some(isHopeless) ? undefined : rest;
}

function isHopeless(conjunct: Conjunct): boolean {
  return conjunct.op === 'keys' && conjunct.keys.length === 0;
}

function settleAll(filter: Filter, constants: Row): Truth | Filter {
  const rest: Conjunct[] = [];
  let unknown = false;
  for (const conjunct of filter) {
    const settled = settle(conjunct, constants);
    if (settled === false) return false;
    if (settled === null) unknown = true;
    else if (settled !== true) rest.push(settled);
  }
  if (unknown && rest.length === 0) return null;
  // Only on the top level: an unknown conjunct there is as good as a false one.
  if (unknown) return false;
  return rest.length === 0 ? true : rest;
}

function settle(conjunct: Conjunct, constants: Row): Truth | Conjunct {
  const fields = fieldsOf([conjunct]);
  if (!fields.some((field) => Object.hasOwn(constants, field))) return conjunct;
  if (fields.every((field) => Object.hasOwn(constants, field))) return truthOf(conjunct, constants);
  switch (conjunct.op) {
    case 'any': {
      const branches: Filter[] = [];
      for (const branch of conjunct.of) {
        const settled = settleAll(branch, constants);
        if (settled === true) return true;
        if (settled !== false && settled !== null) branches.push(settled);
      }
      return branches.length === 0 ? false : { op: 'any', of: branches };
    }
    case 'not': {
      const settled = settleAll(conjunct.of, constants);
      if (settled === null) return null;
      return typeof settled === 'boolean' ? !settled : { op: 'not', of: settled };
    }
    case 'keys':
      return keysWithin(conjunct, constants);
    case 'after':
      return afterWithin(conjunct, constants);
    default:
      throw new TypeError(`a condition ${conjunct.op} on several fields`);
  }
}

/** The keys of this file, without the parts that every record of it has. None of them is still unknown for a record without a key. */
function keysWithin({ fields, keys }: Extract<Conjunct, { op: 'keys' }>, constants: Row): Conjunct {
  const own = fields.map(({ field }) => !Object.hasOwn(constants, field));
  const here = keys.filter((key) =>
    fields.every(({ field, type }, i) => {
      const value = key[i] ?? null;
      return (
        own[i] === true || (value !== null && compareValues(type, valueAt(constants, field), value) === 0)
      );
    }),
  );
  return {
    op: 'keys',
    fields: fields.filter((_, i) => own[i]),
    keys: here.map((key) => key.filter((_, i) => own[i])),
  };
}

/** The first constant that is not the cursor's own decides between rows that are equal before it. */
function afterWithin(
  { order, values }: Extract<Conjunct, { op: 'after' }>,
  constants: Row,
): Truth | Conjunct {
  const kept: Order[number][] = [];
  const keptValues: (typeof values)[number][] = [];
  for (const [i, key] of order.entries()) {
    if (!Object.hasOwn(constants, key.field)) {
      kept.push(key);
      keptValues.push(values[i] ?? null);
      continue;
    }
    const place = compareRows([key], () => valueAt(constants, key.field), [values[i] ?? null]);
    if (place === 0) continue;
    if (kept.length === 0) return place > 0;
    if (place < 0) break;
    // Behind the cursor, or equal to it so far: not before it.
    const back = kept.map((one) => ({ ...one, descending: !one.descending }));
    return { op: 'not', of: [{ op: 'after', order: back, values: keptValues }] };
  }
  return { op: 'after', order: kept, values: keptValues };
}
