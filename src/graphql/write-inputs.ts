// Knows: the arguments of changes of one collection, and how their values become changes.
// Must not know: who carries them out, what is answered.

import { type GraphQLInputFieldConfigMap, GraphQLInputObjectType, GraphQLNonNull } from 'graphql';
import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { capital, nameGiver } from '../model/naming.ts';
import type { Field, WriteVerb } from '../model/type.ts';
import type { Value } from '../model/value.ts';
import { type Change, checkExpectation, writtenFields } from '../query/change.ts';
import { type Arguments, type InputTypes, members, pathTo } from './input-values.ts';
import { keyArguments, readKey } from './inputs.ts';
import { isCallable, readFields, type ValueInputs } from './value-inputs.ts';

/** A change as clients write it. */
export interface ChangeInput {
  /** As arguments of a field of its own. */
  readonly args: GraphQLInputFieldConfigMap;
  /** As one of several: the values of an insert, the arguments of any other change. */
  readonly type: GraphQLInputObjectType;
  /** What `type` takes, coerced → the change. `at` leads to it in the arguments. Throws `invalid`. */
  read(input: unknown, at: string): PlacedChange;
}

/** A change, and where its values, and what it expects of its row, stand in the arguments. */
export interface PlacedChange {
  readonly change: Change;
  readonly valuesAt: string;
  readonly matchAt?: string;
}

/** What the schema lends to them. */
export interface ChangeTypes {
  readonly types: InputTypes;
  readonly values: ValueInputs;
}

/** A change for each verb that the collection claims and a client can ask for. `typeName`: that of its rows. */
export function changeInputs(
  collection: CatalogCollection,
  typeName: string,
  lent: ChangeTypes,
): ReadonlyMap<WriteVerb, ChangeInput> {
  const match = matchOf(collection, typeName, lent);
  const inputs = new Map<WriteVerb, ChangeInput>();
  for (const verb of collection.writes ?? []) {
    if (inputs.has(verb) || !isCallable(writtenFields(collection, verb))) continue;
    const input =
      verb === 'insert'
        ? insertInput(collection, typeName, lent)
        : keyedInput(collection, verb, typeName, lent, match);
    if (input !== undefined) inputs.set(verb, input);
  }
  return inputs;
}

function insertInput(
  collection: CatalogCollection,
  typeName: string,
  lent: ChangeTypes,
): ChangeInput | undefined {
  const fields = writtenFields(collection, 'insert');
  const type = valuesType('insert', fields, typeName, collection, lent);
  if (type === undefined) return undefined;
  const { name } = collection;
  return {
    args: { values: { type: new GraphQLNonNull(type) } },
    type,
    read: (input, at) => ({
      change: {
        collection: name,
        verb: 'insert',
        values: located(name, at, () => readFields(fields, input, '')),
      },
      valuesAt: at,
    }),
  };
}

function keyedInput(
  collection: CatalogCollection,
  verb: Exclude<WriteVerb, 'insert'>,
  typeName: string,
  lent: ChangeTypes,
  match: Match | undefined,
): ChangeInput | undefined {
  const { name, key } = collection;
  if (key.length === 0) return undefined;
  const fields = writtenFields(collection, verb);
  const type = verb === 'delete' ? undefined : valuesType(verb, fields, typeName, collection, lent);
  if (verb === 'update' && type === undefined) return undefined;
  const keys = keyArguments(collection, lent.types);
  // A key field may have such a name itself.
  const free = nameGiver(Object.keys(keys));
  const [valuesName, matchName] = [free('values'), free('ifMatch')];
  const args: GraphQLInputFieldConfigMap = {
    ...keys,
    ...(type === undefined ? {} : { [valuesName]: { type: new GraphQLNonNull(type) } }),
    ...(match === undefined
      ? {}
      : {
          [matchName]: {
            type: match.type,
            description: 'Only if the row still has these values.',
          },
        }),
  };
  return {
    args,
    type: new GraphQLInputObjectType({
      name: lent.types.name(`${typeName}${capital(verb)}Change`),
      fields: args,
    }),
    read(input, at) {
      const given: Arguments = Object.fromEntries(members(input));
      const valuesAt = pathTo(at, valuesName);
      const matchAt = pathTo(at, matchName);
      const expected = match?.read(given[matchName], matchAt);
      const change: Change = {
        collection: name,
        verb,
        key: located(name, at, () => readKey(collection, given)),
        values:
          type === undefined ? {} : located(name, valuesAt, () => readFields(fields, given[valuesName], '')),
        ...(expected === undefined ? {} : { expected }),
      };
      return { change, valuesAt, matchAt };
    },
  };
}

type ValuesVerb = Exclude<WriteVerb, 'delete'>;

/** As the types of the values are called: an upsert says what the row is then, whatever it was. */
const TYPE_WORDS: Readonly<Record<ValuesVerb, string>> = {
  insert: 'Create',
  update: 'Update',
  upsert: 'Replace',
};

const TYPE_TEXTS: Readonly<Record<ValuesVerb, (name: string) => string>> = {
  insert: (name) => `A new row of ${name}. What is left out gets its default from the source.`,
  update: (name) => `What is to change in a row of ${name}. What is left out stays as it is.`,
  upsert: (name) => `All of a row of ${name} beside its key.`,
};

/** Undefined where no field can be given. */
function valuesType(
  verb: ValuesVerb,
  fields: readonly Field[],
  typeName: string,
  { name }: CatalogCollection,
  { types, values }: ChangeTypes,
): GraphQLInputObjectType | undefined {
  const config = values.fields(fields);
  if (Object.keys(config).length === 0) return undefined;
  return new GraphQLInputObjectType({
    name: types.name(typeName + TYPE_WORDS[verb]),
    description: TYPE_TEXTS[verb](name),
    fields: config,
  });
}

interface Match {
  readonly type: GraphQLInputObjectType;
  read(input: unknown, at: string): Readonly<Record<string, Value>> | undefined;
}

/** What a row may be expected to have still: any field but the key and what is masked, also what only the source writes, a version above all. */
function matchOf(
  collection: CatalogCollection,
  typeName: string,
  { types, values }: ChangeTypes,
): Match | undefined {
  const { name, fields, key, writes = [] } = collection;
  if (key.length === 0 || writes.every((verb) => verb === 'insert')) return undefined;
  const looked = fields
    .filter((field) => !key.includes(field.name) && field.mask === undefined)
    .map((field) => ({ ...field, readOnly: false, optional: true }));
  const config = values.fields(looked);
  if (Object.keys(config).length === 0) return undefined;
  return {
    type: new GraphQLInputObjectType({
      name: types.name(`${typeName}Match`),
      description: `What a row of ${name} must have still. Null is a value; what is left out is not looked at.`,
      fields: config,
    }),
    read(input, at) {
      if (input == null) return undefined;
      const expected = located(name, at, () => readFields(looked, input, ''));
      checkExpectation(expected, collection, at);
      return expected;
    },
  };
}

/** Faults name the field within its row and the parameter by its path in the arguments. */
function located<T>(collection: string, at: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { kind, message, code, place } = error;
    throw new Fault(kind, message, {
      ...place,
      code,
      collection,
      parameter: pathTo(at, place.parameter ?? ''),
    });
  }
}
