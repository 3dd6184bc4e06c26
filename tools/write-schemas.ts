// Writes what is generated from the code and kept under schemas/, where a test compares it: the JSON Schema of the
// configuration for editors, and both published contracts of the demo (overpunch.yaml).

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adapters } from '../adapters/index.ts';
import { loadConfig } from '../src/config/config.ts';
import { problemText } from '../src/config/problem.ts';
import { configJsonSchema } from '../src/config/schema.ts';
import { createSecrets } from '../src/config/secrets.ts';
import { openGateway } from '../src/gateway.ts';
import { printSchemaText } from '../src/graphql/schema.ts';
import { unobserved } from '../src/observe.ts';
import { openapi } from '../src/rest/openapi.ts';
import { LEDGER_LOGIN } from '../test/fakes/ledger.ts';
import { MAINFRAME_LOGIN } from '../test/fakes/mainframe.ts';

/** File name → text. `root`: folder of the repository. Throws when the demo's configuration has problems. */
export async function generatedSchemas(root: string): Promise<ReadonlyMap<string, string>> {
  return new Map([['overpunch.schema.json', await configSchemaText()], ...(await demoContracts(root))]);
}

/** The options of every adapter, whichever a configuration uses. */
async function configSchemaText(): Promise<string> {
  const definitions = await Promise.all(Object.values(adapters).map((load) => load()));
  return json(configJsonSchema(definitions));
}

/** The demo may be running: a wrong password would be a problem of its configuration. */
const SECRETS = {
  LEDGER_PASSWORD: LEDGER_LOGIN.password,
  MAINFRAME_PASSWORD: MAINFRAME_LOGIN.password,
};

async function demoContracts(root: string): Promise<readonly (readonly [string, string])[]> {
  const { config, problems } = await loadConfig(join(root, 'overpunch.yaml'), adapters);
  if (config === undefined) throw new Error(problems.map(problemText).join('\n'));
  await using gateway = await openGateway(config, createSecrets(config.folder, SECRETS), unobserved);
  if (gateway.problems.length > 0) throw new Error(gateway.problems.map(problemText).join('\n'));
  const { title } = config.server;
  return [
    ['schema.graphql', printSchemaText(gateway.catalog)],
    // Without a version: it would make every release a change of the contract.
    ['openapi.json', json(openapi(gateway.catalog, config.policy, { title, version: 'demo' }))],
  ];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  for (const [name, text] of await generatedSchemas(root)) {
    writeFileSync(join(root, 'schemas', name), text);
  }
}
