// Knows: how the arguments of the operations of a collection are found: those that take keys, conditions, pages and constants.
// Must not know: rows, queries.

import {
  elementOf,
  type Field,
  fromJson,
  isScalar,
  type Operator,
  type Type,
  typeText,
  type Value,
} from '#spi';
import type { Callable } from '../contract/call.ts';
import {
  type Condition,
  type KeyArgument,
  type MappedGet,
  type MappedGetMany,
  type MappedSearch,
  ownerOf,
  type Problems,
} from './mapped.ts';
import type { GetManyOptions, GetOptions, PagingOptions, SearchOptions } from './options.ts';
import { fieldAtPath, type Input, typeAtPath, withValue } from './paths.ts';

export function mapGet(
  options: GetOptions,
  call: Callable,
  key: readonly string[],
  problems: Problems,
): MappedGet {
  const keys = Object.entries(options.arguments).flatMap(([field, argument]): readonly KeyArgument[] => {
    const at = problems.check(fieldAtPath(call.operation.input, argument, ownerOf(call)));
    if (!key.includes(field)) problems.add(notInKey(field, key));
    if (at === undefined) return [];
    const { type } = at.field;
    if (isScalar(type)) return [{ field, type, argument: at.path }];
    problems.add(`The argument "${argument}" is ${typeText(type)} and takes no single key`);
    return [];
  });
  return {
    call,
    keys,
    row: pathIn(call, options.row, problems),
    constants: constantsOf(call, options.constants, problems),
  };
}

export function mapGetMany(
  options: GetManyOptions,
  call: Callable,
  key: readonly string[],
  problems: Problems,
): MappedGetMany | undefined {
  const found = Object.entries(options.arguments).flatMap(([field, argument]) => {
    if (!key.includes(field)) problems.add(notInKey(field, key));
    const at = problems.check(fieldAtPath(call.operation.input, argument, ownerOf(call)));
    return at === undefined ? [] : [{ field, at }];
  });
  const [first, second] = found;
  const grouped = !(second === undefined && first?.at.field.type.kind === 'list');
  const lists = new Set(found.map(({ at }) => (grouped ? at.list : at.path)));
  const [list] = lists;
  if (list === undefined || lists.size > 1) {
    problems.add(`The arguments of getMany must lead into one list of ${ownerOf(call)}`);
    return undefined;
  }
  const keys = found.flatMap(({ field, at }): readonly KeyArgument[] => {
    const type = elementOf(at.field.type);
    if (isScalar(type))
      return [{ field, type, argument: grouped ? at.path.slice(list.length + 1) : at.path }];
    problems.add(`The argument "${at.path}" is ${typeText(type)} and takes no key`);
    return [];
  });
  return {
    call,
    keys,
    list,
    grouped,
    rows: pathIn(call, options.rows, problems),
    max: options.max,
    constants: constantsOf(call, options.constants, problems),
  };
}

function notInKey(field: string, key: readonly string[]): string {
  return `"${field}" is no key field of the collection; the key is ${key.join(', ') || 'empty'}`;
}

export function mapSearch(
  options: SearchOptions,
  call: Callable,
  fields: readonly Field[],
  row: string,
  problems: Problems,
): MappedSearch {
  const conditions = Object.entries(options.where).flatMap(([path, operators]) => {
    const field = problems.check(fieldAtPath(fields, path, row));
    return Object.entries(operators).flatMap(([operator, argument]): readonly Condition[] => {
      const at = problems.check(fieldAtPath(call.operation.input, argument, ownerOf(call)));
      if (field === undefined || at === undefined || !isOperator(operator)) return [];
      const exact = options.exact.includes(`${path}.${operator}`);
      return [{ field: field.path, operator, argument: at.path, exact }];
    });
  });
  const written = Object.entries(options.where).flatMap(([path, operators]) =>
    Object.keys(operators).map((operator) => `${path}.${operator}`),
  );
  for (const exact of options.exact) {
    if (!written.includes(exact)) problems.add(`"${exact}" under exact is none of ${written.join(', ')}`);
  }
  const required = options.required.flatMap(
    (path) => problems.check(fieldAtPath(fields, path, row))?.path ?? [],
  );
  for (const path of required) {
    if (!conditions.some(({ field, operator }) => field === path && operator === 'eq')) {
      problems.add(`"${path}" is required, but no argument takes its equality`);
    }
  }
  return {
    call,
    conditions,
    required,
    rows: pathIn(call, options.rows, problems),
    constants: constantsOf(call, options.constants, problems),
    paging: options.paging === undefined ? undefined : pagingOf(options.paging, call, problems),
  };
}

const OPERATORS: readonly Operator[] = [
  'eq',
  'in',
  'gt',
  'gte',
  'lt',
  'lte',
  'startsWith',
  'endsWith',
  'contains',
];

function isOperator(word: string): word is Operator {
  return OPERATORS.some((operator) => operator === word);
}

function pagingOf(paging: PagingOptions, call: Callable, problems: Problems): PagingOptions {
  const argument = (path: string): string =>
    problems.check(fieldAtPath(call.operation.input, path, ownerOf(call)))?.path ?? path;
  const optional = (name: 'limit' | 'size', path: string | undefined) =>
    path === undefined ? {} : { [name]: argument(path) };
  if ('offset' in paging)
    return { ...paging, offset: argument(paging.offset), ...optional('limit', paging.limit) };
  if ('page' in paging) return { ...paging, page: argument(paging.page), ...optional('size', paging.size) };
  const next = pathIn(call, paging.next, problems) ?? paging.next;
  return { ...paging, cursor: argument(paging.cursor), next, ...optional('size', paging.size) };
}

/** A path into the answer in API names. */
function pathIn(call: Callable, path: string | undefined, problems: Problems): string | undefined {
  if (path === undefined) return undefined;
  return problems.check(typeAtPath(call.operation.output, path, `The answer of ${ownerOf(call)}`))?.path;
}

function constantsOf(
  call: Callable,
  constants: Readonly<Record<string, unknown>>,
  problems: Problems,
): Input {
  return Object.entries(constants).reduce<Input>((input, [path, json]) => {
    const at = problems.check(fieldAtPath(call.operation.input, path, ownerOf(call)));
    if (at === undefined) return input;
    const value = constantValue(at.field.type, json);
    if (value !== undefined) return withValue(input, at.path, value);
    problems.add(`The constant for "${path}" is no ${typeText(at.field.type)}`);
    return input;
  }, {});
}

function constantValue(type: Type, json: unknown): Value | undefined {
  if (isScalar(type)) return fromJson(type, json);
  if (type.kind !== 'list' || !Array.isArray(json)) return undefined;
  const values = json.map((element: unknown) => constantValue(type.of, element));
  const known = values.filter((value) => value !== undefined);
  return known.length === values.length ? known : undefined;
}
