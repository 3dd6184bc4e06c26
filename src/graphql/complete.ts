// Knows: how the values of a query become its answer where nothing is out of the ordinary: what graphql-js works out for each
// field of each row is worked out once for the selection (GraphQL, October 2021, section 6.4).
// Must not know: HTTP, collections, how errors read: where there is one it gives up, and graphql-js completes the same values.

import {
  defaultFieldResolver,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getArgumentValues,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  OperationTypeNode,
  type ValidatedExecutionArgs,
  validateExecutionArgs,
} from 'graphql';
import type { Policy } from '../policy.ts';
import type { GraphqlContext } from './context.ts';
import { fieldsOf, type Walk } from './look-ahead.ts';
import { totalCountResolver } from './resolve.ts';

/** The data of the answer; undefined where it is graphql-js's to complete. */
export type Answer = (context: GraphqlContext) => Promise<Readonly<Record<string, unknown>> | undefined>;

/** Throws what graphql-js has to name. */
type Complete = (value: unknown, context: GraphqlContext) => unknown;

/** `extensions` of a root field that reads rows, once for a request whoever completes them. */
export const READS = { reads: true } as const;

interface Around {
  readonly args: ValidatedExecutionArgs;
  readonly walk: Walk;
}

export function answerOf(args: ExecutionArgs, policy: Policy): Answer {
  let roots: readonly (readonly [key: string, Complete])[];
  try {
    roots = rootsOf(args, policy);
  } catch {
    return async () => undefined;
  }
  return async (context) => {
    try {
      const values = await Promise.all(roots.map(([, complete]) => complete(undefined, context)));
      return Object.fromEntries(roots.map(([key], i) => [key, values[i]]));
    } catch {
      return undefined;
    }
  };
}

function rootsOf(given: ExecutionArgs, policy: Policy): readonly (readonly [string, Complete])[] {
  const args = validateExecutionArgs(given);
  const query = given.schema.getQueryType();
  if (!('operation' in args) || args.operation.operation !== OperationTypeNode.QUERY || query == null)
    throw unusual();
  const { schema, fragmentDefinitions: fragments, variableValues } = args;
  const around = { args, walk: { policy, info: { schema, fragments, variableValues }, met: 0 } };
  return [...fieldsOf(around.walk, query, [args.operation])].map(([key, nodes]) => {
    const { field, resolve, complete } = partOf(around, query, key, nodes);
    if (field !== undefined && field.extensions['reads'] !== true) throw unusual();
    return [key, async (source, context) => complete(await resolve(source, context), context)] as const;
  });
}

interface Part {
  /** Absent: `__typename`. */
  readonly field?: GraphQLField<unknown, GraphqlContext>;
  readonly resolve: (source: unknown, context: GraphqlContext) => unknown;
  readonly complete: Complete;
}

function partOf(around: Around, type: GraphQLObjectType, key: string, nodes: readonly FieldNode[]): Part {
  const [node] = nodes;
  const name = node?.name.value;
  if (name === '__typename') return { resolve: () => type.name, complete: (value) => value };
  const field = name === undefined ? undefined : type.getFields()[name];
  // The one name that an object does not take like any other.
  if (node === undefined || field === undefined || key === '__proto__') throw unusual();
  const { resolve = defaultFieldResolver } = field;
  // Counting is waited for.
  if (resolve === totalCountResolver) throw unusual();
  const info = infoOf(around, type, field, key, nodes);
  const args = getArgumentValues(field, node, around.args.variableValues);
  return {
    field,
    resolve: (source, context) => resolve(source, args, context, info),
    complete: completeOf(around, field.type, nodes),
  };
}

/** What the resolvers of a row ask of it is the same for every row. */
function infoOf(
  { args }: Around,
  parentType: GraphQLObjectType,
  { name, type }: GraphQLField<unknown, GraphqlContext>,
  key: string,
  fieldNodes: readonly FieldNode[],
): GraphQLResolveInfo {
  const { schema, fragmentDefinitions, rootValue, operation, variableValues } = args;
  return {
    fieldName: name,
    fieldNodes,
    returnType: type,
    parentType,
    path: { prev: undefined, key, typename: parentType.name },
    schema,
    fragments: fragmentDefinitions,
    rootValue,
    operation,
    variableValues,
    getAbortSignal: () => undefined,
    getAsyncHelpers: () => ({ promiseAll: (values) => Promise.all(values), track: () => {} }),
  };
}

function completeOf(around: Around, type: GraphQLOutputType, nodes: readonly FieldNode[]): Complete {
  if (isNonNullType(type)) {
    const inner = completeOf(around, type.ofType, nodes);
    return (value, context) => inner(value, context) ?? refuse();
  }
  if (isListType(type)) {
    const inner = completeOf(around, type.ofType, nodes);
    return (value, context) => {
      if (value == null) return null;
      return Array.isArray(value) ? value.map((element) => inner(element, context)) : refuse();
    };
  }
  if (isLeafType(type)) {
    return (value) => {
      if (value == null) return null;
      return value instanceof Error || value instanceof Promise
        ? refuse()
        : (type.coerceOutputValue(value) ?? refuse());
    };
  }
  if (!isObjectType(type) || type.isTypeOf != null) throw unusual();
  const parts = [...fieldsOf(around.walk, type, nodes)].map(
    ([key, inner]) => [key, partOf(around, type, key, inner)] as const,
  );
  return (value, context) => {
    if (value == null) return null;
    if (value instanceof Error || value instanceof Promise) return refuse();
    const out: Record<string, unknown> = {};
    for (const [key, { resolve, complete }] of parts) out[key] = complete(resolve(value, context), context);
    return out;
  };
}

function refuse(): never {
  throw unusual();
}

function unusual(): Error {
  return new TypeError('graphql-js has to complete this');
}
