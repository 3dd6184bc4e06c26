// Knows: how large a filter may be, whichever way it is written.
// Must not know: its texts, who reads them.

import { Fault, type FaultPlace } from '../fault.ts';
import type { Policy } from '../policy.ts';

export type FilterLimits = Pick<Policy['query'], 'maxFilterChars' | 'maxFilterConditions' | 'maxFilterDepth'>;

/** What is left for one filter while it is being read; each throws `too-costly` (`filter-limit`) once that is nothing. */
export interface FilterBudget {
  /** One more condition. */
  condition(): void;
  /** Reads what stands one level deeper: in parentheses, behind "not". */
  nested<Read>(inside: () => Read): Read;
}

/** `place`: where reading stands, for the fault. */
export function filterBudget(
  { maxFilterConditions, maxFilterDepth }: FilterLimits,
  place: () => FaultPlace,
): FilterBudget {
  let conditions = 0;
  let depth = 0;
  return {
    condition() {
      if (++conditions > maxFilterConditions) {
        throw beyondLimit(`has more than ${maxFilterConditions} conditions`, place());
      }
    },
    nested(inside) {
      if (++depth > maxFilterDepth) {
        throw beyondLimit(`is nested deeper than ${maxFilterDepth} levels`, place());
      }
      const read = inside();
      depth--;
      return read;
    },
  };
}

export function beyondLimit(what: string, place: FaultPlace): Fault {
  return new Fault('too-costly', `The filter ${what}`, { ...place, code: 'filter-limit' });
}
