// Knows: who asks while everybody may do everything.
// Must not know: when that is so.

import type { Caller } from '../query/caller.ts';

/** No roles: what may be done is not asked. */
export const DEVELOPER: Caller = {
  client: 'development',
  roles: [],
  claims: { sub: 'development', client: 'development' },
  by: 'development',
};
