// Knows: the command `import db SOURCE`: what describes a live database is saved where its source looks for it.
// Must not know: databases, the form of a saved model.

import { rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { adapters } from '../../adapters/index.ts';
import { loadConfig, type SourceConfig } from '../config/config.ts';
import { hostOf } from '../config/host.ts';
import { oneLine, problemText } from '../config/problem.ts';
import { createSecrets } from '../config/secrets.ts';
import { toFault } from '../fault.ts';
import { didYouMean } from '../model/naming.ts';
import type { Description, Host } from '../spi.ts';
import { type Command, type Surroundings, textOf, UsageError } from './command.ts';
import { CONFIG } from './opening.ts';

/** Longest wait for the catalog: a large one on a slow host takes its time. */
const DEADLINE_MS = 120_000;

export const importDb: Command = {
  doc: [
    'SOURCE is a source of the configuration; its login is used. The model goes where its option `model` says, or where -o says. The same',
    'catalog gives the same file, so that a change of the database is a change to review. The gateway then starts while the database is down.',
    'What is printed: collections, operations and relations that the configuration may name, and what was left out and why.',
    '',
    'Exit code 0: it is saved. Exit code 1: it failed; the file is as it was. Exit code 2: the command line makes no sense.',
  ].join('\n'),
  operands: { source: { value: 'SOURCE', doc: 'Name of a source in the configuration', required: true } },
  flags: {
    config: CONFIG,
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      doc: 'Where the model goes, if not where the source says',
    },
  },
  async run(given, surroundings) {
    const { out, complain, env } = surroundings;
    const { config, problems } = await loadConfig(textOf(given, 'config') ?? '', adapters);
    if (config === undefined) {
      complain(problems.map(problemText).join('\n'));
      return 1;
    }
    const source = named(textOf(given, 'source') ?? '', config.sources);
    const secrets = createSecrets(config.folder, env);
    const clean = (text: string): string => oneLine(secrets.redact(text));
    let description: Description;
    try {
      description = await described(source, hostOf(source.name, config, secrets));
    } catch (error) {
      const { message, place } = toFault(error);
      complain(
        [message, place.hint ?? '']
          .filter((line) => line !== '')
          .map(clean)
          .join('\n'),
      );
      return 1;
    }
    const asked = textOf(given, 'output');
    const file =
      asked !== undefined
        ? resolve(asked)
        : description.file === undefined
          ? undefined
          : resolve(config.folder, description.file);
    if (file === undefined) {
      throw new UsageError(
        `The source "${source.name}" names no file for its model: add \`model\` to it, or use -o`,
      );
    }
    return await saved(file, asked ?? description.file ?? file, description, { out, complain, clean });
  },
};

function named(name: string, sources: readonly SourceConfig[]): SourceConfig {
  const source = sources.find((one) => one.name === name);
  const fitting = sources.filter(({ adapter }) => adapter.describe !== undefined);
  if (source?.adapter.describe !== undefined) return source;
  const near = didYouMean(
    name,
    fitting.map((one) => one.name),
  );
  throw new UsageError(
    source === undefined
      ? `There is no source "${name}".${near}`
      : `The source "${name}" is no database (adapter "${source.adapter.name}").${near}`,
  );
}

async function described({ adapter, options }: SourceConfig, host: Host): Promise<Description> {
  if (adapter.describe === undefined)
    throw new TypeError('the source was chosen because it can be described');
  return await adapter.describe(options, host, AbortSignal.timeout(DEADLINE_MS));
}

interface Telling extends Pick<Surroundings, 'out' | 'complain'> {
  clean(text: string): string;
}

/** All of the file or nothing of it. */
async function saved(
  file: string,
  shown: string,
  { text, summary }: Description,
  { out, complain, clean }: Telling,
): Promise<number> {
  const unfinished = `${file}.${process.pid}.part`;
  try {
    await writeFile(unfinished, text, { flag: 'wx' });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    complain(clean(`"${shown}" cannot be written (${code})`));
    return 1;
  }
  out(clean(`Saved ${shown}`));
  for (const line of summary) out(clean(line));
  return 0;
}
