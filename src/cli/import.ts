// Knows: the command `import KIND TARGET`: how an importer of an adapter becomes a command, and the source of a configuration that it may use.
// Must not know: what is imported and how.

import { resolve } from 'node:path';
import { adapters, importers } from '../../adapters/index.ts';
import { loadConfig } from '../config/config.ts';
import { hostOf } from '../config/host.ts';
import { oneLine, problemText } from '../config/problem.ts';
import { createSecrets } from '../config/secrets.ts';
import { Fault } from '../fault.ts';
import { didYouMean } from '../model/naming.ts';
import type { ImportAsk, Importer } from '../spi.ts';
import { type Command, type Flags, type Given, type Surroundings, textOf, UsageError } from './command.ts';
import { CONFIG } from './opening.ts';
import type { CommandGroup } from './run.ts';

/** Longest wait for one answer of what is imported from: some services write their description anew for everyone who asks. */
const DEADLINE_MS = 60_000;

const SOURCE_FLAGS: Flags = {
  config: { ...CONFIG, required: false, doc: 'A configuration, for --source' },
  source: { type: 'string', value: 'NAME', doc: 'Use the access that this source of the configuration has' },
};

export const importing: CommandGroup = {
  value: 'KIND',
  commands: {
    db: {
      summary: 'Save what the catalog of a database says: tables, views, keys, routines',
      load: async () => (await import('./import-db.ts')).importDb,
    },
    ...Object.fromEntries(
      Object.entries(importers).map(([kind, { summary, load }]) => [
        kind,
        { summary, load: async () => commandOf(await load()) },
      ]),
    ),
  },
};

function commandOf(importer: Importer): Command {
  return {
    ...(importer.doc === undefined ? {} : { doc: importer.doc }),
    operands: { target: { ...importer.target, required: true } },
    flags: { ...importer.flags, ...SOURCE_FLAGS },
    run: async (given, surroundings) => await run(importer, given, surroundings),
  };
}

async function run(importer: Importer, given: Given, surroundings: Surroundings): Promise<number> {
  const { out, complain, env } = surroundings;
  const secrets = createSecrets(process.cwd(), env);
  const configured = await configuredSource(importer, given, surroundings);
  if (configured === undefined) return 1;
  // A name in a document of others may hold anything: no line of it begins another one or moves the cursor.
  const clean = (text: string): string =>
    configured.redact(secrets.redact(text)).split('\n').map(oneLine).join('\n');
  try {
    await importer.run({
      target: textOf(given, 'target') ?? '',
      given,
      ...configured.ask,
      host: {
        out: (line) => out(clean(line)),
        secret: (reference) => secrets.read(reference),
        path: (relative) => resolve(relative),
        deadline: () => AbortSignal.timeout(DEADLINE_MS),
      },
    });
    return 0;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { code, message, place } = error;
    if (code === 'usage') throw new UsageError(clean(message));
    complain(clean(place.hint === undefined ? message : `${message}\n${place.hint}`));
    return 1;
  }
}

interface Configured {
  readonly ask: Pick<ImportAsk<unknown>, 'configured'>;
  redact(text: string): string;
}

/** Undefined after the problems of the configuration have been told. */
async function configuredSource(
  { adapter }: Importer,
  given: Given,
  { complain, env }: Surroundings,
): Promise<Configured | undefined> {
  const [file, name] = [textOf(given, 'config'), textOf(given, 'source')];
  if (file === undefined && name === undefined) return { ask: {}, redact: (text) => text };
  if (file === undefined || name === undefined) throw new UsageError('-c and --source go together');
  const { config, problems } = await loadConfig(file, adapters);
  if (config === undefined) {
    complain(problems.map(problemText).join('\n'));
    return undefined;
  }
  const source = config.sources.find((one) => one.name === name);
  const fitting = config.sources.filter((one) => one.adapter.name === adapter).map((one) => one.name);
  if (source === undefined || source.adapter.name !== adapter) {
    const why = source === undefined ? 'is not there' : `is no source of the adapter "${adapter}"`;
    throw new UsageError(`The source "${name}" ${why}.${didYouMean(name, fitting)}`);
  }
  const secrets = createSecrets(config.folder, env);
  return {
    ask: {
      configured: {
        options: source.options,
        host: hostOf(name, config, secrets),
      },
    },
    redact: (text) => secrets.redact(text),
  };
}
