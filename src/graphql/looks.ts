// Knows: what has been worked out of a document and its variables, for who asks the same again.
// Must not know: how it is worked out.

import type { Request } from '../query/request.ts';
import { type IncludeNames, includeNames } from './include-names.ts';
import type { ListLook } from './look-ahead.ts';

/** What a root field asks for, worked out of the document and its variables. */
export interface Look extends Pick<ListLook, 'rows' | 'cursors'> {
  readonly request: Request;
}

/** The looks of one document with its variables: whoever asks the same again looks no further. */
export interface Looks {
  readonly includeNames: IncludeNames;
  /** The look at the root field with this response key, or the one that `look` takes. */
  at(key: string | number, look: () => Look): Look;
}

export function looks(): Looks {
  const taken = new Map<string | number, Look>();
  return {
    includeNames: includeNames(),
    at(key, look) {
      const known = taken.get(key) ?? look();
      taken.set(key, known);
      return known;
    },
  };
}
