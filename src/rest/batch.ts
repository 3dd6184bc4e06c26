// Knows: several changes in one JSON body, and what came of them: `POST /api`.
// Must not know: HTTP, how changes are carried out.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { didYouMean, nearest } from '../model/naming.ts';
import { type Field, fieldAt } from '../model/type.ts';
import { type Json, toJson, type Value } from '../model/value.ts';
import { type Change, checkExpectation, type Outcome } from '../query/change.ts';
import type { Input } from '../query/input.ts';
import { shown } from '../query/literal.ts';
import { below, inRecord, objectAt, readFields, readValues } from './row-changes.ts';

/** A change's member that names its collection, by what else the change has. */
export const CHANGE_MEMBERS = {
  insert: { needs: ['values'], takes: [] },
  update: { needs: ['key', 'values'], takes: ['expected'] },
  upsert: { needs: ['key', 'values'], takes: ['expected'] },
  delete: { needs: ['key'], takes: ['expected'] },
} as const satisfies Record<
  Change['verb'],
  { readonly needs: readonly string[]; readonly takes: readonly string[] }
>;

const VERBS = ['insert', 'update', 'upsert', 'delete'] as const satisfies readonly Change['verb'][];

/** `{"changes":[{"insert":"postings","values":{…}}, …]}`. Throws `invalid` with the member's place: `changes[1].values.amount`. */
export function readChanges(catalog: Catalog, body: unknown): readonly Change[] {
  const { changes, ...others } = objectAt(body, '');
  const [stranger] = Object.keys(others);
  if (stranger !== undefined) throw unknownMember(stranger, ['changes'], '');
  if (!Array.isArray(changes)) {
    throw new Fault('invalid', '"changes" must be a list', { code: 'bad-value', parameter: 'changes' });
  }
  if (changes.length === 0) {
    throw new Fault('invalid', 'The list holds no change', { code: 'no-changes', parameter: 'changes' });
  }
  return changes.map((json: unknown, i) => inRecord(i, () => readChange(catalog, json, `changes[${i}]`)));
}

function readChange(catalog: Catalog, json: unknown, at: string): Change {
  const given = objectAt(json, at);
  const verbs = VERBS.filter((verb) => Object.hasOwn(given, verb));
  const [verb] = verbs;
  if (verb === undefined || verbs.length > 1) throw noVerb(given, verb !== undefined, at);
  const collection = collectionAt(catalog, given[verb], below(at, verb));
  const { needs, takes } = CHANGE_MEMBERS[verb];
  const known: readonly string[] = [verb, ...needs, ...takes];
  const stranger = Object.keys(given).find((name) => !known.includes(name));
  if (stranger !== undefined) throw unknownMember(stranger, known, at);
  const missing = needs.find((name) => !Object.hasOwn(given, name));
  if (missing !== undefined) {
    const parameter = below(at, missing);
    throw new Fault('invalid', `"${parameter}" is missing`, { code: 'missing-argument', parameter });
  }
  const { name } = collection;
  const values = verb === 'delete' ? {} : readValues(collection, verb, given['values'], below(at, 'values'));
  if (verb === 'insert') return { collection: name, verb, values };
  const key = readFields(collection, keyFields(collection), given['key'], below(at, 'key'));
  return {
    collection: name,
    verb,
    key: collection.key.map((field) => key[field] ?? null),
    values,
    ...(Object.hasOwn(given, 'expected')
      ? { expected: readExpected(collection, given['expected'], below(at, 'expected')) }
      : {}),
  };
}

function readExpected(collection: CatalogCollection, json: unknown, at: string): Input {
  const expected = readFields(collection, expectedFields(collection), json, at);
  checkExpectation(expected, collection, at);
  return expected;
}

/** The members of `key`: all of them are needed. */
export function keyFields({ fields, key }: CatalogCollection): readonly Field[] {
  return key.flatMap((name): readonly Field[] => {
    const field = fieldAt(fields, name);
    return field === undefined ? [] : [{ ...field, name, nullable: false, optional: false }];
  });
}

/** The members of `expected`: any of the row's own. */
export function expectedFields({ fields }: CatalogCollection): readonly Field[] {
  return fields.map((field) => ({ ...field, optional: true }));
}

/** `{"outcomes":[{"collection":"postings","key":{"id":"7"},"created":true}]}`, in the order of the changes. */
export function outcomesJson(
  catalog: Catalog,
  changes: readonly Change[],
  outcomes: readonly Outcome[],
): Json {
  return {
    outcomes: outcomes.map(({ key, created }, i) => {
      const { collection = '' } = changes[i] ?? {};
      return { collection, key: keyJson(catalog.collections.get(collection), key), created };
    }),
  };
}

/** Values of a key by the names of its fields: `{"id":"7"}`. */
export function keyJson(collection: CatalogCollection | undefined, key: readonly Value[]): Json {
  const fields = collection === undefined ? [] : keyFields(collection);
  return Object.fromEntries(fields.map(({ name, type }, i) => [name, toJson(type, key[i] ?? null)]));
}

function collectionAt({ collections }: Catalog, name: unknown, at: string): CatalogCollection {
  const found = typeof name === 'string' ? collections.get(name) : undefined;
  if (found !== undefined) return found;
  if (typeof name !== 'string') {
    throw new Fault('invalid', `"${at}" must be the name of a collection`, {
      code: 'bad-value',
      parameter: at,
    });
  }
  const hint = nearest(name, collections.keys());
  throw new Fault(
    'invalid',
    `There is no collection ${shown(name)}.${didYouMean(name, collections.keys())}`,
    {
      code: 'unknown-collection',
      parameter: at,
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

function noVerb(given: Readonly<Record<string, unknown>>, several: boolean, at: string): Fault {
  const near = several ? [] : Object.keys(given).flatMap((name) => nearest(name, VERBS) ?? []);
  return new Fault('invalid', `"${at}" must have exactly one of ${VERBS.join(', ')}`, {
    code: 'bad-change',
    parameter: at,
    hint: near[0] ?? '{"insert":"…","values":{…}}',
  });
}

function unknownMember(name: string, valid: readonly string[], at: string): Fault {
  const hint = nearest(name, valid);
  return new Fault('invalid', `There is no member ${shown(name)} here.${didYouMean(name, valid)}`, {
    code: 'unknown-member',
    parameter: below(at, name),
    hint: hint ?? valid.join(', '),
  });
}
