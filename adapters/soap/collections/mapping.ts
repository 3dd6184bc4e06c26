// Knows: how the options of a collection and the models of operations become one mapping.
// Must not know: how operations are called, queries.

import { type Collection, elementOf, type Field, isComparable, type ObjectType, typeText } from '#spi';
import type { Callable } from '../contract/call.ts';
import { mapGet, mapGetMany, mapSearch } from './map-arguments.ts';
import {
  type Mapped,
  type MappedGet,
  type MappedSearch,
  ownerOf,
  type Problems,
  problemsOf,
} from './mapped.ts';
import type { CollectionOptions } from './options.ts';
import { fieldAtPath, typeAtPath } from './paths.ts';

/** Finds an operation by its API name or its name in the WSDL; a message where there is none. */
export type FindCall = (name: string) => Callable | string;

/** Throws one misconfigured Fault with every problem of the collection. */
export function mapCollection(name: string, options: CollectionOptions, find: FindCall): Mapped {
  const problems = problemsOf(name);
  const searches = [options.search ?? []].flat();
  const called = <T extends { readonly operation: string }>(of: T | undefined) => {
    const call = of === undefined ? undefined : readingCall(of.operation, find, problems);
    return of === undefined || call === undefined ? undefined : { of, call };
  };
  const one = called(options.get);
  const many = called(options.getMany);
  const some = searches.flatMap((search) => called(search) ?? []);

  const places = [
    ...(many === undefined ? [] : [rowsAt(many.call, many.of.rows, true, problems)]),
    ...(one === undefined ? [] : [rowsAt(one.call, one.of.row, false, problems)]),
    ...some.map(({ of, call }) => rowsAt(call, of.rows, true, problems)),
  ].filter((place) => place !== undefined);
  const [row] = places;
  if (row === undefined) {
    problems.add(`"${name}" has no operation that gives rows`);
    problems.throwAny();
  }
  const rowFields = row?.type.fields ?? [];
  for (const other of places) {
    const difference = row === undefined ? '' : differenceText(row.type, other.type);
    if (difference !== '') problems.add(`${other.owner} gives other rows than ${row?.owner}: ${difference}`);
  }

  const get = one === undefined ? undefined : mapGet(one.of, one.call, options.key, problems);
  const lacking = lackingKeys(get, rowFields);
  const fields = [...lacking, ...rowFields].filter(
    ({ name: own, legacyName }) =>
      !options.hidden.includes(own) && !options.hidden.includes(legacyName ?? own),
  );
  const rowText = `A row of "${name}"`;
  const key = options.key.map((path) => {
    const at = problems.check(fieldAtPath(fields, path, rowText));
    if (at !== undefined && !isComparable(at.field.type)) {
      problems.add(`The key field "${path}" is ${typeText(at.field.type)}; a key needs plain values`);
    }
    return at?.path ?? path;
  });
  const getMany = many === undefined ? undefined : mapGetMany(many.of, many.call, options.key, problems);
  const mappedSearches = some.map(({ of, call }) => mapSearch(of, call, fields, rowText, problems));
  checkKeys(key, [get?.keys, getMany?.keys], problems);
  if (lacking.length > 0 && (getMany !== undefined || mappedSearches.length > 0)) {
    problems.add(`Rows have no ${lacking.map((field) => field.name).join(', ')}, so only get can give them`);
  }
  problems.throwAny();
  return {
    collection: {
      name,
      ...(options.doc === undefined ? {} : { doc: options.doc }),
      fields: fields.map((field) => (key.includes(field.name) ? notNull(field) : field)),
      key,
      ...requiredOf(key, get !== undefined || getMany !== undefined, mappedSearches),
    },
    ...(get === undefined ? {} : { get }),
    ...(getMany === undefined ? {} : { getMany }),
    searches: mappedSearches,
    concurrency: options.concurrency,
    fromArguments: lacking.map((field) => field.name),
  };
}

/** Rows are read: an operation that may change something cannot be behind them. */
function readingCall(name: string, find: FindCall, problems: Problems): Callable | undefined {
  const call = problems.check(find(name));
  if (call !== undefined && call.operation.effect !== 'read') {
    problems.add(
      `The operation "${name}" is not declared to read: operations: { ${name}: { effect: read } }`,
    );
  }
  return call;
}

interface RowPlace {
  readonly owner: string;
  readonly type: ObjectType;
}

function rowsAt(
  call: Callable,
  path: string | undefined,
  many: boolean,
  problems: Problems,
): RowPlace | undefined {
  const answer = `The answer of ${ownerOf(call)}`;
  const at = problems.check(typeAtPath(call.operation.output, path, answer));
  if (at === undefined) return undefined;
  const row = many && at.type.kind === 'list' ? elementOf(at.type) : at.type;
  if (row.kind === 'object' && (!many || at.type.kind === 'list')) return { owner: ownerOf(call), type: row };
  const where = path === undefined ? '' : ` at "${path}"`;
  problems.add(`${answer}${where} is ${typeText(at.type)}, not ${many ? 'a list of groups' : 'a group'}`);
  return undefined;
}

/** Fields of which one has another than the other; empty where the rows are alike. */
function differenceText(a: ObjectType, b: ObjectType): string {
  if (a === b) return '';
  const text = (field: Field): string => `${field.name}: ${typeText(field.type)}`;
  return [...new Set(a.fields.map(text)).symmetricDifference(new Set(b.fields.map(text)))].join(', ');
}

/** Key fields that the rows of `get` do not repeat: whoever asked knows them. */
function lackingKeys(get: MappedGet | undefined, fields: readonly Field[]): readonly Field[] {
  return (get?.keys ?? [])
    .filter(({ field }) => typeof fieldAtPath(fields, field, '') === 'string')
    .map(({ field, type }) => ({ name: field, type, doc: 'As it was asked for' }));
}

function checkKeys(
  key: readonly string[],
  lookups: readonly (MappedGet['keys'] | undefined)[],
  problems: Problems,
): void {
  for (const keys of lookups) {
    const missing = keys === undefined ? [] : key.filter((field) => !keys.some((own) => own.field === field));
    if (missing.length > 0) problems.add(`No argument takes the key field ${missing.join(', ')}`);
  }
}

function notNull({ nullable: _, ...field }: Field): Field {
  return field;
}

/** What a query must give by equality: the key where it can be looked up, or what a search needs; nothing where a search needs nothing. */
function requiredOf(
  key: readonly string[],
  lookup: boolean,
  searches: readonly MappedSearch[],
): Pick<Collection, 'required'> {
  if (searches.some(({ required }) => required.length === 0)) return {};
  return { required: [...(lookup ? [key] : []), ...searches.map(({ required }) => required)] };
}
