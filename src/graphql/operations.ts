// Knows: operations as root fields: their arguments, and how those become values of the model.
// Must not know: who calls them.

import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigArgumentMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import { Fault } from '../fault.ts';
import type { CatalogOperation } from '../model/catalog.ts';
import { hasFiniteValue } from '../model/finite.ts';
import { camelCase, distinct } from '../model/naming.ts';
import { type Field, isScalar, type Type, type UnionMember, type UnionType } from '../model/type.ts';
import { TAG, type Value } from '../model/value.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import { type Arguments, type InputTypes, list, members, typedOperand } from './input-values.ts';
import type { OutputTypes } from './output-types.ts';
import { described, hasFields } from './output-types.ts';

/** The root field of an operation; `inputTypes` keeps input objects that several operations share. */
export function operationField(
  operation: CatalogOperation,
  inputs: InputTypes,
  outputs: OutputTypes,
  inputTypes: Map<Type, GraphQLInputType>,
): GraphQLFieldConfig<unknown, GraphqlContext> {
  return {
    type: outputs.output(operation.output),
    description: docText(operation),
    args: argumentMap(operation.input, inputs, inputTypes),
    async resolve(_source, args: Arguments, context) {
      if (context.invoke === undefined) {
        throw new Fault('unsupported', `"${operation.name}" cannot be called here`, {
          source: operation.source,
        });
      }
      return context.invoke(operation.name, readFields(operation.input, args, ''), contextOf(context));
    },
  };
}

function docText({ doc, legacyName }: CatalogOperation): string | undefined {
  const lines = [doc ?? '', legacyName === undefined ? '' : `\`${legacyName}\``].filter(
    (line) => line !== '',
  );
  return lines.length === 0 ? undefined : lines.join('\n');
}

function argumentMap(
  fields: readonly Field[],
  inputs: InputTypes,
  inputTypes: Map<Type, GraphQLInputType>,
): GraphQLFieldConfigArgumentMap {
  return Object.fromEntries(
    fields
      .filter((field) => hasFields(field) && hasFiniteValue(field.type))
      .map((field) => {
        const type = inputType(field.type, inputs, inputTypes);
        return [field.name, { type: field.nullable === true ? type : required(type), ...described(field) }];
      }),
  );
}

function required(type: GraphQLInputType): GraphQLInputType {
  return type instanceof GraphQLNonNull ? type : new GraphQLNonNull(type);
}

function inputType(type: Type, inputs: InputTypes, made: Map<Type, GraphQLInputType>): GraphQLInputType {
  if (isScalar(type)) return inputs.leaf(type);
  if (type.kind === 'list') return new GraphQLList(inputType(type.of, inputs, made));
  const known = made.get(type);
  if (known !== undefined) return known;
  const object = new GraphQLInputObjectType({
    name: inputs.name(`${type.name}Input`),
    ...(type.kind === 'union'
      ? { isOneOf: true, fields: () => branches(type, inputs, made) }
      : { fields: () => argumentMap(type.fields, inputs, made) }),
  });
  made.set(type, object);
  return object;
}

/** A union as an input: one field for each member, of which exactly one is given. */
function branches(type: UnionType, inputs: InputTypes, made: Map<Type, GraphQLInputType>) {
  return Object.fromEntries(
    branchNames(type)
      .filter(([, member]) => hasFiniteValue(member))
      .map(([name, member]) => [
        name,
        { type: hasFields({ type: member }) ? inputType(member, inputs, made) : GraphQLBoolean },
      ]),
  );
}

function branchNames({ of }: UnionType): readonly (readonly [string, UnionMember])[] {
  const names = distinct(of.map(({ tag }) => camelCase(tag)));
  return of.map((member, i) => [names[i] ?? member.tag, member]);
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

function readFields(fields: readonly Field[], input: unknown, at: string): Readonly<Record<string, Value>> {
  const given = new Map(members(input));
  const values: [string, Value][] = [];
  for (const { name, type } of fields) {
    const value = given.get(name);
    // What was left out stays out: for many services that is not the same as null.
    if (value !== undefined) values.push([name, readValue(type, value, at === '' ? name : `${at}.${name}`)]);
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
