// Knows: how the changes of one root field are carried out, and what the fields of one document may change together.
// Must not know: how changes are written down, what is answered.

import type { GraphQLResolveInfo } from 'graphql';
import { Fault } from '../fault.ts';
import type { Change, Outcome } from '../query/change.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import type { Surroundings } from './resolve.ts';

/** Several are told apart in faults by their number, as the gateway does: `record`, the first is 1. */
export function numbered<T>(given: readonly unknown[], read: (one: unknown, i: number) => T): readonly T[] {
  return given.map((one, i) => {
    try {
      return read(one, i);
    } catch (error) {
      if (given.length === 1 || !(error instanceof Fault)) throw error;
      throw error.at({ record: i + 1 });
    }
  });
}

/** All of the changes, or none. Throws what the gateway does. */
export async function carryOut(
  changes: readonly Change[],
  { policy }: Surroundings,
  context: GraphqlContext,
  { path }: GraphQLResolveInfo,
): Promise<readonly Outcome[]> {
  if (context.write === undefined) throw new Fault('unsupported', 'Nothing can be changed here');
  const { changed } = context;
  // Fields of one document are bounded together: each may be written many times in a short text.
  const asked = changed.asked + changes.length;
  if (asked > policy.write.maxChanges) {
    throw new Fault(
      'too-costly',
      `${asked} changes in one request; the limit is ${policy.write.maxChanges}`,
      {
        code: 'change-limit',
      },
    );
  }
  changed.asked = asked;
  const outcomes = await context.write(changes, contextOf(context));
  changed.fields.push(String(path.key));
  return outcomes;
}
