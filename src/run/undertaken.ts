// Knows: where a source is told of a change: innermost, behind everything that may still refuse it.
// Must not know: what is made of what is noted here.

import { Fault, toFault } from '../fault.ts';
import { decorated } from '../guard/guard.ts';
import type { Undertaking } from '../query/undertaking.ts';
import type { Source } from '../spi.ts';

/** The same source; what it is told to change, and what became of it, is noted in the `undertaking` of the call. */
export function undertaken(source: Source): Source {
  const changing = new Set(
    source.model.operations.flatMap(({ name, effect }) => (effect === 'write' ? [name] : [])),
  );
  return decorated(source, {
    write:
      (write) =>
      (changes, { undertaking, ...how }) =>
        noted(undertaking, () => write(changes, how), asIs),
    invoke:
      (invoke) =>
      (operation, input, { undertaking, ...how }) =>
        noted(changing.has(operation) ? undertaking : undefined, () => invoke(operation, input, how), heard),
  });
}

async function noted<T>(
  undertaking: Undertaking | undefined,
  call: () => Promise<T>,
  meaning: (fault: Fault) => Fault,
): Promise<T> {
  if (undertaking === undefined) return call();
  undertaking.begun();
  let answer: T;
  try {
    answer = await call();
  } catch (error) {
    undertaking.failed(meaning(toFault(error)));
    throw error;
  }
  undertaking.made();
  return answer;
}

/** `Source.write` promises which faults leave open what was done. */
function asIs(fault: Fault): Fault {
  return fault;
}

/** An operation that failed may have been carried out, unless the source itself says what is wrong or was not reached at all. */
function heard(fault: Fault): Fault {
  if (fault.entry.status < 500 || fault.sourceFault !== undefined || fault.kind === 'unsupported')
    return fault;
  return new Fault('upstream', fault.message, { code: 'outcome-unknown', cause: fault });
}
