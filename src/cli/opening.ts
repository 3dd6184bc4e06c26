// Knows: what every command does that works on a configuration: read it, open what it names, say what is wrong.
// Must not know: what is then done with it.

import { adapters } from '../../adapters/index.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { type Problem, problemText } from '../config/problem.ts';
import { createSecrets, type Secrets } from '../config/secrets.ts';
import { Fault } from '../fault.ts';
import { type Gateway, openGateway, type Watched } from '../gateway.ts';
import type { Observe } from '../observe.ts';
import type { Flag, Surroundings } from './command.ts';

export const CONFIG: Flag = {
  type: 'string',
  short: 'c',
  value: 'FILE',
  doc: 'The configuration, a YAML file',
  required: true,
};

/** Who is told what happens. */
export interface Observing extends Watched {
  readonly observe: Observe;
}

export interface Opened {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly observe: Observe;
}

/** Everything that the file names, opened; undefined after all its problems have been told. */
export async function openConfigured(
  file: string,
  { complain, env }: Surroundings,
  observing: (secrets: Secrets, config: Config) => Observing | Promise<Observing>,
): Promise<Opened | undefined> {
  const { config, problems } = await loadConfig(file, adapters);
  if (config === undefined) {
    complain(listed(problems));
    return undefined;
  }
  const secrets = createSecrets(config.folder, env);
  const watched = await misconfiguredOr(() => observing(secrets, config));
  if (watched instanceof Fault) {
    complain(secrets.redact(watched.message));
    return undefined;
  }
  const { observe } = watched;
  const gateway = await openGateway(config, secrets, observe, watched);
  if (gateway.problems.length === 0) return { config, gateway, observe };
  complain(secrets.redact(listed(gateway.problems)));
  await gateway[Symbol.asyncDispose]();
  return undefined;
}

/** What only a change of the configuration can mend is told; anything else is thrown. */
async function misconfiguredOr<T>(make: () => T | Promise<T>): Promise<T | Fault> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof Fault && error.misconfigured) return error;
    throw error;
  }
}

function listed(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [...problems.map(problemText), count].join('\n');
}
