// What of `access` is a mistake although every part of it is well-formed, and where it is told.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { Fault } from '../../src/fault.ts';
import { openGateway } from '../../src/gateway.ts';
import { folderWith, problemsOf, testAdapters } from './written.ts';

const SOURCES =
  'sources: { core: { adapter: memory, collections: {} } }\nroles: { teller: {}, auditor: {} }\n';
const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

describe('access', () => {
  const mistakes: readonly (readonly [rule: string, yaml: string, told: readonly RegExp[]])[] = [
    [
      'names a role of a client that nobody defines, with the nearest',
      'access: { clients: { web: { roles: [teller, audtor] } } }',
      [
        /^c\.yaml:3:45 access\.clients\.web\.roles\[1\]: `roles` defines no role "audtor"\. Did you mean "auditor"\?$/,
      ],
    ],
    [
      'names such a role of anonymous callers',
      'access: { anonymous: [guest] }',
      [/access\.anonymous\[0\]: .*"guest"/],
    ],
    [
      'names such a role of an issuer',
      'access: { tokens: [{ issuer: https://idp.example, audience: a, rolesOf: { Admins: [admin] } }] }',
      [/access\.tokens\[0\]\.rolesOf\.Admins\[0\]: .*"admin"/],
    ],
    [
      'has a key of two clients',
      `access: { clients: { a: { roles: [teller], keys: [{ sha256: ${A} }, { sha256: ${B} }] }, b: { roles: [teller], keys: [{ sha256: ${B} }] } } }`,
      [/access\.clients\.b\.keys\[0\]: expected another one: client "a" has it already$/],
    ],
    [
      'has a certificate of two clients, written in two ways',
      `access: { clients: { a: { roles: [teller], certificates: [{ subject: 'CN=x,O=y' }, { fingerprint256: ${A} }] }, b: { roles: [teller], certificates: [{ subject: 'O = y, CN = x' }, { fingerprint256: ${A.toUpperCase()} }] } } }\nserver: { tls: { certificate: c, key: k, clients: { authorities: a } } }`,
      [/access\.clients\.b\.certificates\[0\]: .*"a"/, /access\.clients\.b\.certificates\[1\]: .*"a"/],
    ],
    [
      'has certificates that nobody would see',
      `access: { clients: { a: { roles: [teller], certificates: [{ subject: CN=x }] } } }\nserver: { tls: { certificate: c, key: k } }`,
      [/access\.clients\.a\.certificates: expected `server\.tls\.clients`/],
    ],
    [
      'has what is no distinguished name, and no fingerprint',
      'access: { clients: { a: { roles: [teller], certificates: [{ subject: web }] }, b: { roles: [teller], certificates: [{ fingerprint256: aa }] } } }',
      [/subject: expected a distinguished name: CN=web-team,O=Bank$/, /fingerprint256: expected/],
    ],
    [
      'opens everything beside rules that would not count then',
      'access: { development: true, anonymous: [teller] }',
      [/access\.development: expected nothing else in `access`/],
    ],
    [
      'has an issuer twice',
      'access: { tokens: [{ issuer: https://idp.example, audience: a }, { issuer: https://idp.example, audience: b }] }',
      [/access\.tokens\[1\]\.issuer: expected each issuer once/],
    ],
    [
      'would ask for keys over plain http',
      'access: { tokens: [{ issuer: http://idp.example, audience: a }, { issuer: https://b.example, audience: a, jwks: http://b.example/keys }] }',
      [/tokens\[0\]\.issuer: expected https, or `jwks`/, /tokens\[1\]\.jwks: expected https/],
    ],
    [
      'would accept signatures by a shared secret, or none',
      'access: { tokens: [{ issuer: https://idp.example, audience: a, algorithms: [HS256] }, { issuer: https://b.example, audience: a, algorithms: [none] }] }',
      [/tokens\[0\]\.algorithms\[0\]: expected/, /tokens\[1\]\.algorithms\[0\]: expected/],
    ],
    [
      'has the key itself in place of its hash, and does not repeat it',
      'access: { clients: { a: { roles: [teller], keys: [{ sha256: op_SECRETSECRETSECRET }] } } }',
      [/^(?!.*SECRET).*keys\[0\]\.sha256: expected/],
    ],
    [
      'names a file of clients that is not there',
      'access: { clientsFile: none.yaml }',
      [/: there is no such file$/],
    ],
  ];
  for (const [rule, yaml, told] of mistakes) {
    it(`that ${rule} is a mistake`, async () => {
      const problems = await problemsOf(`${SOURCES}${yaml}\n`);
      assert.equal(problems.length, told.length, problems.join('\n'));
      for (const [i, pattern] of told.entries()) assert.match(problems[i] ?? '', pattern);
    });
  }

  it('that is right has no problems', async () => {
    assert.deepEqual(
      await problemsOf(`${SOURCES}access:
  anonymous: [auditor]
  clients:
    web: { roles: [teller], claims: { branch: "007" }, keys: [{ sha256: ${A}, expires: 2027-01-31 }, { sha256: ${B} }] }
  tokens:
    - { issuer: https://idp.example/realms/bank, audience: gateway, roles: realm_access.roles, rolesOf: { Tellers: [teller] } }
    - { issuer: http://127.0.0.1:9000, audience: gateway, algorithms: [EdDSA], typ: at+jwt }
    - { issuer: http://idp.example, audience: gateway, jwks: https://keys.example/jwks }
`),
      [],
    );
  });

  it('with a file of keys that cannot be used is a problem before anything is served', async () => {
    const text = `${SOURCES}access: { tokens: [{ issuer: https://idp.example, audience: a, jwks: { file: keys.json } }] }\n`;
    const folder = folderWith({ 'c.yaml': text, 'keys.json': '{"keys":[' });
    const { config } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
    assert.ok(config);
    await using gateway = await openGateway(config, createSecrets(folder, {}), () => {});
    assert.deepEqual(
      gateway.problems.map(({ line, path, message }) => ({ line, path, message })),
      [{ line: 3, path: 'access', message: 'keys.json: expected a key set, JSON' }],
    );
    await assert.rejects(
      gateway.authenticate({}),
      (error) => error instanceof Fault && error.kind === 'unauthenticated',
    );
  });
});
