// One file of the demo bank as an API, with what is to be measured around it. Arguments: port, names of options with commas between them.

import { join } from 'node:path';
import { adapters } from '../adapters/index.ts';
import { createGraphql } from '../src/graphql/yoga.ts';
import { createGuards, guardSettings } from '../src/guard/guard.ts';
import { listen } from '../src/http/listen.ts';
import { type AppParts, createApp } from '../src/http/server.ts';
import { buildCatalog } from '../src/model/build-catalog.ts';
import { DEFAULT_POLICY } from '../src/policy.ts';
import { createExecute } from '../src/run/run.ts';
import type { Source } from '../src/spi.ts';

/** What an option puts around the source, and what it adds to the server. */
interface Option {
  source?(bare: Source): Source;
  parts?(parts: AppParts): AppParts;
}

const OPTIONS: ReadonlyMap<string, Option> = new Map<string, Option>([
  [
    'guards',
    {
      source: (bare) =>
        createGuards({
          ...guardSettings('bank', DEFAULT_POLICY.source, {
            quiet: [{ from: '02:00', to: '02:01', timeZone: 'Europe/Zurich', serve: 'nothing' }],
            budget: { calls: 1_000_000_000, rows: 1_000_000_000, timeZone: 'Europe/Zurich' },
          }),
          observe: () => {},
        }).around(bare),
    },
  ],
]);

const [port = '', names = ''] = process.argv.slice(2);
const chosen = names
  .split(',')
  .filter((name) => name !== '')
  .map((name) => {
    const option = OPTIONS.get(name);
    if (option === undefined) throw new Error(`There is no option "${name}"`);
    return option;
  });

const root = join(import.meta.dirname, '..');
const policy = DEFAULT_POLICY;
const adapter = await adapters['file']?.();
if (adapter === undefined) throw new Error('The file adapter is not there');
const options = adapter.options.parse({
  collections: {
    customers: {
      path: 'fixtures/CUSTMAST',
      copybook: 'schemas/custmast.cpy',
      charset: 'cp037',
      records: { format: 'FB', length: 200 },
      key: ['CUST-ID'],
    },
  },
});
const bare = await adapter.open(options, {
  source: 'bank',
  sliceMs: policy.run.sliceMs,
  path: (relative) => join(root, relative),
  secret: async () => '',
});
const source = chosen.reduce((inner, option) => option.source?.(inner) ?? inner, bare);
const { catalog, problems } = buildCatalog([{ source: 'bank', ...bare.model }], [], new Set());
if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
const execute = createExecute({ catalog, policy, source: () => source });
const parts: AppParts = {
  catalog,
  execute,
  policy,
  health: () => [],
  graphql: (shown) => createGraphql({ catalog: shown, execute, policy, onFault: () => {} }),
};
const app = createApp(chosen.reduce((so, option) => option.parts?.(so) ?? so, parts));
const listening = await listen(app, { host: '127.0.0.1', port: Number(port) });
process.once('SIGTERM', () => void listening.close(100).then(() => process.exit(0)));
