// Versions by SFTP that are looked for in the background, and that have to agree with their trailer before they are shown.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Source } from '#spi';
import { adapter } from '../../../../adapters/file/file.ts';
import { collect, faultOf, hostAt, never } from '../opening.ts';
import { PASSWORD, type Site, site } from './opening.ts';

const COPYBOOK =
  '       01 PAY. 05 KIND PIC X. 05 N PIC 9(3).\n       01 TAIL. 05 KIND PIC X. 05 N PIC 9(3).\n';

async function open(at: Site, more: object): Promise<Source> {
  at.local.write('pay.cpy', COPYBOOK);
  const options = {
    store: {
      sftp: {
        host: '127.0.0.1',
        port: at.server.port,
        user: 'batch',
        password: { env: 'PASSWORD' },
        hostKey: at.server.fingerprint,
        maxAgeMs: 600_000,
      },
    },
    cache: { folder: 'cache' },
    collections: {
      payments: {
        path: 'PAY',
        copybook: 'pay.cpy',
        charset: 'ascii',
        records: { format: 'F', length: 4 },
        record: 'PAY',
        when: "kind eq 'P'",
        publish: { trailer: { record: 'TAIL', when: "kind eq 'T'", count: 'N' } },
        ...more,
      },
    },
  };
  return adapter.open(adapter.options.parse(options), {
    ...hostAt(at.local.path),
    secret: async () => PASSWORD,
  });
}

const numbers = async (source: Source) =>
  (await collect(source, { collection: 'payments' })).map((row) => row['n']);

async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 600, what);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const shows = (source: Source, wanted: number) =>
  until(`${wanted} is shown`, async () => (await numbers(source))[0] === wanted);

describe('versions by SFTP', () => {
  it('are looked for and checked in the background, however young the last look of a request is', async () => {
    await using at = await site();
    at.put('PAY', 'P001T001');
    await using source = await open(at, { refresh: { everyMs: 100 } });
    assert.deepEqual(await numbers(source), [1]);
    at.put('PAY', 'P002T001');
    await shows(source, 2);
    at.put('PAY', 'P003T002');
    await until('it is refused', () => source.stale?.()?.code === 'count-mismatch');
    assert.deepEqual(await numbers(source), [2]);
    const { requests } = at.server;
    at.server.down = true;
    at.server.cut();
    await until('it is missed', () => source.stale?.()?.kind === 'unavailable');
    requests.length = 0;
    assert.deepEqual(await numbers(source), [2]);
    assert.equal(requests.length, 0, 'a request does not look');
    at.server.down = false;
    at.put('PAY', 'P004T001');
    await shows(source, 4);
    await source.check(never);
  });

  it('that are refused give way to the one before them after a restart, too', async () => {
    await using at = await site();
    at.put('PAY', 'P001T001');
    const first = await open(at, {});
    assert.deepEqual(await numbers(first), [1]);
    await first[Symbol.asyncDispose]();
    at.put('PAY', 'P002');
    for (let start = 0; start < 2; start++) {
      await using source = await open(at, {});
      assert.deepEqual(await numbers(source), [1]);
      assert.equal(source.stale?.()?.code, 'trailer-missing');
      assert.equal((await faultOf(() => source.check(never))).code, 'trailer-missing');
    }
  });

  it('cannot be watched for', async () => {
    await using at = await site();
    const fault = await faultOf(() => open(at, { refresh: { watch: true } }));
    assert.deepEqual([fault.code, fault.misconfigured], ['no-watch', true]);
  });
});
