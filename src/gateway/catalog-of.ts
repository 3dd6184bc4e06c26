// Knows: what the catalog is made of: everything that the sources bring, as far as it fits.
// Must not know: how sources are opened, facades.

import type { Config } from '../config/config.ts';
import { buildCatalog } from '../model/build-catalog.ts';
import type { Sources } from '../run/sources/sources.ts';

/** The catalog of everything that the sources bring; of the late ones only what fits. `absent`: collections that are not in it for now. */
export function catalogOf(
  { contributions, absent: unseen }: Sources,
  config: Config,
  late: ReadonlySet<string>,
) {
  const built = (left: ReadonlySet<string>) => {
    const absent = new Set([
      ...unseen,
      ...config.sources.flatMap(({ name, collections }) => (left.has(name) ? collections : [])),
    ]);
    const { catalog, problems } = buildCatalog(
      contributions.filter(({ source }) => !left.has(source)),
      config.relations,
      absent,
    );
    return { catalog, absent, problems: problems.map(({ path, message }) => config.problem(path, message)) };
  };
  const whole = built(new Set());
  if (whole.problems.length === 0 || late.size === 0) return { ...whole, leftOut: [] };
  const left = new Set(late);
  for (const name of late) {
    left.delete(name);
    if (built(left).problems.length > 0) left.add(name);
  }
  return { ...built(left), leftOut: whole.problems };
}
