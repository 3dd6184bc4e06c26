// Knows: what every command does that works on a configuration: read it, open what it names, say what is wrong.
// Must not know: what is then done with it.

import { adapters } from '../../adapters/index.ts';
import { type Config, type ConfigReading, loadConfig } from '../config/config.ts';
import { type Problem, problemText } from '../config/problem.ts';
import { createSecrets, type Secrets } from '../config/secrets.ts';
import { type Gateway, openGateway } from '../gateway.ts';
import type { Observe } from '../observe.ts';
import type { Flag, Surroundings } from './command.ts';

export const CONFIG: Flag = {
  type: 'string',
  short: 'c',
  value: 'FILE',
  doc: 'The configuration, a YAML file',
  required: true,
};

export interface Configured {
  readonly config: Config;
  readonly secrets: Secrets;
}

export interface Opened {
  readonly config: Config;
  readonly gateway: Gateway;
}

/** What the file says; undefined after all its problems have been told. */
export async function readConfigured(
  file: string,
  { complain, env }: Surroundings,
): Promise<Configured | undefined> {
  const { config, problems } = await readConfig(file);
  if (config !== undefined) return { config, secrets: createSecrets(config.folder, env) };
  complain(listed(problems));
  return undefined;
}

/** Reads the file with the adapters that there are. */
export function readConfig(file: string): Promise<ConfigReading> {
  return loadConfig(file, adapters);
}

/** Everything that the file names, opened; undefined after all its problems have been told. */
export async function openConfigured(
  file: string,
  surroundings: Surroundings,
  observe: Observe,
): Promise<Opened | undefined> {
  const configured = await readConfigured(file, surroundings);
  if (configured === undefined) return undefined;
  const { config, secrets } = configured;
  const gateway = await openGateway(config, secrets, observe);
  if (gateway.problems.length === 0) return { config, gateway };
  surroundings.complain(secrets.redact(listed(gateway.problems)));
  await gateway[Symbol.asyncDispose]();
  return undefined;
}

/** One line for each, and how many there are. */
export function listed(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [...problems.map(problemText), count].join('\n');
}
