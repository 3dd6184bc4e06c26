// The options: what they need, what they refuse, and that TLS is on unless said otherwise.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Host } from '#spi';
import { clientConfig } from '../../../adapters/postgres/connect.ts';
import { options } from '../../../adapters/postgres/options.ts';
import { adapter } from '../../../adapters/postgres/postgres.ts';
import { ADDRESS, fault, host, never, openSource, schema, skip } from './server.ts';

const collections = {};
const withUrl = (url: string): Host => ({ ...host, secret: async () => url });
const fromUrl = (url: string) =>
  clientConfig(options.parse({ url: { env: 'DB' }, collections }), withUrl(url));

describe('options of PostgreSQL', () => {
  it('an address is given whole or in its parts', () => {
    assert.equal(options.safeParse({ ...ADDRESS, collections }).success, true);
    for (const wrong of [
      { collections },
      { host: 'db', collections },
      { url: { env: 'DB' }, host: 'db', collections },
      { url: 'postgres://u:p@h/d', collections },
      { ...ADDRESS, password: 'secret', collections },
      { ...ADDRESS, tls: true, collections },
      { ...ADDRESS, typo: 1, collections },
      { ...ADDRESS, settings: { 'a; drop': 'x' }, collections },
    ]) {
      assert.equal(options.safeParse(wrong).success, false, JSON.stringify(wrong));
    }
  });

  it('TLS is on and checked by default', async () => {
    const config = await clientConfig(options.parse({ ...ADDRESS, collections }), host);
    assert.partialDeepStrictEqual(config.ssl, { rejectUnauthorized: true, minVersion: 'TLSv1.2' });
    const unchecked = options.parse({ ...ADDRESS, tls: { verify: false }, collections });
    assert.partialDeepStrictEqual((await clientConfig(unchecked, host)).ssl, {
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    });
    assert.equal(
      (await clientConfig(options.parse({ ...ADDRESS, tls: false, collections }), host)).ssl,
      false,
    );
  });

  it('an address is read as a whole, names and passwords decoded', async () => {
    const config = await fromUrl('postgres://us%40er:p%3Aw@db.example:5433/my%20db');
    assert.deepEqual(
      [config.host, config.port, config.user, config.password, config.database],
      ['db.example', 5433, 'us@er', 'p:w', 'my db'],
    );
    assert.equal((await fromUrl('postgresql://u@[::1]/d')).host, '::1');
  });

  it('an address that says too little or too much is refused without being told', async () => {
    for (const url of [
      'nonsense',
      'mysql://u:hush@h/d',
      'postgres://h/d',
      'postgres://u:hush@h/d?sslmode=disable',
      'postgres://u%ZZ@h/d',
    ]) {
      await assert.rejects(fromUrl(url), (error) => {
        fault('invalid', 'bad-connection', true)(error);
        assert.doesNotMatch(String(error), /hush/);
        return true;
      });
    }
  });

  it('certificates are read from their files', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'overpunch-pg-'));
    after(() => rmSync(folder, { recursive: true }));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, 'PEM');
    const config = await clientConfig(options.parse({ ...ADDRESS, tls: { ca }, collections }), host);
    assert.partialDeepStrictEqual(config.ssl, { rejectUnauthorized: true, minVersion: 'TLSv1.2', ca: 'PEM' });
    const missing = options.parse({ ...ADDRESS, tls: { key: join(folder, 'none') }, collections });
    await assert.rejects(clientConfig(missing, host), fault('invalid', 'bad-connection', true));
  });

  it('a server without TLS, or with a certificate that nobody vouches for, is not spoken to', {
    skip,
  }, async () => {
    await assert.rejects(
      adapter.open(options.parse({ ...ADDRESS, collections }), host),
      (error: { readonly kind?: string; readonly code?: string }) => {
        assert.equal(error.kind, 'unavailable');
        assert.match(error.code ?? '', /^(tls|no-connection)$/);
        return true;
      },
    );
  });

  it('a schema that is not there is named', { skip }, async () => {
    await assert.rejects(
      openSource({ schemas: ['not_here'], collections }),
      fault('invalid', 'bad-schema', true),
    );
  });

  it('with a saved model a source opens while the server is down, and its check says so', {
    skip,
  }, async () => {
    const own = await schema('create table t (id int primary key)');
    const folder = mkdtempSync(join(tmpdir(), 'overpunch-pg-'));
    after(() => rmSync(folder, { recursive: true }));
    const model = join(folder, 'model.json');
    const given = {
      ...ADDRESS,
      tls: false,
      schemas: [own],
      model,
      collections: { rows: { table: `${own}.t` } },
    };
    const description = await adapter.describe?.(options.parse(given), host, never);
    assert.equal(description?.file, model);
    writeFileSync(model, description?.text ?? '');
    const source = await openSource({ ...given, port: 1 });
    assert.equal(source.model.collections[0]?.name, 'rows');
    await assert.rejects(source.check(never), fault('unavailable', 'cannot-connect'));
    const healthy = await openSource(given);
    await healthy.check(never);
  });
});
