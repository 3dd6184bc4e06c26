// Knows: the input types of values of the model, and how a coerced input becomes a value.
// Must not know: who takes the values: an operation, a row.

import {
  GraphQLBoolean,
  type GraphQLInputFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import { Fault } from '../fault.ts';
import { hasFiniteValue } from '../model/finite.ts';
import { camelCase, distinct } from '../model/naming.ts';
import {
  type Field,
  isScalar,
  mayBeLeftOut,
  type Type,
  typeText,
  type UnionMember,
  type UnionType,
} from '../model/type.ts';
import { TAG, type Value } from '../model/value.ts';
import { type InputTypes, list, members, pathTo, typedOperand } from './input-values.ts';
import { described, hasFields } from './output-types.ts';

export interface ValueInputs {
  /** Arguments, or fields of an input object: one for each field that a client can give. */
  fields(fields: readonly Field[]): GraphQLInputFieldConfigMap;
}

/** One input object for each type, whoever takes it. */
export function valueInputs(types: InputTypes): ValueInputs {
  const made = new Map<Type, GraphQLInputType>();

  const inputFields = (fields: readonly Field[]): GraphQLInputFieldConfigMap =>
    Object.fromEntries(
      fields.filter(isGivable).map((field) => {
        const type = inputType(field.type);
        // GraphQL has no word for a value that must be given and may be null: leaving it out is refused when it is read.
        const free = mayBeLeftOut(field) || field.nullable === true;
        return [field.name, { type: free ? type : required(type), ...describedInput(field) }];
      }),
    );

  const inputType = (type: Type): GraphQLInputType => {
    if (isScalar(type)) return types.leaf(type);
    if (type.kind === 'list') return new GraphQLList(inputType(type.of));
    const known = made.get(type);
    if (known !== undefined) return known;
    const object = new GraphQLInputObjectType({
      name: types.name(`${type.name}Input`),
      ...(type.kind === 'union'
        ? { isOneOf: true, fields: () => branches(type) }
        : { fields: () => inputFields(type.fields) }),
    });
    made.set(type, object);
    return object;
  };

  /** A union as an input: one field for each member, of which exactly one is given. */
  const branches = (type: UnionType): GraphQLInputFieldConfigMap =>
    Object.fromEntries(
      branchNames(type)
        .filter(([, member]) => hasFiniteValue(member))
        .map(([name, member]) => [
          name,
          { type: hasFields({ type: member }) ? inputType(member) : GraphQLBoolean },
        ]),
    );

  return { fields: inputFields };
}

/** Whether clients can give everything that they must. */
export function isCallable(fields: readonly Field[]): boolean {
  return fields.every((field) => mayBeLeftOut(field) || hasFiniteValue(field.type));
}

/** There is something to write down, the source takes it, and the caller sees what it is. */
function isGivable(field: Field): boolean {
  return (
    field.readOnly !== true &&
    field.alternate !== true &&
    field.mask === undefined &&
    hasFields(field) &&
    hasFiniteValue(field.type)
  );
}

function required(type: GraphQLInputType): GraphQLInputType {
  return type instanceof GraphQLNonNull ? type : new GraphQLNonNull(type);
}

/** Also what the type alone does not say: whether leaving out and null are the same. */
function describedInput(field: Field): { readonly description?: string } {
  const { description } = described(field);
  const isNullable = field.nullable === true;
  const rule =
    mayBeLeftOut(field) === isNullable
      ? undefined
      : isNullable
        ? 'Must be given, if only as null.'
        : 'Never null.';
  const lines = [description, rule].filter((line) => line !== undefined);
  return lines.length === 0 ? {} : { description: lines.join('\n') };
}

function branchNames({ of }: UnionType): readonly (readonly [string, UnionMember])[] {
  const names = distinct(of.map(({ tag }) => camelCase(tag)));
  return of.map((member, i) => [names[i] ?? member.tag, member]);
}

/** Coerced arguments → values by field name. Throws `invalid` with the path that `at` leads to. */
export function readFields(
  fields: readonly Field[],
  input: unknown,
  at: string,
): Readonly<Record<string, Value>> {
  const given = new Map(members(input));
  const values: [string, Value][] = [];
  for (const field of fields) {
    const { name, type } = field;
    const path = pathTo(at, name);
    const value = given.get(name);
    // What was left out stays out: for many services that is not the same as null.
    if (value === undefined) {
      if (!mayBeLeftOut(field) && isGivable(field)) throw missing(field, path);
      continue;
    }
    if (value === null && field.nullable !== true) throw nullValue(field, path);
    values.push([name, readValue(type, value, path)]);
  }
  return Object.fromEntries(values);
}

function readValue(type: Type, input: unknown, at: string): Value {
  if (input === null) return null;
  if (isScalar(type)) return typedOperand({ field: at, type }, input, at, at);
  switch (type.kind) {
    case 'list':
      return list(input).map((element, i) => readValue(type.of, element, `${at}[${i}]`));
    case 'object':
      return readFields(type.fields, input, at);
    case 'union':
      return readBranch(type, input, at);
  }
}

/** The branch that was given, as the one form that unions have: its members beside its tag. */
function readBranch(type: UnionType, input: unknown, at: string): Value {
  const [given] = members(input);
  const [name, value] = given ?? ['', null];
  const member = branchNames(type).find(([own]) => own === name)?.[1];
  if (member === undefined)
    throw new Fault('invalid', `"${at}" names no type`, { code: 'bad-value', parameter: at });
  return { [TAG]: member.tag, ...readFields(member.fields, value, `${at}.${name}`) };
}

function missing({ type }: Field, at: string): Fault {
  return new Fault('invalid', `"${at}" is missing`, {
    code: 'missing-argument',
    parameter: at,
    hint: typeText(type),
  });
}

function nullValue({ type }: Field, at: string): Fault {
  return new Fault('invalid', `"${at}" must not be null`, {
    code: 'bad-value',
    field: at,
    parameter: at,
    hint: typeText(type),
  });
}
