// Knows: how the changes of one root field are carried out, and what the fields of one document may change together.
// Must not know: how changes are written down, what is answered.

import type { GraphQLResolveInfo } from 'graphql';
import { Fault } from '../fault.ts';
import { checkNumber, type Outcome } from '../query/change.ts';
import { contextOf, type GraphqlContext } from './context.ts';
import { list, pathTo } from './input-values.ts';
import type { Surroundings } from './resolve.ts';
import type { PlacedChange } from './write-inputs.ts';

/** The elements of a list of changes. Its faults say which by `record`, as the gateway's do: the first is 1. */
export function readEach(
  given: unknown,
  what: 'row' | 'change',
  parameter: string,
  read: (one: unknown, at: string) => PlacedChange,
): readonly PlacedChange[] {
  const all = list(given);
  if (all.length === 0)
    throw new Fault('invalid', `The list holds no ${what}`, { code: 'no-changes', parameter });
  return all.map((one, i) => {
    try {
      return read(one, `${parameter}[${i}]`);
    } catch (error) {
      if (all.length === 1 || !(error instanceof Fault)) throw error;
      throw error.at({ record: i + 1 });
    }
  });
}

/** All of the changes, or none. A value that is found wrong only now, or is not the row's any more, has its place in the arguments, too. */
export async function carryOut(
  changes: readonly PlacedChange[],
  { policy }: Surroundings,
  context: GraphqlContext,
  { path }: GraphQLResolveInfo,
): Promise<readonly Outcome[]> {
  if (context.write === undefined) throw new Fault('unsupported', 'Nothing can be changed here');
  const { changed } = context;
  // Fields of one document are bounded together: each may be written many times in a short text.
  changed.asked += changes.length;
  checkNumber(changed.asked, policy);
  try {
    const outcomes = await context.write(
      changes.map(({ change }) => change),
      contextOf(context),
    );
    changed.fields.push(String(path.key));
    return outcomes;
  } catch (error) {
    if (!(error instanceof Fault) || (error.kind !== 'invalid' && error.kind !== 'stale')) throw error;
    const { record = 1, field } = error.place;
    const placed = changes[record - 1];
    const at = error.kind === 'stale' ? placed?.matchAt : placed?.valuesAt;
    throw field === undefined || at === undefined ? error : error.at({ parameter: pathTo(at, field) });
  }
}
