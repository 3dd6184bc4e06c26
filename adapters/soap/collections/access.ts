// Knows: how a query is answered by the operations of a collection: by key, by a search, or not at all.
// Must not know: how calls are made, SOAP.

import {
  type Access,
  type Batch,
  type Conjunct,
  type Coverage,
  condition,
  convert,
  elementOf,
  Fault,
  type Filter,
  fieldAt,
  isScalar,
  keyText,
  type Operand,
  type Query,
  type Row,
  type Scalar,
  type Value,
} from '#spi';
import { gotRows, type Key, manyRows, searchedRows } from './calls.ts';
import { type Condition, type Mapped, type MappedSearch, ownerOf } from './mapped.ts';
import { fieldAtPath, type Input, withValue } from './paths.ts';

/** `now`: the instant of an answer, as ISO text. */
export function accessOf(mapped: Mapped, { where, order }: Query, now: () => string): Access {
  const lookup = keyLookup(mapped, where);
  if (lookup !== undefined && (mapped.get ?? mapped.getMany) !== undefined)
    return byKeys(mapped, lookup, where, now);
  const [best] = mapped.searches
    .map((search) => asked(search, where))
    .filter((candidate) => candidate !== undefined)
    .toSorted((a, b) => b.used.size - a.used.size);
  if (best === undefined) throw unaskable(mapped);
  return bySearch(mapped, best, { where, ordered: order.length === 0 }, now);
}

interface Lookup {
  readonly keys: readonly Key[];
  readonly used: ReadonlySet<Conjunct>;
}

/** The keys that a filter allows, each once, if some of its conjuncts say so outright. */
function keyLookup({ collection }: Mapped, where: Filter): Lookup | undefined {
  const { key, fields } = collection;
  if (key.length === 0) return undefined;
  const operands = key.flatMap((field): readonly Operand[] => {
    const type = fieldAt(fields, field)?.type;
    return type !== undefined && isScalar(type) ? [{ field, type }] : [];
  });
  for (const conjunct of where) {
    const tuples = tuplesOf(conjunct, key);
    if (tuples !== undefined) return { keys: distinctKeys(operands, tuples), used: new Set([conjunct]) };
  }
  const parts = key.flatMap(
    (field) => where.find((conjunct) => conjunct.op === 'eq' && conjunct.field === field) ?? [],
  );
  if (parts.length < key.length) return undefined;
  const tuple = parts.map((part) => (part.op === 'eq' ? part.value : null));
  return { keys: distinctKeys(operands, [tuple]), used: new Set(parts) };
}

function tuplesOf(conjunct: Conjunct, key: readonly string[]): readonly (readonly Value[])[] | undefined {
  if (conjunct.op === 'in' && key.length === 1 && conjunct.field === key[0]) {
    return conjunct.values.map((value) => [value]);
  }
  if (conjunct.op !== 'keys' || conjunct.fields.length !== key.length) return undefined;
  const places = key.map((field) => conjunct.fields.findIndex((operand) => operand.field === field));
  return places.includes(-1)
    ? undefined
    : conjunct.keys.map((tuple) => places.map((place) => tuple[place] ?? null));
}

/** A null is equal to nothing. */
function distinctKeys(operands: readonly Operand[], tuples: readonly (readonly Value[])[]): readonly Key[] {
  const found = new Map<string, Key>();
  for (const tuple of tuples) {
    if (tuple.includes(null)) continue;
    const text = keyText(operands, tuple);
    if (!found.has(text))
      found.set(text, Object.fromEntries(operands.map(({ field }, i) => [field, tuple[i] ?? null])));
  }
  return [...found.values()];
}

function byKeys(mapped: Mapped, { keys, used }: Lookup, where: Filter, now: () => string): Access {
  const { get, getMany, concurrency, fromArguments, collection } = mapped;
  const asArguments = keys.map((key) => argumentKey(mapped, key)).filter((key) => key !== undefined);
  const many = getMany !== undefined && (asArguments.length > 1 || get === undefined);
  const call = many ? getMany.call : get?.call;
  return {
    // A service may give what nobody asked for; a row that has its key from the question cannot be wrong.
    where: where.map((conjunct) =>
      used.has(conjunct) ? (fromArguments.length === collection.key.length ? 'exact' : 'inexact') : 'none',
    ),
    ordered: keys.length < 2,
    limits: false,
    cost: 'keys',
    explain:
      call === undefined
        ? ''
        : `${ownerOf(call)} for ${keys.length === 1 ? 'one key' : `${keys.length} keys`}${many ? `, at most ${getMany.max} in a call` : `, at most ${concurrency} calls at a time`}`,
    read: (ask) =>
      batches(
        many
          ? manyRows(getMany, asArguments, concurrency, ask)
          : get === undefined
            ? nothing()
            : gotRows(get, asArguments, fromArguments, concurrency, ask),
        now,
      ),
  };
}

/** A key in the types of its arguments; undefined where an argument cannot hold it: then no row has it. */
function argumentKey({ get, getMany, collection }: Mapped, key: Key): Key | undefined {
  const converted: Record<string, Value> = {};
  for (const { field, type } of get?.keys ?? getMany?.keys ?? []) {
    const own = fieldAt(collection.fields, field)?.type;
    const value = own !== undefined && isScalar(own) ? convert(own, type, key[field] ?? null) : undefined;
    if (value === undefined) return undefined;
    converted[field] = value;
  }
  return converted;
}

/** A search with the conjuncts that its arguments take. */
interface Asked {
  readonly search: MappedSearch;
  readonly input: Input;
  readonly used: ReadonlyMap<Conjunct, Condition>;
}

function asked(search: MappedSearch, where: Filter): Asked | undefined {
  const used = new Map<Conjunct, Condition>();
  const taken = new Set<string>();
  let input = search.constants;
  for (const conjunct of where) {
    const fitting = search.conditions.find((own) => fits(own, conjunct) && !taken.has(own.argument));
    const value = fitting === undefined ? undefined : argumentOf(search, fitting, conjunct);
    if (fitting === undefined || value === undefined) continue;
    input = withValue(input, fitting.argument, value);
    used.set(conjunct, fitting);
    taken.add(fitting.argument);
  }
  const given = new Set(
    [...used.values()].filter(({ operator }) => operator === 'eq').map(({ field }) => field),
  );
  return search.required.every((field) => given.has(field)) ? { search, input, used } : undefined;
}

/** The gateway's words for operators and a conjunct's own differ only in two. */
function fits({ field, operator }: Condition, conjunct: Conjunct): boolean {
  if (!('field' in conjunct) || conjunct.field !== field) return false;
  return (
    condition({ field, type: conjunct.type }, operator, ['']).op === conjunct.op && conjunct.op !== 'null'
  );
}

/** The value of a conjunct in the type of the argument; undefined where that cannot hold it: the gateway then checks alone. */
function argumentOf({ call }: MappedSearch, { argument }: Condition, conjunct: Conjunct): Value | undefined {
  const at = fieldAtPath(call.operation.input, argument, '');
  if (typeof at === 'string' || !('field' in conjunct)) return undefined;
  const type = elementOf(at.field.type);
  if (!isScalar(type)) return undefined;
  if (conjunct.op === 'in') {
    if (at.field.type.kind !== 'list') return undefined;
    const values = conjunct.values.map((value) => converted(conjunct.type, type, value));
    const known = values.filter((value) => value !== undefined);
    return known.length === values.length ? known : undefined;
  }
  if (!('value' in conjunct)) return undefined;
  const value = converted(conjunct.type, type, conjunct.value);
  return value !== undefined && at.field.type.kind === 'list' ? [value] : value;
}

function converted(from: Scalar, to: Scalar, value: Value): Value | undefined {
  return value === null ? undefined : convert(from, to, value);
}

function bySearch(
  mapped: Mapped,
  { search, input, used }: Asked,
  { where, ordered }: { readonly where: Filter; readonly ordered: boolean },
  now: () => string,
): Access {
  const coverage = (conjunct: Conjunct): Coverage => {
    const own = used.get(conjunct);
    if (own === undefined) return 'none';
    return own.exact ? 'exact' : 'inexact';
  };
  const by = [...used.values()].map(({ argument }) => argument).join(', ');
  return {
    where: where.map(coverage),
    // The service's own order is the collection's, where no key makes it total.
    ordered: ordered && mapped.collection.key.length === 0,
    limits: false,
    cost: used.size === 0 ? 'scan' : 'index',
    explain: `${ownerOf(search.call)}${by === '' ? ', everything' : ` by ${by}`}${search.paging === undefined ? '' : ', page by page'}`,
    read: (ask) => batches(searchedRows(search, input, ask), now),
  };
}

async function* batches(rows: AsyncIterable<readonly Row[]>, now: () => string): AsyncGenerator<Batch> {
  for await (const some of rows) {
    if (some.length > 0) yield { length: some.length, row: (i) => some[i] ?? {}, asOf: now() };
  }
}

async function* nothing(): AsyncGenerator<readonly Row[]> {}

function unaskable({ collection }: Mapped): Fault {
  const ways = (collection.required ?? []).map((fields) => fields.join(' and ')).join(', or ');
  return new Fault('invalid', `"${collection.name}" can only be asked with a value for ${ways}`, {
    code: 'required-filter',
    collection: collection.name,
    parameter: 'filter',
  });
}
