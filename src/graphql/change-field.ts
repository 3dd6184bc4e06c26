// Knows: several changes as one root field of the mutation: a list of changes, an outcome for each.
// Must not know: how a single change is written down, who carries it out.

import {
  GraphQLBoolean,
  type GraphQLFieldConfig,
  GraphQLInputObjectType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
} from 'graphql';
import { Fault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { fieldAt } from '../model/type.ts';
import { type Json, toJson } from '../model/value.ts';
import type { Outcome } from '../query/change.ts';
import { carryOut, readEach } from './carry-out.ts';
import type { GraphqlContext } from './context.ts';
import { type Arguments, members, pathTo } from './input-values.ts';
import { listOf } from './output-types.ts';
import type { Surroundings } from './resolve.ts';
import type { ChangeInput, ChangeTypes } from './write-inputs.ts';

/** `change(changes: [{ createAccount: … }, { deleteAccount: … }])`. */
export function changeField(
  changes: ReadonlyMap<string, ChangeInput>,
  surroundings: Surroundings,
  { types }: ChangeTypes,
): GraphQLFieldConfig<unknown, GraphqlContext> {
  const { collections } = surroundings.catalog;
  const one = new GraphQLInputObjectType({
    name: types.name('Change'),
    description: 'One change: exactly one of these.',
    isOneOf: true,
    fields: Object.fromEntries([...changes].map(([name, { type }]) => [name, { type }])),
  });
  const outcome = new GraphQLObjectType<ChangeOutcome, GraphqlContext>({
    name: types.name('ChangeOutcome'),
    fields: {
      collection: { type: new GraphQLNonNull(GraphQLString) },
      key: {
        type: listOf(GraphQLString),
        description: 'Values of the key fields as text, in declared order; none of a row without a key.',
        resolve: ({ collection, key }) => keyTexts(collections.get(collection), key),
      },
      created: { type: new GraphQLNonNull(GraphQLBoolean), description: 'The row was not there before.' },
    },
  });
  return {
    type: listOf(outcome),
    description: 'Makes all of the changes, one after the other, or none. They must be of one source.',
    args: { changes: { type: listOf(one) } },
    async resolve(_source, args: Arguments, context, info): Promise<readonly ChangeOutcome[]> {
      const placed = readEach(args['changes'], 'change', 'changes', (given, at) => {
        const [[name, input] = ['', null]] = members(given);
        const found = changes.get(name);
        if (found === undefined) throw new Fault('internal', 'A change is none of those offered');
        return found.read(input, pathTo(at, name));
      });
      const outcomes = await carryOut(placed, surroundings, context, info);
      return outcomes.map((made, i) => ({ ...made, collection: placed[i]?.change.collection ?? '' }));
    },
  };
}

interface ChangeOutcome extends Outcome {
  readonly collection: string;
}

function keyTexts(
  collection: CatalogCollection | undefined,
  key: Outcome['key'],
): readonly (string | null)[] {
  const { key: names = [], fields = [] } = collection ?? {};
  return names.map((name, i) => {
    const type = fieldAt(fields, name)?.type;
    const json: Json = type === undefined ? null : toJson(type, key[i] ?? null);
    return json === null ? null : String(json);
  });
}
