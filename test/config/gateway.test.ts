import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { problemText } from '../../src/config/problem.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { openGateway } from '../../src/gateway.ts';
import type { Observation } from '../../src/observe.ts';
import { folderWith, testAdapters } from './written.ts';

async function opened(text: string, env: Readonly<Record<string, string>> = {}) {
  const folder = folderWith({ 'c.yaml': text });
  const { config } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
  assert.ok(config);
  const seen: Observation[] = [];
  const secrets = createSecrets(folder, env);
  const gateway = await openGateway(config, secrets, (observation) => seen.push(observation));
  await gateway[Symbol.asyncDispose]();
  const problems = gateway.problems.map((problem) => problemText({ ...problem, file: 'c.yaml' }));
  return { gateway, problems, seen };
}

describe('an opened gateway', () => {
  it('shows the collections of every source with their relations', async () => {
    const { gateway, problems } = await opened(
      `sources:
  a: { adapter: vault, password: { env: KEY }, collections: { customers: { key: [id] } } }
  b: { adapter: vault, collections: { loans: { key: [id] } } }
relations:
  customers.loans: { to: loans, on: { id: id } }
`,
      { KEY: 'opensesame' },
    );
    assert.deepEqual(problems, []);
    assert.deepEqual([...gateway.catalog.collections.keys()], ['customers', 'loans']);
    assert.deepEqual([...(gateway.catalog.collections.get('customers')?.relations.keys() ?? [])], ['loans']);
  });

  it('has a problem for every source that only a change can mend, at its collection, with all its lines', async () => {
    const { problems } = await opened(`sources:
  a:
    adapter: vault
    fails: misconfigured
    collections:
      customers: { key: [id] }
  b: { adapter: vault, password: { env: NONE } }
`);
    assert.deepEqual(problems, [
      'c.yaml:6:18 sources.a.collections.customers: line 3: PIC expected\n      05 NAME PCI X.\n              ^',
      'c.yaml:7:6 sources.b: The environment variable "NONE" of a secret is not set',
    ]);
  });

  it('has no problem with a source that is down, nor with relations to its collections', async () => {
    const { gateway, problems, seen } = await opened(`sources:
  a: { adapter: vault, collections: { customers: { key: [id] } } }
  b: { adapter: vault, fails: down, collections: { loans: { key: [id] } } }
relations:
  customers.loans: { to: loans, on: { id: id } }
  loans.customer: { to: customers, on: { id: id }, inverse: loansToo }
`);
    assert.deepEqual(problems, []);
    assert.deepEqual([...gateway.catalog.collections.keys()], ['customers']);
    assert.deepEqual(
      gateway.health().map(({ source, state, fault }) => [source, state, fault?.message]),
      [
        ['a', 'up', undefined],
        ['b', 'down', 'The vault is closed'],
      ],
    );
    assert.deepEqual(
      seen.flatMap((observation) => (observation.kind === 'source' ? [observation.health.source] : [])),
      ['b'],
    );
  });

  it('has problems of the catalog at the lines that they are about', async () => {
    const { problems } = await opened(`sources:
  a: { adapter: vault, collections: { customers: { key: [idd] } } }
  b:
    adapter: vault
    collections:
      customers:
        key: [id]
`);
    assert.equal(problems.length, 2);
    assert.match(problems[0] ?? '', /^c\.yaml:2:57 sources\.a\.collections\.customers\.key: .*"idd"/);
    assert.match(problems[1] ?? '', /^c\.yaml:6:7 sources\.b\.collections\.customers: .*already offered/);
  });
});
