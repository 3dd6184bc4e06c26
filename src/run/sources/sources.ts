// Knows: the sources of one gateway, some of them shared with the one before it: what they bring, and how they are.
// Must not know: what they are, and who asks them.

import type { Fault } from '../../fault.ts';
import type { Contribution } from '../../model/catalog.ts';
import type { Policy } from '../../policy.ts';
import type { SourceHealth } from '../../query/request.ts';
import type { Source } from '../../spi.ts';
import { type KeepingParts, type KeptSource, keepSource, type SourceDeclaration } from './kept-source.ts';
import { createShared, type Shared } from './shared.ts';

export type { SourceDeclaration } from './kept-source.ts';

export interface Sources extends AsyncDisposable {
  /** What was known when all had been tried. */
  readonly contributions: readonly Contribution[];
  /** Collections of sources that are down and could not say what they look like. */
  readonly absent: ReadonlySet<string>;
  /** Of sources opened for this gateway: faults that only a change of the configuration can mend. */
  readonly misconfigured: readonly { readonly source: string; readonly fault: Fault }[];
  /** Names of sources that were opened for this gateway: they are not those of an earlier one. */
  readonly fresh: readonly string[];
  /** Names of sources that could not say what they look like. */
  readonly lacking: readonly string[];
  /** Whether a source that was absent can say by now what it looks like. */
  outgrown(): boolean;
  /** Throws the fault of a source that could not be opened. */
  source(name: string): Source;
  health(): readonly SourceHealth[];
  /** Absolute paths of files that sources were made of. */
  files(): readonly string[];
  /** Whether they, and the secrets of the sources, are as they were read. */
  unchanged(): Promise<boolean>;
}

export interface SourcesParts extends KeepingParts {
  /** Where gateways share the sources that are the same; left out, this one shares with nobody. */
  readonly shared?: Shared<KeptSource>;
}

/** Opens and checks all sources side by side. One that is down does not hold up the others. */
export async function openSources(
  declarations: readonly SourceDeclaration[],
  policy: Policy,
  { shared = createShared(), ...parts }: SourcesParts = {},
): Promise<Sources> {
  const holds = await Promise.all(
    declarations.map((declaration) =>
      shared.hold(
        declaration.name,
        (kept) => kept.isOf(declaration),
        () => keepSource(declaration, policy, parts),
      ),
    ),
  );
  const all = holds.map(({ thing }) => thing);
  await Promise.all(all.map(({ tried }) => tried));

  const byName = new Map(all.map((kept) => [kept.name, kept]));
  const contributions = all.flatMap((kept) => kept.contribution() ?? []);
  const known = new Set(contributions.map(({ source }) => source));
  const lacking = all.filter(({ name }) => !known.has(name));
  return {
    contributions,
    absent: new Set(lacking.flatMap(({ collections }) => collections)),
    misconfigured: holds.flatMap(({ fresh, thing }) => {
      const fault = thing.fault();
      return fresh && fault?.misconfigured === true ? [{ source: thing.name, fault }] : [];
    }),
    fresh: holds.flatMap(({ fresh, thing }) => (fresh ? [thing.name] : [])),
    lacking: lacking.map(({ name }) => name),
    outgrown: () => lacking.some((kept) => kept.contribution() !== undefined),
    source(name) {
      const kept = byName.get(name);
      if (kept === undefined) throw new TypeError(`no source "${name}"`);
      return kept.source();
    },
    health: () => all.map((kept) => kept.health()),
    files: () => all.flatMap((kept) => kept.files()),
    unchanged: async () => !(await Promise.all(all.map((kept) => kept.unchanged()))).includes(false),
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(holds.map((hold) => hold.release()));
    },
  };
}
