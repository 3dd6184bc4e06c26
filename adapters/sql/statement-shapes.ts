// Knows: that statements of one shape have one text: it is compiled once, and only the values are bound anew.
// Must not know: any product, what a statement is for.

import { recent } from '#spi';
import type { Parameter, Statement } from './driver.ts';
import type { Expression } from './expression.ts';
import type { Table } from './table.ts';

/** Places are those of the conditions' parameters; what is no parameter of theirs is the same for all of the shape. */
interface Compiled {
  readonly sql: string;
  readonly parameters: readonly (Parameter | number)[];
}

export type Shapes = (rest: string, conditions: readonly Expression[], compile: () => Statement) => Statement;

const MOST_SHAPES = 500;
/** A statement of more parameters is compiled each time: its shape would be long, and is hardly asked again. */
const MOST_PARAMETERS = 100;

const shapesOf = new WeakMap<Table, Shapes>();

/** A table is shown through one dialect. */
export function shapesOfTable(table: Table): Shapes {
  const known = shapesOf.get(table) ?? statementShapes();
  shapesOf.set(table, known);
  return known;
}

/** The statements of one table. `rest` says everything about the statement that its conditions do not. */
function statementShapes(): Shapes {
  const kept = recent<Compiled>(MOST_SHAPES);
  return (rest, conditions, compile) => {
    const bound = new Map<Parameter, number>();
    const shape = `${rest} ${shapeOf(conditions, bound)}`;
    if (bound.size > MOST_PARAMETERS) return compile();
    const { sql, parameters } = kept(shape, () => {
      const compiled = compile();
      return {
        sql: compiled.sql,
        parameters: compiled.parameters.map((parameter) => bound.get(parameter) ?? parameter),
      };
    });
    const values = [...bound.keys()];
    return {
      sql,
      parameters: parameters.flatMap((place) => (typeof place === 'number' ? (values[place] ?? []) : place)),
    };
  };
}

/**
 * Everything of a tree but the values that are bound. A parameter is written as its place among all, so that one that
 * stands twice is told from two.
 */
function shapeOf(node: unknown, bound: Map<Parameter, number>): string {
  if (Array.isArray(node)) return `[${node.map((inner) => shapeOf(inner, bound)).join()}]`;
  if (typeof node !== 'object' || node === null) return JSON.stringify(node);
  if (isParameter(node)) {
    const place = bound.get(node) ?? bound.size;
    bound.set(node, place);
    const { value: _value, column, ...form } = node;
    return `?${place}${JSON.stringify([column?.name, form])}`;
  }
  let text = '';
  for (const [name, inner] of Object.entries(node)) text += `${name}:${shapeOf(inner, bound)};`;
  return `{${text}}`;
}

/** Nodes have a kind. */
function isParameter(node: object): node is Parameter {
  return 'value' in node && !('kind' in node);
}
