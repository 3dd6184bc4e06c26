// What the right answer is: filter, sort and cut of an array by the reference semantics, and random queries to ask.

import {
  type Collection,
  type Conjunct,
  cellAt,
  compareRows,
  condition,
  convert,
  type Filter,
  fieldAt,
  isComparable,
  matches,
  OPERATORS_OF,
  type Operand,
  type Order,
  type OrderKey,
  type Query,
  type Row,
  type Scalar,
  scalarPaths,
  type Value,
  valueAt,
} from '#spi';
import type { Random } from '../random.ts';
import type { DataCollection } from './dataset.ts';

/** The dataset's rows with the types that the source's own model declares. */
export function rowsAs(data: DataCollection, model: Collection): readonly Row[] {
  return data.rows.map((row) =>
    Object.fromEntries(
      data.fields.map((field): [string, Value] => {
        const target = fieldAt(model.fields, field.name);
        if (target === undefined || !isComparable(target.type) || !isComparable(field.type)) {
          throw new Error(`${data.name}.${field.name} is missing or no scalar`);
        }
        const value = convert(field.type, target.type, valueAt(row, field.name));
        if (value === undefined)
          throw new Error(`${data.name}.${field.name} cannot hold ${String(row[field.name])}`);
        return [field.name, value];
      }),
    ),
  );
}

/** The right answer to a query. Equal rows of a keyless collection keep their order. */
export function answer(rows: readonly Row[], query: Query, limit?: number): readonly Row[] {
  const kept = rows.filter((row) => matches(query.where, row));
  const valuesOf = (row: Row) => query.order.map(({ field }) => valueAt(row, field));
  const ordered = kept.toSorted((a, b) =>
    compareRows(query.order, ({ field }) => valueAt(a, field), valuesOf(b)),
  );
  return limit === undefined ? ordered : ordered.slice(0, limit);
}

/** A random query over a collection as its source models it, with values that occur in its rows and near them. */
export function randomQuery(dice: Random, model: Collection, rows: readonly Row[]): Query {
  const where: Conjunct[] = Array.from({ length: dice.int(4) }, () => randomConjunct(dice, model, rows, 2));
  const order = totalOrder(model, randomOrder(dice, model));
  if (model.key.length > 0 && dice.chance(0.3)) {
    const row = dice.pick(rows);
    where.push({ op: 'after', order, values: order.map(({ field }) => valueAt(row, field)) });
  }
  return { collection: model.name, where, order };
}

export function totalOrder(model: Collection, order: Order): Order {
  const rest = model.key.filter((name) => !order.some(({ field }) => field === name));
  return [...order, ...rest.map((name) => orderKey(model, name, false))];
}

export function orderKey(model: Collection, name: string, descending: boolean): OrderKey {
  return { ...operand(model, name), descending };
}

export function operand(model: Collection, name: string): Operand {
  const field = fieldAt(model.fields, name);
  if (field === undefined || !isComparable(field.type)) throw new Error(`no scalar ${name}`);
  return { field: name, type: field.type };
}

function randomOrder(dice: Random, model: Collection): Order {
  const names = scalarPaths(model.fields)
    .map(([name]) => name)
    .filter(() => dice.chance(0.25));
  return names.slice(0, 2).map((name) => orderKey(model, name, dice.chance(0.5)));
}

function randomConjunct(dice: Random, model: Collection, rows: readonly Row[], depth: number): Conjunct {
  if (depth > 0 && dice.chance(0.15)) {
    const branch = (): Filter =>
      Array.from({ length: 1 + dice.int(2) }, () => randomConjunct(dice, model, rows, depth - 1));
    return dice.chance(0.5) ? { op: 'any', of: [branch(), branch()] } : { op: 'not', of: branch() };
  }
  if (model.key.length > 0 && dice.chance(0.15)) {
    const fields = model.key.map((name) => operand(model, name));
    const keys = Array.from({ length: 1 + dice.int(6) }, () => {
      const row = dice.pick(rows);
      return fields.map(({ field }) => valueAt(row, field));
    });
    return { op: 'keys', fields, keys };
  }
  const [name, type] = dice.pick(scalarPaths(model.fields));
  const operator = dice.pick(OPERATORS_OF[type.kind]);
  const at = { field: name, type };
  const values =
    operator === 'isNull'
      ? [dice.chance(0.5)]
      : Array.from({ length: operator === 'in' ? 1 + dice.int(3) : 1 }, () =>
          randomValue(dice, name, type, rows),
        );
  if (operator === 'startsWith' || operator === 'endsWith' || operator === 'contains') {
    const text = String(values[0]);
    const from = dice.int(text.length + 1);
    return condition(at, operator, [
      text.slice(operator === 'startsWith' ? 0 : from, operator === 'endsWith' ? undefined : from + 2),
    ]);
  }
  return condition(at, operator, values);
}

/** Mostly a value of the field, sometimes a neighbour, never null. */
function randomValue(dice: Random, name: string, type: Scalar, rows: readonly Row[]): Value {
  for (;;) {
    const cell = cellAt(dice.pick(rows), name);
    if (cell === null) continue;
    if (typeof cell === 'number' && type.kind === 'int32' && dice.chance(0.3)) return cell + dice.int(3) - 1;
    if (typeof cell === 'bigint' && dice.chance(0.3)) return cell + BigInt(dice.int(3) - 1);
    if (typeof cell === 'string' && type.kind === 'string' && dice.chance(0.2))
      return dice.pick([`${cell}A`, cell.toLowerCase(), cell.slice(1), `${cell}  `]);
    if (
      typeof cell === 'string' ||
      typeof cell === 'number' ||
      typeof cell === 'bigint' ||
      typeof cell === 'boolean'
    )
      return cell;
    if (cell instanceof Uint8Array) return cell;
    throw new Error(`${name} is no scalar`);
  }
}
