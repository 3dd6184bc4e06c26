// Knows: how the path and query string of a URL become the one Request of the gateway.
// Must not know: HTTP servers, how a request is carried out, how its result is written.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { didYouMean } from '../model/naming.ts';
import { fieldAt, isComparable, type Scalar, typeText } from '../model/type.ts';
import { parseScalar, type Value } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import { type Conjunct, condition } from '../query/filter.ts';
import { parseFilter } from '../query/filter-text.ts';
import { literalHint, shown } from '../query/literal.ts';
import { checkFirst } from '../query/page.ts';
import type { Request, Selection } from '../query/request.ts';
import type { Representation } from './negotiate.ts';
import { decodePercent, readParameters, splitQuery } from './parameters.ts';
import { API, resolvePath } from './routes.ts';
import { readOrder, readSelection } from './select.ts';

/** Decoded parameters in order. */
export type Pairs = readonly (readonly [name: string, value: string])[];

export interface RestRequest {
  readonly collection: CatalogCollection;
  readonly request: Request;
  readonly representation: Representation;
  /** Path and parameters of the same list without its cursor: `after=…` behind it leads on. */
  readonly self: string;
}

/**
 * `/api/customers?status=OPEN` → request. Throws `not-found` for an unknown path, `invalid` for anything that is not
 * understood, `too-costly` for a `first` or a filter beyond its limit.
 */
export function parseRest(
  url: string,
  representation: Representation,
  catalog: Catalog,
  policy: Policy,
): RestRequest {
  const target = resolvePath(catalog, url.split('?', 1)[0] ?? url);
  if (target.kind === 'operation') {
    throw new Fault('not-found', `"${target.operation.name}" is an operation`, { code: 'not-a-collection' });
  }
  const { collection, key } = target;
  const pairs = splitQuery(queryOf(url));
  const kind = key === undefined ? 'list' : 'item';
  const { given, equalities } = readParameters(pairs, collection, kind);

  const include = given.get('include');
  if (include !== undefined && representation === 'csv') {
    throw new Fault('invalid', 'A CSV table has no place for related rows', {
      code: 'csv-include',
      parameter: 'include',
      hint: 'Ask for application/json or application/x-ndjson, or leave include out.',
    });
  }
  const selection = readSelection(catalog, collection, given.get('select'), include);
  const common = { collection: collection.name, selection } as const;
  const self = selfOf(collection, pairs);
  if (key !== undefined) {
    const request: Request = { kind: 'item', key: readKey(collection, key), ...common };
    return { collection, representation, self, request };
  }

  checkSpelt(equalities, policy);
  const filter = given.get('filter');
  const orderby = given.get('orderby');
  const first = readFirst(given.get('first'), policy);
  const after = given.get('after');
  const request: Request = {
    kind: 'list',
    ...common,
    where: [
      ...[...equalities].map(([path, values]) => readEquality(collection, path, values)),
      ...(filter === undefined ? [] : parseFilter(filter, collection.fields, policy.query)),
    ],
    order: orderby === undefined ? [] : readOrder(collection, orderby),
    // A stream has no pages: without `first` it is the whole collection.
    ...(first !== undefined ? { first } : representation === 'json' ? {} : { first: 'all' as const }),
    ...(after === undefined ? {} : { after }),
    count: readCount(given.get('count'), representation),
  };
  return { collection, representation, self, request };
}

/** Conditions that are parameters of their own are bounded as a filter is: they are one. Throws `too-costly`. */
function checkSpelt(
  equalities: ReadonlyMap<string, readonly string[]>,
  { query: { maxFilterChars } }: Policy,
): void {
  let chars = 0;
  for (const [path, values] of equalities)
    for (const value of values) chars += path.length + value.length + 1;
  if (chars <= maxFilterChars) return;
  throw new Fault('too-costly', `The conditions are longer than ${maxFilterChars} characters`, {
    code: 'filter-limit',
    hint: 'Ask for fewer values at a time.',
  });
}

/** What a `POST` of new rows wants to see of them: `/api/customers?select=name`. Throws `invalid` for any parameter but select and include. */
export function parseInsert(
  url: string,
  collection: CatalogCollection,
  catalog: Catalog,
): { readonly selection: Selection; readonly pairs: Pairs } {
  const pairs = splitQuery(queryOf(url));
  const { given } = readParameters(pairs, collection, 'insert');
  const [name] = given.keys();
  if (collection.key.length === 0 && name !== undefined) {
    throw new Fault('invalid', `Rows without a key are not answered, so "${name}" has no meaning here`, {
      code: 'keyless',
      collection: collection.name,
      parameter: name,
    });
  }
  return { selection: readSelection(catalog, collection, given.get('select'), given.get('include')), pairs };
}

/** What stands behind the question mark. */
export function queryOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** The client's own parameters but `after`, spelt anew: they go into a header. */
function selfOf(collection: CatalogCollection, pairs: Pairs): string {
  const kept = pairs.filter(([name]) => name !== 'after' && name !== '$after');
  return `${API}/${collection.name}?${kept.map((pair) => `${spelt(pair)}&`).join('')}`;
}

/** Name and value of a parameter as an address writes them. */
export function spelt([name, value]: readonly [string, string]): string {
  return `${encodeURIComponent(name)}=${encodeURIComponent(value)}`;
}

/** Key values in declared order with commas between them; a comma or slash inside a value is %2C or %2F. */
function readKey(collection: CatalogCollection, text: string): readonly Value[] {
  const parts = text.split(',');
  const { key } = collection;
  if (key.length === 0) {
    throw new Fault('not-found', `"${collection.name}" has no key, so it has no single items`, {
      code: 'keyless',
      collection: collection.name,
      hint: `${API}/${collection.name}`,
    });
  }
  if (parts.length !== key.length) {
    throw new Fault('invalid', `An item of "${collection.name}" is named by ${key.join(',')}`, {
      code: 'bad-key',
      collection: collection.name,
      hint: `${API}/${collection.name}/${key.map((name) => `{${name}}`).join(',')}; a comma inside a value is %2C`,
    });
  }
  return key.map((name, i) => {
    const type = scalarAt(collection, name);
    return readValue(collection, name, type, decodePercent(parts[i] ?? '', name), 'bad-key');
  });
}

/** `?status=OPEN`; given several times, any of the values. */
function readEquality(collection: CatalogCollection, path: string, texts: readonly string[]): Conjunct {
  const type = scalarAt(collection, path);
  const values = texts.map((text) => readValue(collection, path, type, text, 'bad-value'));
  return condition({ field: path, type }, values.length === 1 ? 'eq' : 'in', values);
}

function scalarAt(collection: CatalogCollection, path: string): Scalar {
  const type = fieldAt(collection.fields, path)?.type;
  if (type !== undefined && isComparable(type)) return type;
  const what = type === undefined ? 'missing' : typeText(type);
  throw new Fault('invalid', `"${path}" is ${what} and cannot be compared`, {
    code: 'not-comparable',
    collection: collection.name,
    parameter: path,
  });
}

function readValue(
  collection: CatalogCollection,
  path: string,
  type: Scalar,
  text: string,
  code: string,
): Value {
  const value = parseScalar(type, text);
  if (value !== undefined) return value;
  const near = type.kind === 'enum' ? didYouMean(text, type.values) : '';
  throw new Fault('invalid', `${shown(text)} is no value of "${path}", which is ${typeText(type)}.${near}`, {
    code,
    collection: collection.name,
    field: path,
    parameter: path,
    hint: literalHint(type),
  });
}

function readFirst(text: string | undefined, { page }: Policy): number | undefined {
  if (text === undefined) return undefined;
  // Fifteen digits are exact in a number; a longer one is beyond any limit anyway.
  const first = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  checkFirst(first, page, text);
  return first;
}

function readCount(text: string | undefined, representation: Representation): boolean {
  if (text === undefined || text === 'false') return false;
  if (text !== 'true') {
    throw new Fault('invalid', `"count" is true or false, not ${shown(text)}`, {
      code: 'bad-count',
      parameter: 'count',
    });
  }
  if (representation === 'json') return true;
  throw new Fault('invalid', 'Only application/json has a place for the count', {
    code: 'bad-count',
    parameter: 'count',
  });
}
