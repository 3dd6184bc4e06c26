// Knows: dotted paths into arguments and answers, by API names or the names of the WSDL, and values at them.
// Must not know: collections, calls.

import { type Cell, elementOf, Fault, type Field, isRecord, nearest, type Type, type Value } from '#spi';

export type Input = Readonly<Record<string, Value>>;

/** A field with the API path to it. */
export interface At {
  readonly path: string;
  readonly field: Field;
  /** Path of the list that encloses it, where it lies in a list of groups. */
  readonly list?: string;
}

/** The field that a path leads to; a message with the nearest name where there is none. */
export function fieldAtPath(fields: readonly Field[], path: string, owner: string): At | string {
  let level = fields;
  let at = '';
  let list: string | undefined;
  let found: Field | undefined;
  for (const step of path.split('.')) {
    if (found?.type.kind === 'list') list = at;
    found = level.find(({ name, legacyName }) => name === step || legacyName === step);
    const here = at === '' ? step : `${at}.${step}`;
    if (found === undefined) {
      const names = level.map(({ name }) => name);
      const near = nearest(step, names);
      return `${owner} has no "${here}".${near === undefined ? ` It has ${names.slice(0, 12).join(', ') || 'nothing'}` : ` Did you mean "${near}"?`}`;
    }
    at = at === '' ? found.name : `${at}.${found.name}`;
    const inside = elementOf(found.type);
    level = inside.kind === 'object' ? inside.fields : [];
  }
  if (found === undefined) return `${owner} has no "${path}"`;
  return { path: at, field: found, ...(list === undefined ? {} : { list }) };
}

/** Arguments with one value more. Groups on the way are made. */
export function withValue(input: Input, path: string, value: Value): Input {
  const [step = '', ...rest] = path.split('.');
  if (rest.length === 0) return { ...input, [step]: value };
  const inner = input[step] ?? null;
  return { ...input, [step]: withValue(isGroup(inner) ? inner : {}, rest.join('.'), value) };
}

function isGroup(value: Value): value is { readonly [name: string]: Value } {
  return isRecord(value);
}

/** What stands at a path of an answer; null inside null. */
export function cellIn(answer: Cell, path: string | undefined): Cell {
  if (path === undefined) return answer;
  let cell = answer;
  for (const step of path.split('.')) {
    if (cell === null || cell instanceof Fault) return cell;
    cell = isRecord(cell) ? (cell[step] ?? null) : null;
  }
  return cell;
}

/** The type at a path of an answer. */
export function typeAtPath(
  type: Type,
  path: string | undefined,
  owner: string,
): { readonly path?: string; readonly type: Type } | string {
  if (path === undefined) return { type };
  if (type.kind !== 'object') return `${owner} is no group, so nothing is at "${path}"`;
  const at = fieldAtPath(type.fields, path, owner);
  return typeof at === 'string' ? at : { path: at.path, type: at.field.type };
}
