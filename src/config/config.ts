// Knows: how a configuration file becomes valid, typed data, and where in the file each mistake stands.
// Must not know: what a source is; nothing is opened here but the file itself.

import { dirname, resolve } from 'node:path';
import type { RelationDeclaration } from '../model/declared-relation.ts';
import type { Policy } from '../policy.ts';
import type { AdapterDefinition } from '../spi.ts';
import { loadClients } from './access-files.ts';
import { accessMistakes } from './access-problems.ts';
import { explain } from './explain.ts';
import { limitMistakes } from './limit-problems.ts';
import type { Path, Problem } from './problem.ts';
import { placedIn, readText } from './read-file.ts';
import { type ConfigDocument, configJsonSchema, configSchema } from './schema.ts';
import type { Access } from './sections/access.ts';
import type { FreshnessOptions } from './sections/freshness.ts';
import type { GuardOptions } from './sections/guards.ts';
import type { LimitOptions, StateOptions } from './sections/limits.ts';
import type { Roles } from './sections/roles.ts';
import type { TelemetryOptions } from './sections/telemetry.ts';
import { readYaml } from './yaml.ts';

/** Adapter name → how to load it. */
export type Adapters = Readonly<Record<string, () => Promise<AdapterDefinition>>>;

/** A source as it is configured. */
export interface SourceConfig {
  readonly name: string;
  readonly adapter: AdapterDefinition;
  readonly timeoutMs?: number;
  readonly guards?: GuardOptions;
  /** What the adapter's own schema made of its part. */
  readonly options: unknown;
  /** Names under `collections`. */
  readonly collections: readonly string[];
}

export interface Config {
  /** Absolute path of the file's folder: relative paths of the configuration start from there. */
  readonly folder: string;
  readonly sources: readonly SourceConfig[];
  readonly relations: readonly RelationDeclaration[];
  readonly server: ConfigDocument['server'];
  /** Absent: nobody may ask anything. */
  readonly access?: Access;
  readonly roles: Roles;
  readonly limits: LimitOptions;
  readonly freshness: FreshnessOptions;
  readonly telemetry: TelemetryOptions;
  readonly state?: StateOptions;
  readonly policy: Policy;
  /** A mistake that showed later, at its place in the file. */
  problem(path: Path, message: string): Problem;
}

export type ConfigReading =
  | { readonly config: Config; readonly problems: readonly [] }
  | { readonly config?: undefined; readonly problems: readonly Problem[] };

/** Reads and validates; only the adapters that the file names are loaded. `file` is repeated in problems as given. */
export async function loadConfig(file: string, adapters: Adapters): Promise<ConfigReading> {
  const text = await readText(file);
  if (text.problem !== undefined) return { problems: [{ file, path: '', message: text.problem }] };
  const { yaml, problems } = readYaml(text.text);
  if (yaml === undefined) return { problems: problems.map((problem) => ({ file, path: '', ...problem })) };

  const definitions = new Map<string, AdapterDefinition>();
  for (const name of adaptersIn(yaml.data)) {
    const load = Object.hasOwn(adapters, name) ? adapters[name] : undefined;
    if (load !== undefined) definitions.set(name, await load());
  }
  const loaded = [...definitions.values()];
  const checked = configSchema(loaded).safeParse(yaml.data);
  const problem = placedIn(file, yaml);
  if (!checked.success) {
    const explanations = explain(checked.error.issues, {
      data: yaml.data,
      schema: configJsonSchema(loaded),
      adapters: Object.keys(adapters),
    });
    return {
      problems: inOrder(explanations.map(({ path, of, message }) => problem(path, message, of))),
    };
  }

  const { sources, relations, access, state, ...sections } = checked.data;
  const config: Config = {
    folder: dirname(resolve(file)),
    sources: Object.entries(sources).flatMap(([name, source]) => sourceConfig(name, source, definitions)),
    relations: Object.entries(relations).map(([from, relation]) => ({ from, ...relation })),
    ...sections,
    ...(access === undefined ? {} : { access }),
    ...(state === undefined ? {} : { state }),
    problem,
  };
  const mistakes = [
    ...inOrder(
      [...accessMistakes(config), ...limitMistakes(config)].map(({ path, message }) =>
        problem(path, message),
      ),
    ),
    ...(access?.clientsFile === undefined ? [] : (await loadClients(access.clientsFile, config)).problems),
  ];
  return mistakes.length === 0 ? { config, problems: [] } : { problems: mistakes };
}

/** As they stand in the file. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function sourceConfig(
  name: string,
  source: ConfigDocument['sources'][string],
  definitions: ReadonlyMap<string, AdapterDefinition>,
): readonly SourceConfig[] {
  const { adapter, timeoutMs, guards, ...options } = source;
  const definition = definitions.get(adapter);
  if (definition === undefined) return [];
  const collections: unknown = 'collections' in options ? options.collections : undefined;
  return [
    {
      name,
      adapter: definition,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(guards === undefined ? {} : { guards }),
      options,
      collections: typeof collections === 'object' && collections !== null ? Object.keys(collections) : [],
    },
  ];
}

/** The words that stand as `adapter` of the sources, before anything is validated. */
function adaptersIn(data: unknown): ReadonlySet<string> {
  const sources = member(data, 'sources');
  if (typeof sources !== 'object' || sources === null) return new Set();
  const named = Object.values(sources).map((source) => member(source, 'adapter'));
  return new Set(named.filter((name) => typeof name === 'string'));
}

function member(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null
    ? Object.getOwnPropertyDescriptor(data, name)?.value
    : undefined;
}
