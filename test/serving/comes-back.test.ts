// The demo's hosts behind wires that are cut and go silent: what dies disables its own fields alone, and comes back by itself.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { adapters } from '../../adapters/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { listen } from '../../src/http/listen.ts';
import type { SourceHealth } from '../../src/query/request.ts';
import { createLiving } from '../../src/serving/living.ts';
import * as mysql from '../adapters/mysql/server.ts';
import * as postgres from '../adapters/postgres/server.ts';
import { folderWith } from '../config/written.ts';
import { LEDGER_LOGIN, startLedger } from '../fakes/ledger.ts';
import { MAINFRAME_LOGIN, startMainframe } from '../fakes/mainframe.ts';
import { startScoring } from '../fakes/scoring-service.ts';
import { type Wire, wireTo } from '../fakes/wire.ts';
import { until } from './probe.ts';

const root = join(import.meta.dirname, '..', '..');
const [mainframe, ledger, scoring] = await Promise.all([startMainframe(), startLedger(), startScoring()]);
/** Servers of this machine, where they are. */
const [pgSchema, mariaDatabase] = await Promise.all([
  postgres.skip === false
    ? postgres.schema('create table things (id int primary key); insert into things values (1)')
    : undefined,
  mysql.skip === false
    ? mysql.database('create table items (id int primary key); insert into items values (1)')
    : undefined,
]);
const wires = {
  mainframe: await wireTo(mainframe.port),
  ledger: await wireTo(ledger.port),
  scoring: await wireTo(Number(new URL(scoring.url).port)),
  ...(pgSchema === undefined ? {} : { pg: await wireTo(postgres.ADDRESS.port) }),
  ...(mariaDatabase === undefined ? {} : { maria: await wireTo(mysql.ADDRESS.port) }),
};
const databases = [
  ...(pgSchema === undefined
    ? []
    : [
        `  pg: { adapter: postgres, host: 127.0.0.1, port: ${wires.pg?.port}, user: postgres, database: test, tls: false, schemas: [${pgSchema}], collections: { things: { table: things } } }`,
      ]),
  ...(mariaDatabase === undefined
    ? []
    : [
        `  maria: { adapter: mysql, host: 127.0.0.1, port: ${wires.maria?.port}, user: root, database: ${mariaDatabase}, tls: false, collections: { items: { table: items } } }`,
      ]),
].join('\n');
const text = readFileSync(join(root, 'overpunch.yaml'), 'utf8')
  .replace('port: 4012', `port: ${wires.mainframe.port}`)
  .replace('port: 4011', `port: ${wires.ledger.port}`)
  .replace('127.0.0.1:4010', `127.0.0.1:${wires.scoring.port}`)
  .replace('\nrelations:', `\n${databases}\n\nrelations:`)
  // Nobody waits long for what does not come; and the mainframe is asked by every request whether its file is another.
  .replace(
    'settleMs: 0',
    'settleMs: 0\n        maxAgeMs: 0\n        waitMs: 200\n        stallMs: 200\n        connectMs: 300',
  )
  .replaceAll('tls: false', 'tls: false, pool: { waitMs: 600 }')
  .replace('    tls: false,', '    tls: false\n   ')
  .replaceAll(/\b(schemas|fixtures)\//g, `${root}/$1/`)
  .concat(
    'policy: { source: { timeoutMs: 800, checkMs: 800, reopenMs: 100, retries: 0, breakerFailures: 1000 } }\n',
  );

/** Something of every source that is asked over its wire. */
const QUESTIONS: Readonly<Record<string, string>> = {
  mainframe: '/api/customers?first=1',
  ledger: '/api/transactions?first=1',
  scoring: '/api/scores/100000001',
  ...(pgSchema === undefined ? {} : { pg: '/api/things/1' }),
  ...(mariaDatabase === undefined ? {} : { maria: '/api/items/1' }),
  offices: '/api/branches?first=1',
};

const folder = folderWith({ 'c.yaml': text });
const { config, problems } = await loadConfig(join(folder, 'c.yaml'), adapters);
assert.ok(config, JSON.stringify(problems));
const secrets = createSecrets(folder, {
  LEDGER_PASSWORD: LEDGER_LOGIN.password,
  MAINFRAME_PASSWORD: MAINFRAME_LOGIN.password,
});
const living = createLiving({
  config,
  read: () => loadConfig(join(folder, 'c.yaml'), adapters),
  secrets,
  app: { version: '0', observe: () => {} },
});
const listening = await listen(living.handler, { host: '127.0.0.1', port: 0 });
assert.deepEqual(await living.start(), []);
const gateway = () => living.serving()?.gateway ?? assert.fail('it serves');
after(async () => {
  await listening.close(0);
  await living.close();
  for (const thing of [...Object.values(wires), mainframe, ledger, scoring])
    await thing[Symbol.asyncDispose]();
});

async function status(source: string): Promise<number> {
  const response = await fetch(listening.url + QUESTIONS[source]);
  await response.text();
  return response.status;
}

function healthOf(name: string): SourceHealth {
  return (
    gateway()
      .health()
      .find(({ source }) => source === name) ?? assert.fail(name)
  );
}

const NEW_ONES_ARE_GOOD = 'its connections go silent and stay so, while new ones are as they should be';
const DISASTERS: readonly (readonly [what: string, happen: (wire: Wire) => void])[] = [
  ['its connections break and no new one comes about', (wire) => wire.cut()],
  ['its connections go silent and stay so', (wire) => wire.silence()],
  [
    NEW_ONES_ARE_GOOD,
    (wire) => {
      wire.silence();
      wire.mend();
    },
  ],
];

describe('a source', () => {
  it('says which files it was made of: copybooks, parse maps, saved models, WSDLs with what they include', () => {
    const own = gateway()
      .files()
      .map((path) => relative(join(root, 'schemas'), path));
    for (const file of [
      'custmast.cpy',
      'payords.cpy',
      'branches.json',
      'ledger.model.json',
      join('scoring', 'scoring.wsdl'),
    ]) {
      assert.ok(own.includes(file), `${file} of ${own}`);
    }
  });
});

// That a check is enough to bring back whatever pool of connections is broken, so that nothing need be closed and opened anew, is shown here:
// every adapter lets go of a connection on which no answer came, and makes another one.
describe('a source that was there', () => {
  for (const [name, wire] of Object.entries(wires)) {
    for (const [what, happen] of DISASTERS) {
      it(`${name}: ${what}: only its fields are gone, and it comes back by itself`, async () => {
        for (const source of Object.keys(QUESTIONS)) {
          await until(async () => (await status(source)) === 200);
          assert.equal(healthOf(source).state, 'up', source);
        }
        // Several connections, each of which can be found dead.
        await Promise.all(Array.from({ length: 8 }, () => status(name)));
        happen(wire);
        const asked = await Promise.all(Array.from({ length: 8 }, () => status(name)));
        if (name === 'mainframe') {
          // What was fetched goes on being shown, and the health says that it may be old.
          assert.deepEqual(new Set(asked), new Set([200]));
          if (what !== NEW_ONES_ARE_GOOD)
            await until(async () => (await status(name)) === 200 && healthOf(name).state === 'down');
        } else {
          assert.ok(asked.includes(503) || asked.includes(504), asked.join());
          assert.ok(healthOf(name).lastFault !== undefined);
          if (what !== NEW_ONES_ARE_GOOD) assert.equal(healthOf(name).state, 'down');
        }
        for (const source of Object.keys(QUESTIONS).filter((other) => other !== name)) {
          assert.equal(await status(source), 200, source);
        }
        wire.mend();
        await until(async () => (await status(name)) === 200);
        await until(() => healthOf(name).state === 'up');
        const again = await Promise.all(Array.from({ length: 16 }, () => status(name)));
        assert.deepEqual(new Set(again), new Set([200]));
      });
    }
  }
});
