// Knows: how the roles of a configuration become rights over a catalog.
// Must not know: what rights are made of, sources.

import type { Config } from '../config/config.ts';
import type { Path, Problem } from '../config/problem.ts';
import type { Secrets } from '../config/secrets.ts';
import { toFault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import { createRights, everyRight } from '../rights/create-rights.ts';
import { createSealing, MIN_KEY_CHARS } from '../run/sealing.ts';

/** What roles may do, and what is wrong with them. In development everybody may do everything, by the same way. */
export async function openRights(
  config: Config,
  secrets: Secrets,
  catalog: Catalog,
  absent: ReadonlySet<string>,
) {
  const { access, roles, policy } = config;
  if (access?.development === true) return { rights: everyRight(catalog), problems: [] };
  const key = await maskKey(config, secrets);
  const { rights, problems } = createRights(catalog, roles, {
    absent,
    limits: policy.query,
    sealing: createSealing(key.text),
  });
  const at = (path: readonly string[]): Path =>
    path.map((step) => (/^\d+$/.test(step) ? Number(step) : step));
  return {
    rights,
    problems: [...key.problems, ...problems.map(({ path, message }) => config.problem(at(path), message))],
  };
}

async function maskKey(
  { access, problem }: Config,
  secrets: Secrets,
): Promise<{ readonly text?: string; readonly problems: readonly Problem[] }> {
  if (access?.maskKey === undefined) return { problems: [] };
  try {
    const text = await secrets.read(access.maskKey);
    if (text.length >= MIN_KEY_CHARS) return { text, problems: [] };
    const message = `expected a key of at least ${MIN_KEY_CHARS} characters`;
    return { problems: [problem(['access', 'maskKey'], message)] };
  } catch (error) {
    return { problems: [problem(['access', 'maskKey'], toFault(error).message)] };
  }
}
