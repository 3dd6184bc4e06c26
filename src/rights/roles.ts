// Knows: what the configuration says of roles, as the rules about them need it.
// Must not know: the file that it stands in, callers.

import type { Mask, WriteVerb } from '../model/type.ts';

/** What a role may do with one collection; see the `roles` section of the configuration for what each member means. */
export interface Grant {
  readonly read: boolean;
  /** Left out: as `read`. */
  readonly watch?: boolean;
  readonly write: readonly WriteVerb[];
  readonly fields?: readonly string[] | { readonly except: readonly string[] };
  readonly readOnly?: readonly string[];
  /** By dotted path of the field. */
  readonly mask: Readonly<Record<string, Mask>>;
  readonly rows?: string;
}

export interface Role {
  readonly doc?: string;
  /** By name of the collection; `*` for those that are not named. */
  readonly collections: Readonly<Record<string, Grant | 'read' | 'all'>>;
  /** `*`: all of them. */
  readonly operations: readonly string[];
}

export type Roles = Readonly<Record<string, Role>>;

/** What is said of every collection, or of every operation, that is not named. */
export const EVERY = '*';

const NOTHING_MORE = { mask: {} } as const;

/** The short words written out. */
export function grantOf(grant: Grant | 'read' | 'all'): Grant {
  if (grant === 'read') return { read: true, write: [], ...NOTHING_MORE };
  if (grant === 'all')
    return { read: true, write: ['insert', 'update', 'upsert', 'delete'], ...NOTHING_MORE };
  return grant;
}
