import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { openGateway } from '../../src/gateway.ts';
import { unobserved } from '../../src/observe.ts';
import { memoryBudgets } from '../../src/state/budgets.ts';
import { folderWith, problemsOf, testAdapters } from './written.ts';

const GUARDED = `sources:
  mainframe:
    adapter: vault
    collections: { customers: { key: [id] } }
    guards:
      concurrency: 4
      queue: 20
      queueMs: 2000
      retries: 2
      breaker: { failures: 5, openMs: 10000 }
      budget: { calls: 50000, rows: 2000000, timeZone: Europe/Zurich }
      quiet:
        - { from: "22:30", to: "05:00", days: [mon, tue, wed, thu, fri], timeZone: Europe/Zurich, serve: cache }
        - { from: "00:00", to: "00:00", days: [sun], timeZone: Europe/Zurich }
`;

describe('the guards of a source in the configuration', () => {
  it('are those of the source, and its health tells how they are', async () => {
    const folder = folderWith({ 'c.yaml': GUARDED });
    const { config, problems } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
    assert.deepEqual(problems, []);
    assert.ok(config);
    const [source] = config.sources;
    assert.equal(source?.guards?.quiet[0]?.serve, 'cache');
    assert.equal(source?.guards?.quiet[1]?.serve, 'nothing', 'nothing is answered unless told otherwise');
    const budgets = memoryBudgets();
    await using gateway = await openGateway(config, createSecrets(folder, {}), unobserved, { budgets });
    const [health] = gateway.health();
    assert.equal(health?.guards?.breaker, 'closed');
    assert.deepEqual(health?.guards?.budget, { calls: 50_000, rows: 2_000_000 });
  });

  it('what is wrong with them is told at its place', async () => {
    const wrong = (from: string, to: string) => problemsOf(GUARDED.replace(from, to));
    const wrongs: readonly (readonly [string, string, RegExp])[] = [
      ['"22:30"', '"24:30"', /^c\.yaml:13:19 \S+\.guards\.quiet\[0\]\.from: expected .*22:30/],
      ['Europe/Zurich, serve', 'Europe/Zorich, serve', /quiet\[0\]\.timeZone: expected .*Europe\/Zurich/],
      ['[sun]', '[sunday]', /quiet\[1\]\.days.*sun/],
      ['failures: 5', 'failures: 0', /guards\.breaker/],
      ['retries: 2', 'retrys: 2', /retrys.*retries/],
    ];
    for (const [from, to, expected] of wrongs) assert.match((await wrong(from, to)).join('\n'), expected);
  });
});
