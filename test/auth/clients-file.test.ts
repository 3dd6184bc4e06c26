// Clients in a file of their own: read again when it changes, and never half.

import assert from 'node:assert/strict';
import { renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createAuthenticate } from '../../src/auth/create-authenticate.ts';
import { hashOfKey, newKey } from '../../src/auth/key.ts';
import { accessFiles } from '../../src/config/access-files.ts';
import { loadConfig } from '../../src/config/config.ts';
import { Fault } from '../../src/fault.ts';
import type { Observation } from '../../src/observe.ts';
import { fileChanges } from '../../src/serving/on-file-change.ts';
import { folderWith, testAdapters } from '../config/written.ts';
import { signingKey } from '../fakes/identity-provider.ts';

const old = newKey();
const fresh = newKey();
const fixed = newKey();

const clients = (...keys: readonly string[]): string =>
  `clients:\n  web:\n    roles: [teller]\n    keys: [${keys.map((key) => `{ sha256: ${hashOfKey(key)} }`).join(', ')}]\n`;

const CONFIG = `sources: { core: { adapter: memory, collections: {} } }
roles: { teller: {} }
access:
  clientsFile: clients.yaml
  clients: { night: { roles: [teller], keys: [{ sha256: ${hashOfKey(fixed)} }] } }
`;

async function opened(t: TestContext, folder: string) {
  const { config, problems } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
  assert.ok(config, JSON.stringify(problems));
  const seen: Observation[] = [];
  const authenticating = await createAuthenticate(config.access, {
    roles: Object.keys(config.roles),
    observe: (observation) => seen.push(observation),
    ...accessFiles(config, fileChanges(config.policy.reload)),
  });
  t.after(() => authenticating[Symbol.dispose]());
  const accepted = async (key: string): Promise<boolean> => {
    try {
      await authenticating.authenticate({ apiKey: key });
      return true;
    } catch (error) {
      assert.ok(error instanceof Fault && error.code === 'bad-credentials', String(error));
      return false;
    }
  };
  const ask = (key: string) => authenticating.authenticate({ apiKey: key });
  const reloads = () => seen.flatMap((one) => (one.kind === 'reload' ? [one] : []));
  return { accepted, ask, accepts: authenticating.accepts, reloads };
}

async function soon(what: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail('it did not come about in 10 s');
}

describe('clientsFile', () => {
  it('adds its clients to those of the configuration', async (t) => {
    const { accepted } = await opened(t, folderWith({ 'c.yaml': CONFIG, 'clients.yaml': clients(old) }));
    assert.deepEqual(await Promise.all([old, fixed, fresh].map(accepted)), [true, true, false]);
  });

  it('is read again when it is written: a key is added, then the old one taken away, without a restart', async (t) => {
    const folder = folderWith({ 'c.yaml': CONFIG, 'clients.yaml': clients(old) });
    const { accepted, reloads } = await opened(t, folder);
    writeFileSync(join(folder, 'clients.yaml'), clients(old, fresh));
    await soon(() => accepted(fresh));
    assert.ok(await accepted(old));
    writeFileSync(join(folder, 'clients.yaml'), clients(fresh));
    await soon(async () => !(await accepted(old)));
    assert.ok(await accepted(fresh));
    assert.ok(await accepted(fixed));
    assert.ok(reloads().every(({ problems }) => problems === 0));
  });

  it('that takes a key away ends what its callers still do; what is as it was stays, the very object', async (t) => {
    const folder = folderWith({ 'c.yaml': CONFIG, 'clients.yaml': clients(old, fresh) });
    const { accepted, ask, accepts } = await opened(t, folder);
    const callers = [await ask(old), await ask(fresh), await ask(fixed)];
    assert.deepEqual(callers.map(accepts), [true, true, true]);
    writeFileSync(join(folder, 'clients.yaml'), clients(fresh));
    await soon(async () => !(await accepted(old)));
    assert.deepEqual(callers.map(accepts), [false, true, true]);
    assert.equal(await ask(fresh), callers[1]);
    writeFileSync(
      join(folder, 'clients.yaml'),
      clients(fresh).replace('roles:', 'claims: { branch: 7 }\n    roles:'),
    );
    await soon(async () => (await ask(fresh)) !== callers[1]);
    assert.deepEqual(callers.map(accepts), [false, false, true]);
  });

  it('is read again when another file takes its place, and when its link leads elsewhere', async (t) => {
    const folder = folderWith({ 'c.yaml': CONFIG, 'a.yaml': clients(old), 'b.yaml': clients(fresh) });
    symlinkSync('a.yaml', join(folder, 'clients.yaml'));
    const { accepted } = await opened(t, folder);
    assert.ok(await accepted(old));
    symlinkSync('b.yaml', join(folder, 'next'));
    renameSync(join(folder, 'next'), join(folder, 'clients.yaml'));
    await soon(() => accepted(fresh));
    assert.ok(!(await accepted(old)));
    writeFileSync(join(folder, 'next'), clients(old));
    renameSync(join(folder, 'next'), join(folder, 'clients.yaml'));
    await soon(() => accepted(old));
  });

  const broken: readonly (readonly [what: string, text: string | undefined, told: RegExp])[] = [
    ['cut in the middle', clients(fresh).slice(0, -10), /^clients\.yaml:\d+:\d+/],
    ['gone', undefined, /^clients\.yaml: there is no such file/],
    [
      'with a role that nobody defines',
      clients(fresh).replace('teller', 'teler'),
      /"teler"\. Did you mean "teller"\?/,
    ],
    [
      'with a key of another client',
      clients(fresh, fixed),
      /keys\[1\]: expected another one: client "night" has it already/,
    ],
    [
      'with a key in place of its hash',
      `clients: { web: { roles: [teller], keys: [{ sha256: "${fresh}" }] } }`,
      /sha256: expected/,
    ],
    [
      'with a client that the configuration has',
      clients(fresh).replace('web', 'night'),
      /expected another name/,
    ],
  ];
  for (const [what, text, told] of broken) {
    it(`${what} leaves the clients as they were, and is told`, async (t) => {
      const folder = folderWith({ 'c.yaml': CONFIG, 'clients.yaml': clients(old) });
      const { accepted, reloads } = await opened(t, folder);
      if (text === undefined) unlinkSync(join(folder, 'clients.yaml'));
      else writeFileSync(join(folder, 'clients.yaml'), text);
      await soon(() => reloads().length > 0);
      const [{ problems = 0, notes = [] } = {}] = reloads();
      assert.equal(problems, 1);
      assert.match(notes.join('\n'), told);
      assert.ok(!notes.join('\n').includes(fresh));
      assert.deepEqual(await Promise.all([old, fixed, fresh].map(accepted)), [true, true, false]);
      writeFileSync(join(folder, 'clients.yaml'), clients(fresh));
      await soon(() => accepted(fresh));
    });
  }

  it('that is broken at the start is a problem of the configuration, at its place', async () => {
    const folder = folderWith({ 'c.yaml': CONFIG, 'clients.yaml': clients(old).replace('teller', 'teler') });
    const { problems } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
    assert.deepEqual(
      problems.map(({ file, line, path }) => ({ file, line, path })),
      [{ file: 'clients.yaml', line: 3, path: 'clients.web.roles[0]' }],
    );
  });
});

describe('a file of keys of an issuer', () => {
  it('is read again when it changes; what is no key set changes nothing', async (t) => {
    const [first, second] = [await signingKey('first'), await signingKey('second')];
    const set = (...keys: readonly (typeof first)[]): string =>
      JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) });
    const folder = folderWith({
      'c.yaml': `sources: { core: { adapter: memory, collections: {} } }
access: { tokens: [{ issuer: 'http://idp.example', audience: gateway, jwks: { file: keys.json } }] }
`,
      'keys.json': set(first),
    });
    const { config, problems } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
    assert.ok(config, JSON.stringify(problems));
    const seen: Observation[] = [];
    const { authenticate, [Symbol.dispose]: end } = await createAuthenticate(config.access, {
      roles: [],
      observe: (observation) => seen.push(observation),
      ...accessFiles(config, fileChanges(config.policy.reload)),
    });
    t.after(end);
    const { SignJWT } = await import('jose');
    let n = 0;
    const accepted = async ({ privateKey, kid }: typeof first): Promise<boolean> => {
      const token = await new SignJWT({ sub: 'ann', jti: String(n++) })
        .setProtectedHeader({ alg: 'ES256', kid })
        .setIssuer('http://idp.example')
        .setAudience('gateway')
        .setExpirationTime('5m')
        .sign(privateKey);
      return await authenticate({ authorization: `Bearer ${token}` }).then(
        () => true,
        () => false,
      );
    };
    assert.deepEqual([await accepted(first), await accepted(second)], [true, false]);
    writeFileSync(join(folder, 'keys.json'), set(second));
    await soon(() => accepted(second));
    assert.equal(await accepted(first), false);
    const before = seen.length;
    writeFileSync(join(folder, 'keys.json'), '{"keys":[]}');
    await soon(() => seen.length > before);
    assert.equal(await accepted(second), true);
  });
});
