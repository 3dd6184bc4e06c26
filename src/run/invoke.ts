// Knows: how an operation is called: by the source that has it.
// Must not know: facades, adapters, what an operation does.

import { Fault, toFault } from '../fault.ts';
import { didYouMean } from '../model/naming.ts';
import { shown } from '../query/literal.ts';
import type { Invoke } from '../query/request.ts';
import { traceOf } from '../query/trace.ts';
import type { Source } from '../spi.ts';
import { type Seeing, seenBy } from './seen.ts';

export interface InvokeParts extends Seeing {
  /** The source, guarded. Throws `unavailable` while it could not be opened. */
  source(name: string): Source;
}

/** Throws `not-found` for an unknown operation; every fault of a source says which operation it is about. */
export function createInvoke({ source, ...seeing }: InvokeParts): Invoke {
  return async (name, input, context) => {
    const { signal, ages, undertaking } = context;
    const { catalog } = seenBy(seeing, context);
    const operation = catalog.operations.get(name);
    if (operation === undefined) {
      const hint = didYouMean(name, catalog.operations.keys());
      throw new Fault('not-found', `There is no operation ${shown(name)}.${hint}`);
    }
    try {
      const found = source(operation.source);
      if (found.invoke === undefined) {
        throw new Fault('unsupported', `"${name}" cannot be called`, { source: operation.source });
      }
      return await found.invoke(name, input, {
        signal,
        ...traceOf(context),
        about: ({ asOf, cache }) => ages?.note(operation.source, asOf, cache),
        ...(undertaking === undefined ? {} : { undertaking }),
      });
    } catch (error) {
      if (signal.aborted) throw error;
      throw toFault(error).at({ source: operation.source, operation: name });
    }
  };
}
