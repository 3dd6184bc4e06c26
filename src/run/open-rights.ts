// Knows: how rights are opened beside the sources: the key of masks and cursors is read, roles become views.
// Must not know: configuration files, who asks.

import { toFault } from '../fault.ts';
import type { Catalog, CatalogProblem } from '../model/catalog.ts';
import type { FilterLimits } from '../query/filter-budget.ts';
import { createRights, everyRight, type RightsOptions } from '../rights/create-rights.ts';
import type { Rights } from '../rights/rights.ts';
import type { Roles } from '../rights/roles.ts';
import type { SecretReference } from '../spi.ts';
import { createSealing, MIN_KEY_CHARS } from './sealing.ts';

export interface RightsDeclaration {
  readonly access?: { readonly development?: true; readonly maskKey?: SecretReference };
  readonly roles: Roles;
  readonly limits: FilterLimits;
  read(reference: SecretReference): Promise<string>;
}

/** What roles may do, and what is wrong with them. In development everybody may do everything, by the same way. */
export async function openRights(
  { access, roles, limits, read }: RightsDeclaration,
  catalog: Catalog,
  known: Pick<RightsOptions, 'absent' | 'complete'>,
): Promise<{ readonly rights: Rights; readonly problems: readonly CatalogProblem[] }> {
  if (access?.development === true) return { rights: everyRight(catalog), problems: [] };
  const key = await maskKey(access?.maskKey, read);
  const { rights, problems } = createRights(catalog, roles, {
    ...known,
    limits,
    sealing: createSealing(key.text),
  });
  const wrong = key.problem === undefined ? [] : [{ path: ['access', 'maskKey'], message: key.problem }];
  return { rights, problems: [...wrong, ...problems] };
}

async function maskKey(
  reference: SecretReference | undefined,
  read: RightsDeclaration['read'],
): Promise<{ readonly text?: string; readonly problem?: string }> {
  if (reference === undefined) return {};
  try {
    const text = await read(reference);
    if (text.length >= MIN_KEY_CHARS) return { text };
    return { problem: `expected a key of at least ${MIN_KEY_CHARS} characters` };
  } catch (error) {
    return { problem: toFault(error).message };
  }
}
