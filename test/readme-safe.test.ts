// The README's chapters for operators and for security reviewers are what the software does: their configurations are served, their commands are
// carried out in their order, and their answers are those that come. `…` on the page stands for what is another each time.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { parse, stringify } from 'yaml';
import { adapters } from '../adapters/index.ts';
import { hashOfKey, newKey } from '../src/auth/key.ts';
import { loadConfig } from '../src/config/config.ts';
import { access } from '../src/config/sections/access.ts';
import { DEFAULT_POLICY } from '../src/policy.ts';
import { overpunch, type Started, serving } from './cli/overpunch.ts';
import { folderWith } from './config/written.ts';
import { authority, hasOpenssl } from './fakes/certificates.ts';
import { startScoring } from './fakes/scoring-service.ts';
import { blocksIn, chapterOf, type Example, examplesIn, fits, patternOf } from './readme-page.ts';
import { skipUnless } from './skip.ts';

const root = join(import.meta.dirname, '..');
const SCORE = '/api/scores/100000007';
const running = new Set<Started>();
after(async () => {
  for (const { child } of running) child.kill('SIGTERM');
  await Promise.all([...running].map(({ ended }) => ended));
});

async function serve(file: string, env: Readonly<Record<string, string>> = {}) {
  const gateway = await serving(['-c', file, '--port', '0'], env);
  running.add(gateway);
  return gateway;
}

/** What a `curl` command of the page says, asked of the gateway at `url`; `$NAME` is a credential. */
async function ask(command: string, url: string, shown: Readonly<Record<string, string>>): Promise<Response> {
  const text = command.replace(/\$(\w+)/g, (_, name: string) => shown[name] ?? assert.fail(name));
  const [address = ''] = /http:\/\/127\.0\.0\.1:4000[^\s'"]*(?:'[^"]*'(?="))?/.exec(text) ?? [];
  const body = / -d '(.*)'$/.exec(text)?.[1];
  return await fetch(address.replace('http://127.0.0.1:4000', url), {
    method: / -X (\w+)/.exec(text)?.[1] ?? (body === undefined ? 'GET' : 'POST'),
    headers: [...text.matchAll(/ -H (["'])([^:]+): (.*?)\1(?= |$)/g)].map(
      ([, , name = '', value = '']): [string, string] => [name, value],
    ),
    body: body ?? null,
  });
}

/** Every `curl` of them, in their order. */
async function carryOut(
  examples: readonly Example[],
  url: string,
  shown: Readonly<Record<string, string>>,
): Promise<void> {
  for (const { command, printed } of examples) {
    const response = await ask(command, url, shown);
    const [body = '', ...head] = printed.toReversed();
    for (const line of head.filter((text) => text !== '' && text !== '…')) {
      const [, status, name = '', value = ''] = /^HTTP\/1\.1 (\d+) .*|^([\w-]+): (.*)$/.exec(line) ?? [];
      if (status !== undefined) assert.equal(response.status, Number(status), command);
      else assert.match(response.headers.get(name) ?? '', patternOf(value), `${command}: ${name}`);
    }
    fits(await response.text(), body, command);
  }
}

describe('README, safe beside a mainframe', () => {
  const page = chapterOf('Safe beside a mainframe');
  const [yaml = ''] = blocksIn(page, 'yaml');
  const credentials = { KEY: newKey(), OPS: newKey() };

  /** The configuration as it stands, with hashes of our keys, a dead service and a free port for the metrics; changed as a test needs it. */
  function written(change: (text: string) => string): string {
    const hashes = [hashOfKey(credentials.KEY), hashOfKey(credentials.OPS)].values();
    const text = yaml
      .replaceAll('sha256: "…"', () => `sha256: ${hashes.next().value}`)
      .replace('https://scoring.example.com/', 'http://127.0.0.1:9/')
      .replace('port: 9464', 'port: 0');
    const folder = folderWith({ 'overpunch.yaml': change(text) });
    cpSync(join(root, 'schemas'), join(folder, 'schemas'), { recursive: true });
    using database = new DatabaseSync(join(folder, 'core.db'));
    database.exec(`CREATE TABLE ACCT (NUMBER INTEGER PRIMARY KEY NOT NULL, OWNER TEXT NOT NULL, BALANCE DECIMAL(11,2) NOT NULL);
      INSERT INTO ACCT VALUES (4711, 'Ann', '10.00')`);
    return folder;
  }
  const quiet = (text: string, instead: string): string => text.replace(/ {6}quiet:\n.*\n/, instead);
  const never = (text: string): string => quiet(text, '');

  let folder = '';
  let url = '';
  let watchers = '';
  before(async () => {
    // Whatever time it is.
    folder = written(never);
    const gateway = await serve(join(folder, 'overpunch.yaml'));
    url = gateway.url;
    watchers = /Metrics\s+(\S+)\/metrics/.exec(gateway.out())?.[1] ?? '';
  });

  it('the configuration is valid as it stands', async () => {
    const { problems } = await loadConfig(
      join(
        written((text) => text),
        'overpunch.yaml',
      ),
      adapters,
    );
    assert.deepEqual(problems, []);
  });

  it('every command has the answer printed behind it', async () => {
    const examples = examplesIn(page).filter(
      ({ command }) => command.includes('127.0.0.1:4000') && !command.includes(SCORE),
    );
    assert.equal(examples.length, 9);
    await carryOut(examples, url, credentials);
  });

  it('a source that has gone is answered for as shown, and how old that is is said', async () => {
    const [there, gone, ...others] = examplesIn(page).filter(({ command }) => command.includes(SCORE));
    assert.ok(there && gone && others.length === 0);
    await using service = await startScoring();
    const own = written((text) => never(text).replace('http://127.0.0.1:9/scoring', service.url));
    const gateway = await serve(join(own, 'overpunch.yaml'));
    await carryOut([there], gateway.url, credentials);
    await service[Symbol.asyncDispose]();
    await carryOut([gone], gateway.url, credentials);
    gateway.child.kill('SIGTERM');
  });

  it('an access has the record that is shown', async () => {
    const shown = blocksIn(page, 'json')[1] ?? '';
    const { status, headers } = await fetch(`${url}/api/accounts/4711`, {
      headers: { 'x-api-key': credentials.KEY },
    });
    assert.equal(status, 200);
    const id = headers.get('x-request-id') ?? '';
    for (let looks = 0; looks < 100; looks++) {
      const line = readFileSync(join(folder, 'audit.jsonl'), 'utf8')
        .split('\n')
        .find((text) => text.includes(id));
      if (line !== undefined) return fits(line, shown.trim(), 'record');
      await pause(50);
    }
    assert.fail('there is no record');
  });

  it('a quiet window, a budget that is used up and an open breaker are told as shown', async () => {
    const [window = '', budget = '', breaker = ''] = (blocksIn(page, 'json')[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('  {'))
      .map((line) => line.trim().replace(/,$/, ''));
    const always = '      quiet: [{ from: "00:00", to: "00:00", serve: cache }]\n';
    for (const [change, before, path, code, printed] of [
      [(text: string) => quiet(text, always), [], '/api/accounts/4711', 503, window],
      [
        (text: string) => never(text).replace('calls: 200000', 'calls: 1'),
        ['/api/accounts/1'],
        '/api/accounts/4711',
        429,
        budget,
      ],
      [never, Array.from({ length: 10 }, () => '/api/scores/1'), '/api/scores/1', 503, breaker],
    ] as const) {
      const gateway = await serve(join(written(change), 'overpunch.yaml'));
      const get = (of: string) => fetch(`${gateway.url}${of}`, { headers: { 'x-api-key': credentials.KEY } });
      for (const of of before) await (await get(of)).text();
      const response = await get(path);
      assert.equal(response.status, code);
      assert.ok(Number(response.headers.get('retry-after')) >= 1);
      fits(await response.text(), printed, printed);
      gateway.child.kill('SIGTERM');
    }
  });

  it('every metric is named, and every name is one', async () => {
    const [, table = ''] = /\n\| metric \|.*\n([\s\S]*?)\n\n/.exec(page) ?? [];
    const named = table
      .split('\n')
      .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
    const text = await (await fetch(`${watchers}/metrics`)).text();
    const own = [...text.matchAll(/^# HELP overpunch_(\w+)/gm)].map(([, name]) => name);
    assert.deepEqual(named.toSorted(), own.toSorted());
    const health = await fetch(`${watchers}/health`);
    assert.match(await health.text(), /"guards"/);
  });

  it('the defaults are those of the policy', () => {
    const { source, http, page: pages, graphql, query, write, watch, reload } = DEFAULT_POLICY;
    const row = (name: string): string =>
      page.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? assert.fail(name);
    const number = (n: number): string => n.toLocaleString('en');
    assert.ok(
      row('turns').includes(`| ${source.concurrency}, ${source.queue}, ${source.queueMs / 1_000} s |`),
    );
    assert.ok(row('breaker').includes(`| ${source.breakerFailures}, ${source.breakerOpenMs / 1_000} s |`));
    assert.ok(row('further attempts').includes(`| ${source.retries} |`));
    assert.ok(row('deadline').includes(`| ${source.timeoutMs / 1_000} s |`));
    assert.ok(page.includes(`\`policy.source.retryMs\` (${source.retryMs} ms)`));
    assert.ok(page.includes(`\`policy.source.reopenMs\` (${source.reopenMs / 1_000} s)`));
    assert.ok(page.includes(`\`checkEveryMs\` (${source.checkEveryMs / 1_000} s)`));
    assert.ok(page.includes(`\`policy.http.requestMs\` (${http.requestMs / 60_000} min)`));
    assert.ok(page.includes(`\`drainMs\` (${http.drainMs / 1_000} s)`));
    assert.ok(page.includes(`\`policy.reload.replacedMs\` (${reload.replacedMs / 1_000} s)`));
    assert.ok(row('requests').includes(`nested ${http.maxBodyDepth} deep`));
    assert.equal(http.maxBodyBytes, 2 ** 20);
    assert.equal(http.maxAnswerBytes, 16 * 2 ** 30);
    assert.ok(row('answers').includes(`${http.maxAnswerRows / 1e6} million rows`));
    assert.ok(row('answers').includes(`pages of ${pages.defaultRows}, ${number(pages.maxRows)} at most`));
    assert.ok(
      row('GraphQL').includes(
        `${graphql.maxDepth} deep, ${number(graphql.maxTokens)} tokens, ${graphql.maxAliases} aliases, ${graphql.maxRootFields} root fields`,
      ),
    );
    assert.ok(
      row('one request, on both surfaces').includes(
        `${query.maxDepth} relations deep, ${query.maxCost / 1e6} million rows asked for, ${query.maxScanRows / 1e6} million looked at by a scan, ${number(query.maxSortRows)} sorted in memory, ${number(query.maxRelationRows)} of one relation`,
      ),
    );
    assert.ok(row('changes').includes(`${number(write.maxChanges)} in one request`));
    assert.ok(row('changes').includes(`${number(watch.maxWatches)} clients`));
  });
});

describe('README, for the security reviewer', () => {
  const page = chapterOf('For the security reviewer');
  const [yaml = '', clients = '', beside = ''] = blocksIn(page, 'yaml');
  const key = newKey();
  const maskKey = randomBytes(32).toString('hex');
  const clientsWith = (...keys: readonly string[]): string =>
    clients.replace('{ sha256: "…" }', keys.map((one) => `{ sha256: ${hashOfKey(one)} }`).join(', '));
  let folder = '';
  let url = '';
  let token = '';

  before(async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
    const [issuer] = parse(yaml).access.tokens;
    token = await new SignJWT({ groups: ['BANK-AUDIT'] })
      .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'JWT' })
      .setIssuer(issuer.issuer)
      .setAudience(issuer.audience)
      .setSubject('ada')
      .setIssuedAt()
      .setExpirationTime('5 minutes')
      .sign(privateKey);
    folder = folderWith({
      'overpunch.yaml': yaml,
      'clients.yaml': clientsWith(key),
      'jwks.json': JSON.stringify({ keys: [jwk] }),
    });
    url = (await serve(join(folder, 'overpunch.yaml'), { OVERPUNCH_MASK_KEY: maskKey })).url;
  });

  it('every command has the answer printed behind it', async () => {
    const examples = examplesIn(page).filter(({ command }) => command.includes('curl'));
    assert.equal(examples.length, 8);
    await carryOut(examples, url, { KEY: key, TOKEN: token });
  });

  it('the defaults are those of the configuration', async () => {
    const row = (name: string): string =>
      page.split('\n').find((line) => line.startsWith(`| ${name} |`)) ?? assert.fail(name);
    const least = join(
      folderWith({ 'c.yaml': 'sources: { bank: { adapter: memory, collections: {} } }\n' }),
      'c.yaml',
    );
    const { config, problems } = await loadConfig(least, adapters);
    assert.ok(config, JSON.stringify(problems));
    const { server, limits, telemetry } = config;
    assert.equal(config.access, undefined);
    assert.deepEqual([server.tls, server.cors, server.trustedProxies], [undefined, undefined, []]);
    assert.ok(row('address').startsWith(`| address | ${server.host},`));
    assert.ok(
      row('refused credentials').includes(`${limits.refused.requests} in ${limits.refused.perSeconds} s`),
    );
    assert.deepEqual([limits.perClient, limits.perAddress, limits.roles], [undefined, undefined, {}]);
    assert.deepEqual(
      [telemetry.audit, telemetry.metrics, telemetry.metricsRoles],
      [undefined, undefined, undefined],
    );
    const [issuer] = access.parse({
      tokens: [{ issuer: 'https://login.example.com', audience: 'a' }],
    }).tokens;
    assert.ok(
      row('tokens').includes(
        `${issuer?.algorithms.join(' and ')}, clocks ${(issuer?.clockSkewMs ?? 0) / 1_000} s apart`,
      ),
    );
    assert.ok(page.includes(`\`staleKeysMs\` (${(issuer?.staleKeysMs ?? 0) / 3_600_000} h)`));
  });

  it('the rights of a role are those that are shown', async () => {
    const [shown] = examplesIn(page).filter(({ command }) => command.includes('-- rights'));
    assert.ok(shown);
    const args = shown.command
      .replace(/^.*? -- /, '')
      .replace('overpunch.yaml', join(folder, 'overpunch.yaml'));
    const { code, out, err } = await overpunch(args.split(' '), { OVERPUNCH_MASK_KEY: maskKey });
    assert.equal(code, 0, err);
    assert.equal(out.trimEnd(), shown.printed.join('\n'));
  });

  it('what stands beside it is valid with it, and lets a certificate in, by TLS alone', {
    skip: skipUnless(hasOpenssl, 'openssl is not installed'),
  }, async () => {
    const [first, second] = [parse(yaml), parse(beside)];
    const both = {
      ...first,
      ...second,
      access: { ...first.access, ...second.access },
      // Nobody collects here.
      telemetry: { traces: { ...second.telemetry.traces, endpoint: 'http://127.0.0.1:9/v1/traces' } },
    };
    const home = folderWith({
      'overpunch.yaml': stringify(both),
      'clients.yaml': clientsWith(key),
      'jwks.json': readFileSync(join(folder, 'jwks.json')),
    });
    mkdirSync(join(home, 'tls'));
    const ours = authority('Bank CA', home);
    const server = ours.issue('server');
    const night = ours.issue('night', { subject: '/O=Bank/CN=night-batch' });
    cpSync(server.certificate, join(home, 'tls/server.pem'));
    cpSync(server.key, join(home, 'tls/server.key'));
    cpSync(ours.certificate, join(home, 'tls/clients.pem'));
    const gateway = await serve(join(home, 'overpunch.yaml'), {
      OVERPUNCH_MASK_KEY: maskKey,
      COLLECTOR_AUTHORIZATION: 'Bearer of-the-collector',
    });
    const status = async (shown: { readonly cert?: Buffer; readonly key?: Buffer }) => {
      const sent = request(`${gateway.url}/api/customers`, {
        ca: ours.cert,
        servername: 'localhost',
        agent: false,
        headers: { origin: 'https://app.example.com' },
        ...shown,
      });
      sent.end();
      const [response]: IncomingMessage[] = await once(sent, 'response');
      response?.resume();
      return [
        response?.statusCode,
        response?.headers['access-control-allow-origin'],
        response?.headers['strict-transport-security'],
      ];
    };
    const told = ['https://app.example.com', 'max-age=31536000'];
    assert.deepEqual(await status({ cert: night.cert, key: night.secret }), [200, ...told]);
    assert.deepEqual(await status({}), [401, ...told]);
  });

  it('a key is changed step by step, without a moment in which neither is accepted', async () => {
    const next = newKey();
    const status = async (shown: string): Promise<number> => {
      const response = await fetch(`${url}/api/customers`, { headers: { 'x-api-key': shown } });
      await response.text();
      return response.status;
    };
    const becomes = async (shown: string, wanted: number): Promise<void> => {
      // Not too often: an address with a hundred refused keys has to wait.
      for (let looks = 0; looks < 40; looks++) {
        if ((await status(shown)) === wanted) return;
        await pause(500);
      }
      assert.fail(`it is not ${wanted}`);
    };
    assert.equal(await status(next), 401);
    writeFileSync(join(folder, 'clients.yaml'), clientsWith(key, next));
    await becomes(next, 200);
    assert.equal(await status(key), 200);
    writeFileSync(join(folder, 'clients.yaml'), clientsWith(next));
    await becomes(key, 401);
    assert.equal(await status(next), 200);
  });
});
