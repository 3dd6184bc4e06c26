// Knows: how the JSON of a row becomes a change of one collection: which members it may have, and what is wrong with the others.
// Must not know: HTTP, paths, several changes at once.

import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { compareValues } from '../model/comparison.ts';
import { type Field, fieldAt, isComparable } from '../model/type.ts';
import type { Value } from '../model/value.ts';
import { type Change, notWritten, writtenFields } from '../query/change.ts';
import { type Input, readInput } from '../query/input.ts';

/** The verbs whose changes hold values. */
export type ValueVerb = 'insert' | 'update' | 'upsert';

/** A `POST` of one row, or of a list of rows. Throws `invalid` with the member's place: `[1].address.city`. */
export function readInserts(collection: CatalogCollection, body: unknown): readonly Change[] {
  const insert = (json: unknown, at: string): Change => ({
    collection: collection.name,
    verb: 'insert',
    values: readValues(collection, 'insert', json, at),
  });
  if (!Array.isArray(body)) return [insert(body, '')];
  if (body.length === 0) throw new Fault('invalid', 'The list holds no row', { code: 'no-changes' });
  return body.map((json: unknown, i) => inRecord(i, () => insert(json, `[${i}]`)));
}

/** A `PATCH` or `PUT` of the row with this key, which the body may repeat but not contradict. */
export function readKeyed(
  collection: CatalogCollection,
  verb: ValueVerb,
  key: readonly Value[],
  body: unknown,
): Change {
  const given = readMembers(collection, verb, keyedFields(collection, verb), body, '');
  const named: readonly (readonly [string, Value])[] = collection.key.map((name, i) => [
    name,
    key[i] ?? null,
  ]);
  for (const [name, value] of named) {
    if (Object.hasOwn(given, name) && !isSame(collection, name, given[name] ?? null, value))
      throw otherKey(collection, name);
  }
  const rest = Object.entries(given).filter(([name]) => !collection.key.includes(name));
  const { name } = collection;
  return verb === 'insert'
    ? { collection: name, verb, values: Object.fromEntries([...named, ...rest]) }
    : { collection: name, verb, key, values: Object.fromEntries(rest) };
}

/** The members of a body whose address names the row. */
export function keyedFields(collection: CatalogCollection, verb: ValueVerb): readonly Field[] {
  const isKey = ({ name }: Field): boolean => collection.key.includes(name);
  return [
    ...collection.fields.filter(isKey).map((field) => ({ ...field, optional: true })),
    ...writtenFields(collection, verb).filter((field) => !isKey(field)),
  ];
}

/** The values of a change whose key does not stand among them. */
export function readValues(collection: CatalogCollection, verb: ValueVerb, json: unknown, at: string): Input {
  return readMembers(collection, verb, writtenFields(collection, verb), json, at);
}

function readMembers(
  collection: CatalogCollection,
  verb: ValueVerb,
  fields: readonly Field[],
  json: unknown,
  at: string,
): Input {
  for (const name of Object.keys(objectAt(json, at))) {
    if (fields.some((field) => field.name === name)) continue;
    throw notWritten(collection, name, verb).at({ parameter: below(at, name) });
  }
  return readFields(collection, fields, json, at);
}

/** The object's members as values of the fields. Faults name the field, and where in the body it stands. */
export function readFields(
  { name: collection }: CatalogCollection,
  fields: readonly Field[],
  json: unknown,
  at: string,
): Input {
  objectAt(json, at);
  try {
    return readInput(fields, json);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { parameter = '', ...place } = error.place;
    throw new Fault(error.kind, error.message, {
      ...place,
      code: error.code,
      collection,
      parameter: below(at, parameter),
    });
  }
}

/** The JSON object that stands there. Throws `invalid` for any other JSON. */
export function objectAt(json: unknown, at: string): Readonly<Record<string, unknown>> {
  if (isObject(json)) return json;
  throw new Fault('invalid', `${at === '' ? 'The body' : `"${at}"`} must be an object`, {
    code: 'bad-value',
    ...(at === '' ? {} : { parameter: at }),
    hint: 'an object',
  });
}

function isObject(json: unknown): json is Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** A member's place in the body; a client's word is cut short. */
export function below(at: string, name: string): string {
  return `${at}${at === '' ? '' : '.'}${name}`.slice(0, 200);
}

/** Faults of one of several changes say which. */
export function inRecord<T>(i: number, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof Fault ? error.at({ record: i + 1 }) : error;
  }
}

function isSame({ fields }: CatalogCollection, name: string, a: Value, b: Value): boolean {
  const type = fieldAt(fields, name)?.type;
  return (
    type !== undefined && isComparable(type) && a !== null && b !== null && compareValues(type, a, b) === 0
  );
}

function otherKey({ name: collection }: CatalogCollection, name: string): Fault {
  return new Fault(
    'invalid',
    `"${name}" is not that of the address: a key names its row and does not change`,
    {
      code: 'other-key',
      collection,
      field: name,
      parameter: name,
      hint: 'Leave it out, or delete the row and insert another.',
    },
  );
}
