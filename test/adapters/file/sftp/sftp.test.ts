// Files by SFTP: what is served when, and what becomes of copies. The server is in this process.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { site, texts } from './opening.ts';

describe('a file by SFTP', () => {
  it('is served as it is on the server', async () => {
    await using at = await site();
    at.put('data.txt', 'one\ntwo\n');
    const source = await at.open();
    assert.deepEqual(await texts(source), ['one', 'two']);
    await source.check(new AbortController().signal);
  });
});
