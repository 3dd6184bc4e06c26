// The hardened compose file: what stands in it, that what it mounts is valid, and that the README's way to start it is one. No Docker is needed
// and none is used: the gateway runs as a process, with the paths of the container put into a folder.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parse } from 'yaml';
import { adapters } from '../adapters/index.ts';
import { loadConfig } from '../src/config/config.ts';
import { MAIN, type Started, serving } from './cli/overpunch.ts';
import { folderWith } from './config/written.ts';
import { hasOpenssl } from './fakes/certificates.ts';
import { chapterOf, examplesIn, fits } from './readme-page.ts';
import { skipUnless } from './skip.ts';

const root = join(import.meta.dirname, '..');
const text = (name: string): string => readFileSync(join(root, name), 'utf8');
const compose = parse(text('compose.hardened.yaml'));
const { overpunch: service } = compose.services;
const mounted = text('compose.hardened.overpunch.yaml');

describe('compose.hardened.yaml', () => {
  it('gives the container no rights, and nothing to change', () => {
    assert.equal(service.read_only, true);
    assert.deepEqual(service.cap_drop, ['ALL']);
    assert.equal(service.cap_add, undefined);
    assert.equal(service.privileged, undefined);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true']);
    assert.match(service.user, /^[1-9]\d*:[1-9]\d*$/);
    for (const mount of service.tmpfs) assert.match(mount, /size=\d+m.*noexec.*nosuid.*nodev/);
  });

  it('bounds memory, processors, processes, files and the log', () => {
    assert.equal(service.mem_limit, '1g');
    assert.equal(service.memswap_limit, service.mem_limit);
    assert.ok(service.cpus > 0);
    assert.ok(service.pids_limit > 0);
    assert.equal(service.ulimits.core, 0);
    assert.match(service.logging.options['max-size'], /^\d+m$/);
  });

  it('mounts for reading alone but for its volumes, which belong to the user of the image', () => {
    const written: string[] = [];
    for (const mount of service.volumes) {
      const [from = '', to = '', mode] = String(mount).split(':');
      if (mode === 'ro') assert.ok(existsSync(join(root, from)), from);
      else {
        assert.ok(Object.hasOwn(compose.volumes, from), from);
        written.push(to);
      }
    }
    const [, made = ''] = /^RUN install -d -o node -g node -m 0700 (.*)$/m.exec(text('Dockerfile')) ?? [];
    assert.deepEqual(made.split(' ').toSorted(), written.toSorted());
    for (const [path] of mounted.matchAll(/\/var\/[\w/.]+/g))
      assert.ok(
        written.some((folder) => path.startsWith(`${folder}/`)),
        path,
      );
  });

  it('brings every secret that the configuration names as a file, and none in the environment', () => {
    const named = [...new Set([...mounted.matchAll(/\/run\/secrets\/(\w+)/g)].map(([, name = '']) => name))];
    assert.deepEqual(service.secrets.toSorted(), named.toSorted());
    for (const name of named) assert.deepEqual(compose.secrets[name], { file: `./secrets/${name}` }, name);
    assert.equal(service.environment, undefined);
    assert.match(text('.gitignore'), /^\/secrets\/$/m);
  });

  it('keeps legacy hosts on a network that leads nowhere else, and opens one port to this machine', () => {
    assert.deepEqual(service.networks, ['front', 'legacy']);
    assert.equal(compose.networks.legacy.internal, true);
    assert.deepEqual(service.ports, ['127.0.0.1:8443:4000']);
  });

  it('waits for the end of what runs', () => {
    const { drainDelayMs, drainMs } = parse(mounted).policy.http;
    assert.match(service.stop_grace_period, /^\d+s$/);
    assert.ok(Number.parseInt(service.stop_grace_period, 10) * 1_000 > drainDelayMs + 2 * drainMs + 5_000);
  });
});

describe('what compose.hardened.yaml serves', {
  skip: skipUnless(hasOpenssl, 'openssl is not installed'),
}, () => {
  const [asks, starts, ...prepares] = examplesIn(chapterOf('Safe beside a mainframe'))
    .filter(({ command }) => !command.includes('127.0.0.1:4000'))
    .toReversed();
  let folder = '';
  let gateway: (Started & { readonly url: string }) | undefined;

  before(async () => {
    folder = folderWith({
      'overpunch.yaml': mounted
        .replaceAll('/run/secrets/', 'secrets/')
        .replaceAll('/var/lib/overpunch', 'lib')
        .replaceAll('/var/log/overpunch/', ''),
    });
    for (const part of ['schemas', 'fixtures'])
      cpSync(join(root, part), join(folder, part), { recursive: true });
    // One shell, as somebody who types them: what the first one says of rights holds for the others.
    const typed = prepares.toReversed().map(({ command }) => command);
    const here = typed.join('\n').replaceAll('npm run -s overpunch --', `"${process.execPath}" "${MAIN}"`);
    execFileSync('sh', ['-ec', here], { cwd: folder, stdio: ['ignore', 'pipe', 'ignore'] });
    gateway = await serving(['-c', join(folder, 'overpunch.yaml'), '--port', '0']);
  });
  after(async () => {
    gateway?.child.kill('SIGTERM');
    await gateway?.ended;
  });

  /** By https, with the certificate that was made. */
  async function get(path: string, headers: Readonly<Record<string, string>> = {}) {
    const ca = readFileSync(join(folder, 'secrets/tls_certificate'));
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
    const sent = request(
      `${gateway?.url}${path}`,
      { ca, servername: 'localhost', agent: false, headers },
      async (response) => {
        let body = '';
        for await (const piece of response) body += String(piece);
        resolve({ status: response.statusCode ?? 0, body });
      },
    );
    sent.once('error', reject);
    sent.end();
    return await promise;
  }
  const keyOf = (name: string): string =>
    readFileSync(join(folder, 'secrets', name), 'utf8').split('\n')[0] ?? '';

  it('is a valid configuration', async () => {
    const { problems } = await loadConfig(join(folder, 'overpunch.yaml'), adapters);
    assert.deepEqual(problems, []);
    assert.match(starts?.command ?? '', /^docker compose -f compose\.hardened\.yaml up --build --wait$/);
  });

  it('answers the README’s question, and nobody without a key', async () => {
    const [, path = ''] = /'https:\/\/localhost:8443(\/[^']+)'/.exec(asks?.command ?? '') ?? [];
    assert.equal((await get(path)).status, 401);
    const { status, body } = await get(path, { 'x-api-key': keyOf('key.txt') });
    assert.equal(status, 200);
    fits(body, asks?.printed[0] ?? '', path);
  });

  it('shows a teller the customers of one branch, and the watcher metrics and no data', async () => {
    const lines = ['teller', 'watcher'].map((role) => {
      const made = execFileSync(process.execPath, [MAIN, 'key', '--client', role], { encoding: 'utf8' });
      writeFileSync(join(folder, 'secrets', `${role}.txt`), made);
      const claims = role === 'teller' ? '      claims: { branch: ZH01 }\n' : '';
      const own = made.split('\n').slice(4).join('\n').replace('ROLE', role);
      return own.replace('      keys:', `${claims}      keys:`);
    });
    const clients = join(folder, 'secrets/clients');
    writeFileSync(clients, `${readFileSync(clients, 'utf8')}\n${lines.join('')}`);
    const as = (role: string) => ({ 'x-api-key': keyOf(`${role}.txt`) });
    // Not too often: an address with a hundred refused keys has to wait.
    for (let looks = 0; (await get('/metrics', as('watcher'))).status !== 200; looks++) {
      assert.ok(looks < 50, 'the file of clients is not read again');
      await pause(400);
    }

    const seen = JSON.parse((await get('/api/customers?count=true', as('teller'))).body);
    assert.ok(seen.totalCount > 0);
    assert.ok(seen.value.every((row: { branchCode: string }) => row.branchCode === 'ZH01'));
    assert.ok(!('creditLimit' in seen.value[0]) && /^[\w-]{16}$/.test(seen.value[0].riskArea));
    assert.equal((await get('/metrics', as('teller'))).status, 403);
    const { status, body } = await get('/metrics', as('watcher'));
    assert.equal(status, 200);
    assert.match(body, /^overpunch_source_up\{source="mainframe",adapter="file"\} 1$/m);
    assert.equal((await get('/api/customers', as('watcher'))).status, 404);
  });

  it('hashes by another key when that was written and a signal has come', async () => {
    const area = async (): Promise<string> =>
      JSON.parse((await get('/api/customers?first=1', { 'x-api-key': keyOf('teller.txt') })).body).value[0]
        .riskArea;
    const before = await area();
    writeFileSync(join(folder, 'secrets/mask_key'), 'another key, of more than 32 characters');
    assert.equal(await area(), before);
    gateway?.child.kill('SIGHUP');
    for (let looks = 0; (await area()) === before; looks++) {
      assert.ok(looks < 200, 'it is as before');
      await pause(100);
    }
  });

  it('is well by the health check of the compose file and of the image, and is not when it is gone', async () => {
    const [, , , own = ''] = service.healthcheck.test;
    const [, image = ''] = /CMD (\["node".*\])$/m.exec(text('Dockerfile')) ?? [];
    const port = new URL(gateway?.url ?? '').port;
    const code = async (script: string, at: string): Promise<unknown> => {
      const { promise, resolve } = Promise.withResolvers<unknown>();
      execFile(
        process.execPath,
        ['-e', script.replace(':4000/', `:${at}/`)],
        { env: { PORT: at } },
        (error) => resolve(error?.code ?? 0),
      );
      return await promise;
    };
    for (const script of [own, JSON.parse(image)[2]]) {
      assert.equal(await code(script, port), 0);
      // The discard port.
      assert.equal(await code(script, '9'), 1);
    }
  });

  it('writes records and state that its owner alone can read', () => {
    for (const file of ['audit.jsonl', 'lib/state/state.sqlite'])
      assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file);
    for (const file of readdirSync(join(folder, 'secrets')))
      if (file !== 'teller.txt' && file !== 'watcher.txt')
        assert.equal(statSync(join(folder, 'secrets', file)).mode & 0o077, 0, file);
  });
});
