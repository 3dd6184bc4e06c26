// What errors mean that no server of a test can be made to give: by their codes.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { cacheFault, connectFault, requestFault } from '../../../../adapters/file/sftp/faults.ts';

const of = { host: 'mf.example.com', path: 'PROD/CUST' };
const failed = (more: object) => Object.assign(new Error('the server says: secret'), more);

describe('faults of SFTP', () => {
  it('name the disk of the cache when it is full, with file and host', () => {
    for (const [code, named] of [
      ['ENOSPC', 'cache-full'],
      ['EFBIG', 'cache-full'],
      ['EDQUOT', 'cache-quota'],
    ]) {
      const fault = cacheFault(of, '/cache', failed({ code }));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', named]);
      assert.match(fault.message, /"PROD\/CUST" on mf\.example\.com/);
    }
    assert.equal(cacheFault(of, '/cache', failed({ code: 'EROFS' })).code, 'cache-error');
  });

  it('come from status codes and levels, and never show what the server says', () => {
    const codes: readonly (readonly [number | undefined, string])[] = [
      [2, 'file-missing'],
      [3, 'file-unreadable'],
      [4, 'read-error'],
      [5, 'read-error'],
      [6, 'connection-lost'],
      [7, 'connection-lost'],
      [8, 'read-error'],
      [undefined, 'connection-lost'],
    ];
    for (const [code, expected] of codes) {
      const fault = requestFault(of, failed({ code }));
      assert.equal(fault.code, expected);
      assert.ok(!JSON.stringify({ ...fault, text: fault.message }).includes('secret'));
    }
    const connecting: readonly (readonly [object, string])[] = [
      [{ level: 'client-authentication' }, 'login'],
      [{ level: 'agent' }, 'login'],
      [{ level: 'client-timeout' }, 'cannot-connect'],
      [{ level: 'client-socket', code: 'ECONNRESET' }, 'cannot-connect'],
      [{ code: 'ENOTFOUND' }, 'cannot-connect'],
      [{ code: 'ERR_GENERIC_CLIENT' }, 'handshake'],
      [{ level: 'handshake' }, 'handshake'],
    ];
    for (const [error, expected] of connecting) {
      const fault = connectFault(of.host, failed(error));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', expected]);
      assert.ok(!fault.message.includes('secret'));
    }
  });
});
