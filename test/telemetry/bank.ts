// A small bank that is watched: customers and accounts in SQLite, scores by SOAP; served on a real socket with everything that watches.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { createLog } from '../../src/cli/log.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { createFacades } from '../../src/gateway/facades.ts';
import { openGateway } from '../../src/gateway.ts';
import { listen } from '../../src/http/listen.ts';
import type { Observation } from '../../src/observe.ts';
import { createTelemetry, type Telemetry, type TelemetryParts } from '../../src/telemetry/telemetry.ts';
import { startScoring } from '../fakes/scoring-service.ts';

export interface WatchedBank {
  readonly url: string;
  readonly folder: string;
  readonly telemetry: Telemetry;
  /** Everything that was observed. */
  readonly seen: readonly Observation[];
  /** Lines of the log. */
  readonly log: readonly string[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  graphql(query: string, headers?: Record<string, string>): Promise<unknown>;
  /** Everything that waits has left. */
  end(): Promise<void>;
}

export type Watching = Partial<Pick<TelemetryParts, 'metrics' | 'traces' | 'audit'>>;

const YAML = (scoring: string): string => `
access: { development: true }
sources:
  bank:
    adapter: sqlite
    file: bank.db
    readOnly: false
    collections:
      customers: { table: customers, key: [id], writes: [insert, update, delete] }
      accounts: { table: accounts, key: [no] }
  scoring:
    adapter: soap
    wsdl: ${join(import.meta.dirname, '..', '..', 'schemas', 'scoring', 'scoring.wsdl')}
    endpoint: ${scoring}
    operations:
      GetScore: { effect: read }
      GetScores: { effect: read, hidden: true }
    faults: [{ detail: UnknownCustomer, as: not-found }]
    collections:
      scores:
        key: [customerId]
        get: { operation: GetScore, arguments: { customerId: CustomerId } }
        getMany: { operation: GetScores, arguments: { customerId: CustomerId }, max: 500 }
relations:
  accounts.customer: { to: customers, on: { owner: id } }
  customers.score: { to: scores, on: { id: customerId } }
`;

export async function watchedBank(
  t: TestContext,
  watching: (folder: string) => Watching,
  /** The scoring service; left out, one that works. */
  scoringAt?: string,
): Promise<WatchedBank> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-watched-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const db = new DatabaseSync(join(folder, 'bank.db'));
  db.exec(`create table customers (id integer primary key, name varchar(40) not null);
    create table accounts (no integer primary key, owner integer not null);
    insert into customers values (1, 'Ada'), (2, 'Grace'), (3, 'Edsger');
    insert into accounts values (10, 1), (11, 1), (12, 2)`);
  db.close();
  const scoring = await startScoring();
  writeFileSync(join(folder, 'overpunch.yaml'), YAML(scoringAt ?? scoring.url));
  const { config, problems } = await loadConfig(join(folder, 'overpunch.yaml'), adapters);
  assert.ok(config, JSON.stringify(problems));
  const secrets = createSecrets(folder, {});
  const log: string[] = [];
  const seen: Observation[] = [];
  const target = { terminal: false, write: (text: string) => log.push(text) };
  const lines = await createLog(target, 'debug', secrets);
  const telemetry = await createTelemetry({
    metrics: false,
    version: '0',
    redact: (text) => secrets.redact(text),
    log: (observation) => {
      seen.push(observation);
      lines(observation);
    },
    ...watching(folder),
  });
  const { observe } = telemetry;
  const gateway = await openGateway(config, secrets, observe, { telemetry });
  assert.deepEqual(gateway.problems, []);
  const app = await createFacades(gateway, config, { version: '0', observe, telemetry });
  const listening = await listen(app, { host: '127.0.0.1', port: 0 });
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ended ??= (async () => {
      gateway.stopWatching();
      await listening.close(1_000);
      await gateway[Symbol.asyncDispose]();
      await telemetry.end(2_000);
      await scoring[Symbol.asyncDispose]();
    })();
    return ended;
  };
  t.after(end);
  return {
    url: listening.url,
    folder,
    telemetry,
    seen,
    log,
    get: (path, headers = {}) => fetch(listening.url + path, { headers }),
    graphql: async (query, headers = {}) => {
      const response = await fetch(`${listening.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      });
      return await response.json();
    },
    end,
  };
}
