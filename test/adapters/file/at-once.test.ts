// Which reads hold up the thread that asks for them.

import assert from 'node:assert/strict';
import { closeSync, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import { isLocal, readsAtOnce } from '../../../adapters/file/store/at-once.ts';
import { folder } from './opening.ts';

describe('a read at once', () => {
  /** Of so many reads, which were made at once, where each takes so long. */
  function made(takesMs: number, reads: number): readonly boolean[] {
    using at = folder({ data: 'abcdef' });
    const fd = openSync(`${at.path}/data`, 'r');
    try {
      let ms = 0;
      const atOnce = readsAtOnce(() => (ms += takesMs));
      return Array.from({ length: reads }, () => atOnce.read(fd, new Uint8Array(3), 2) !== undefined);
    } finally {
      closeSync(fd);
    }
  }

  it('fills what it is given, as far as the file goes', () => {
    using at = folder({ data: 'abcdef' });
    const fd = openSync(`${at.path}/data`, 'r');
    try {
      const into = new Uint8Array(3);
      assert.equal(readsAtOnce().read(fd, into, 2), 3);
      assert.equal(new TextDecoder().decode(into), 'cde');
      assert.equal(readsAtOnce().read(fd, into, 4), 2);
    } finally {
      closeSync(fd);
    }
  });

  it('is left to another thread where it is large', () => {
    assert.equal(readsAtOnce().read(-1, new Uint8Array(65_537), 0), undefined);
  });

  it('is the rule while it takes next to no time, with a turn for others now and then', () => {
    const reads = made(0.01, 1_000);
    assert.ok(reads.slice(0, 50).every(Boolean));
    const handed = reads.filter((one) => !one).length;
    assert.ok(handed > 0 && handed < 250, `${handed} of 1,000 were handed over`);
  });

  it('that had to wait for the disk is followed by many that hold up nobody', () => {
    const reads = made(5, 71);
    assert.equal(reads[0], true);
    assert.ok(!reads.slice(1).some(Boolean));
  });

  it('is none on a file system that is not known as one of this machine', async () => {
    assert.equal(await isLocal('/proc/self/status'), false);
    assert.equal(await isLocal('/there/is/no/such/file'), false);
  });
});
