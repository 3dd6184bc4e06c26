// Knows: what of `limits` cannot be right although each part of it is: rates of roles that nobody defines.
// Must not know: files, YAML, how requests are counted.

import { type Mistake, unknownRoles } from './access-problems.ts';
import type { LimitOptions } from './sections/limits.ts';
import type { Roles } from './sections/roles.ts';

/** A rate of a misspelt role would limit nobody. */
export function limitMistakes({
  limits,
  roles,
}: {
  readonly limits: LimitOptions;
  readonly roles: Roles;
}): readonly Mistake[] {
  const named = Object.keys(limits.roles);
  return unknownRoles(named, roles).map(({ path: [i], message }) => ({
    path: ['limits', 'roles', named[Number(i)] ?? ''],
    message,
  }));
}
