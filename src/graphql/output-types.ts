// Knows: the GraphQL output type of every type of the model, each made once.
// Must not know: collections, relations, arguments.

import {
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLNullableType,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLUnionType,
} from 'graphql';
import {
  type Field,
  isScalar,
  type ObjectType,
  type Scalar,
  type Type,
  typeText,
  type UnionMember,
  type UnionType,
} from '../model/type.ts';
import { type Row, TAG } from '../model/value.ts';
import { maskText } from '../query/masked.ts';
import type { GraphqlContext } from './context.ts';
import type { LeafType } from './input-values.ts';
import { groupFieldResolver } from './resolve.ts';
import { GRAPHQL_SCALARS } from './scalars.ts';
import { isEnumValueName } from './type-names.ts';

export interface OutputTypes {
  readonly leaf: (type: Scalar) => LeafType;
  readonly output: (type: Type) => GraphQLOutputType;
}

/** `name` gives each type a name of its own. */
export function outputTypes(name: (wanted: string) => string): OutputTypes {
  const enums = new Map<Type, LeafType>();
  const made = new Map<Type, GraphQLObjectType | GraphQLUnionType>();

  const leaf = (type: Scalar): LeafType => {
    if (type.kind !== 'enum') return GRAPHQL_SCALARS[type.kind];
    const known = enums.get(type);
    if (known !== undefined) return known;
    // A value that GraphQL cannot name would need another name here than in REST; text is the same on both.
    const enumType = type.values.every(isEnumValueName)
      ? new GraphQLEnumType({
          name: name(type.name),
          values: Object.fromEntries(type.values.map((value) => [value, {}])),
        })
      : GRAPHQL_SCALARS.string;
    enums.set(type, enumType);
    return enumType;
  };

  const object = (type: ObjectType): GraphQLObjectType =>
    new GraphQLObjectType<Row, GraphqlContext>({ name: name(type.name), fields: () => fieldsOf(type) });

  const fieldsOf = ({ fields }: ObjectType): GraphQLFieldConfigMap<Row, GraphqlContext> =>
    Object.fromEntries(fields.filter(hasFields).map((field) => [field.name, member(field)]));

  const member = (field: Field): GraphQLFieldConfig<Row, GraphqlContext> => ({
    type: output(field.type),
    ...described(field),
    resolve: groupFieldResolver(field.name, isExact(field.type)),
  });

  const unionMember = (type: UnionMember): GraphQLObjectType =>
    new GraphQLObjectType<Row, GraphqlContext>({
      name: name(type.name),
      description: `Over REST \`"${TAG}": ${JSON.stringify(type.tag)}\`.`,
      fields: () => (type.fields.some(hasFields) ? fieldsOf(type) : { _empty: NO_FIELD }),
    });

  /** A shared type is one type, as a member and elsewhere. */
  const memberType = (type: UnionMember): GraphQLObjectType => {
    const known = made.get(type);
    if (known instanceof GraphQLObjectType) return known;
    const one = unionMember(type);
    if (type.shared === true) made.set(type, one);
    return one;
  };

  const union = (type: UnionType): GraphQLUnionType => {
    const members = new Map(type.of.map((of) => [of.tag, memberType(of)]));
    return new GraphQLUnionType({
      name: name(type.name),
      types: [...members.values()],
      resolveType: (row: Row) => members.get(String(row[TAG]))?.name,
    });
  };

  const output = (type: Type): GraphQLOutputType => {
    if (isScalar(type)) return leaf(type);
    if (type.kind === 'list') return new GraphQLList(output(type.of));
    const known = made.get(type);
    if (known !== undefined) return known;
    const composite = type.kind === 'object' ? object(type) : union(type);
    made.set(type, composite);
    return composite;
  };

  return { leaf, output };
}

/** A member of nothing but FILLER says by its type alone which one it is, but GraphQL has no object without fields. */
const NO_FIELD: GraphQLFieldConfig<Row, GraphqlContext> = {
  type: GraphQLBoolean,
  description: 'There is no field. Always null.',
  resolve: () => null,
};

/** GraphQL has no object without fields: a group of nothing but FILLER is left out, and so is one of nothing but itself. */
export function hasFields({ type }: { readonly type: Type }): boolean {
  return isShown(type, new Set());
}

function isShown(type: Type, seen: Set<Type>): boolean {
  switch (type.kind) {
    case 'object':
      if (seen.has(type)) return false;
      seen.add(type);
      return type.fields.some((field) => isShown(field.type, seen));
    case 'list':
      return isShown(type.of, seen);
    case 'union':
      return type.of.length > 0;
    default:
      return true;
  }
}

/** A list that is there, and so is every element. */
export function listOf<T extends GraphQLNullableType>(
  type: T,
): GraphQLNonNull<GraphQLList<GraphQLNonNull<T>>> {
  return new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)));
}

/** False for binary floats, which hold values that GraphQL's Float does not. */
export function isExact(type: Type): boolean {
  return type.kind === 'list' ? isExact(type.of) : type.kind !== 'float64';
}

/** What a person needs to find the field in the copybook or the table, and what its GraphQL type does not say. */
export function described(field: Field): { readonly description?: string } {
  const { doc, legacyName, type, alternate } = field;
  const exact = type.kind === 'decimal' || (type.kind === 'string' && type.length !== undefined);
  const origin = [legacyName === undefined ? '' : `\`${legacyName}\``, exact ? typeText(type) : ''];
  const lines = [
    doc ?? '',
    origin.filter((word) => word !== '').join(', '),
    maskText(field) ?? '',
    alternate === true ? 'Another reading of bytes that an earlier field already shows.' : '',
    type.kind === 'enum' && !type.values.every(isEnumValueName) ? `One of: ${type.values.join(', ')}.` : '',
  ].filter((line) => line !== '');
  return lines.length === 0 ? {} : { description: lines.join('\n') };
}
