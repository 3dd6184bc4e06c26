// Patterns of files by SFTP: what a set has in it when, and how little the server is asked for it. The server is in this process.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Source } from '#spi';
import { collect, faultOf, never } from '../opening.ts';
import { type Site, site, texts } from './opening.ts';

/** A view of a set is given up after a quarter of a second. */
const looksAgain = () => new Promise((resolve) => setTimeout(resolve, 300));
const ALL = { files: 'DAY*.TXT' };

async function members(source: Source): Promise<readonly unknown[]> {
  return (await collect(source, { collection: 'lines' })).map((row) => [row['file'], row['text']]);
}

function three(at: Site): void {
  for (const i of [1, 2, 3]) at.put(`DAY${i}.TXT`, `${i}\n`);
}

const kinds = (at: Site) => [...new Set(at.server.requests.map(({ kind }) => kind))].toSorted();

describe('a set of files by SFTP', () => {
  it('has what the pattern matches, in folders, too, and links are what they lead to', async () => {
    await using at = await site();
    three(at);
    at.put('other', 'no\n');
    symlinkSync('other', join(at.remote.path, 'DAY4.TXT'));
    assert.deepEqual(await members(await at.open({}, ALL)), [
      ['DAY1.TXT', '1'],
      ['DAY2.TXT', '2'],
      ['DAY3.TXT', '3'],
      ['DAY4.TXT', 'no'],
    ]);
    mkdirSync(join(at.remote.path, 'north'));
    mkdirSync(join(at.remote.path, 'south'));
    symlinkSync('south', join(at.remote.path, 'west'));
    at.put('north/A', 'n\n');
    at.put('south/A', 's\n');
    assert.deepEqual(await members(await at.open({ cache: { folder: 'other' } }, { files: '*/A' })), [
      ['north/A', 'n'],
      ['south/A', 's'],
      ['west/A', 's'],
    ]);
    const absolute = await at.open({ cache: { folder: 'third' }, root: '/nowhere' }, { files: '/*th/A' });
    assert.deepEqual(await members(absolute), [
      ['/north/A', 'n'],
      ['/south/A', 's'],
    ]);
  });

  it('is not asked for again before the last look is old', async () => {
    await using at = await site();
    three(at);
    const source = await at.open({ maxAgeMs: 600_000 }, ALL);
    assert.equal((await texts(source)).length, 3);
    at.server.requests.length = 0;
    at.put('DAY4.TXT', '4\n');
    await looksAgain();
    assert.equal((await texts(source)).length, 3);
    await source.check(never);
    assert.deepEqual(at.server.requests, []);
  });

  it('is looked at by its folder alone while that tells nothing new of the files', async () => {
    await using at = await site();
    three(at);
    const source = await at.open({ maxAgeMs: 1_500 }, ALL);
    await texts(source);
    at.server.requests.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    assert.deepEqual(await texts(source), ['1', '2', '3']);
    assert.deepEqual(kinds(at), ['close', 'opendir', 'readdir']);
    at.put('DAY2.TXT', 'new\n', 60);
    at.put('DAY4.TXT', '4\n');
    rmSync(join(at.remote.path, 'DAY1.TXT'));
    at.server.requests.length = 0;
    await new Promise((resolve) => setTimeout(resolve, 1_600));
    assert.deepEqual(await texts(source), ['new', '3', '4']);
    const read = new Set(at.server.requests.filter(({ kind }) => kind === 'read').map(({ path }) => path));
    assert.deepEqual([...read].toSorted(), ['DAY2.TXT', 'DAY4.TXT']);
    await source.check(never);
  });

  it('sees a change of the same length within one second where every request looks', async () => {
    await using at = await site();
    three(at);
    const source = await at.open({}, ALL);
    await texts(source);
    at.put('DAY2.TXT', 'x\n');
    await looksAgain();
    assert.deepEqual(await texts(source), ['1', 'x', '3']);
  });

  it('of many files needs few connections', async () => {
    await using at = await site();
    for (let i = 0; i < 80; i++) at.put(`DAY${String(i).padStart(3, '0')}.TXT`, `${i}\n`);
    const source = await at.open({}, ALL);
    const rows = await texts(source);
    assert.deepEqual(
      rows,
      Array.from({ length: 80 }, (_, i) => String(i)),
    );
    assert.ok(at.server.logins() <= 2);
  });

  it('goes on being served while the server is down, also after a restart, and the check says so', async () => {
    await using at = await site();
    three(at);
    const first = await at.open({ maxAgeMs: 100 }, ALL);
    await texts(first);
    at.server.down = true;
    at.server.cut();
    await looksAgain();
    assert.deepEqual(await texts(first), ['1', '2', '3']);
    await first[Symbol.asyncDispose]();
    const second = await at.open({ maxAgeMs: 100 }, ALL);
    assert.deepEqual(await texts(second), ['1', '2', '3']);
    assert.equal((await faultOf(() => second.check(never))).kind, 'unavailable');
    at.server.down = false;
    at.put('DAY4.TXT', '4\n');
    await looksAgain();
    assert.deepEqual(await texts(second), ['1', '2', '3', '4']);
    await second.check(never);
  });

  it('goes on being served while the server stalls, and no file of it is waited for', async () => {
    await using at = await site();
    three(at);
    const options = { waitMs: 50, stallMs: 60_000, maxAgeMs: 200 };
    const source = await at.open(options, ALL);
    await texts(source);
    at.server.requests.length = 0;
    at.server.fate = () => 'stall';
    await looksAgain();
    assert.deepEqual(await texts(source), ['1', '2', '3']);
    assert.deepEqual(kinds(at), ['opendir']);
  });

  it('has no file that may still be written to before it is settled', async () => {
    await using at = await site();
    three(at);
    at.put('DAY4.TXT', 'half', 0);
    const source = await at.open({ settleMs: 600_000 }, ALL);
    assert.deepEqual(await texts(source), ['1', '2', '3']);
    at.put('DAY2.TXT', 'half', 0);
    at.put('DAY4.TXT', '4\n');
    await looksAgain();
    assert.deepEqual(await texts(source), ['1', '2', '3', '4'], 'of a file that changes, the version before');
    await source.check(never);
  });

  it('has a file from a server whose clock is ahead once it has looked the same for long enough', async () => {
    await using at = await site();
    three(at);
    at.put('DAY4.TXT', '4\n', -3_600);
    const source = await at.open({ settleMs: 200 }, ALL);
    assert.deepEqual(await texts(source), ['1', '2', '3']);
    await looksAgain();
    assert.deepEqual(await texts(source), ['1', '2', '3', '4']);
  });

  it('keeps no room for files that are gone', async () => {
    await using at = await site();
    three(at);
    const source = await at.open({ cache: { folder: 'cache', maxBytes: 6 } }, ALL);
    await texts(source);
    for (const i of [1, 2, 3]) renameSync(join(at.remote.path, `DAY${i}.TXT`), join(at.remote.path, `${i}`));
    for (const i of [4, 5, 6]) at.put(`DAY${i}.TXT`, `${i}\n`);
    await looksAgain();
    assert.deepEqual(await texts(source), ['4', '5', '6']);
    at.put('DAY7.TXT', '7\n');
    await looksAgain();
    assert.equal((await faultOf(() => texts(source))).code, 'cache-full');
  });

  it('does without a record of the folder that is damaged', async () => {
    await using at = await site();
    three(at);
    const first = await at.open({}, ALL);
    await texts(first);
    await first[Symbol.asyncDispose]();
    const [record = ''] = at.cached().filter((name) => name.endsWith('.list'));
    const path = join(at.local.path, 'cache', 'files', record);
    writeFileSync(path, readFileSync(path).subarray(0, 20));
    assert.deepEqual(await texts(await at.open({}, ALL)), ['1', '2', '3']);
  });

  it('is served from before when a look is cut in the middle', async () => {
    await using at = await site();
    three(at);
    const source = await at.open({}, ALL);
    await texts(source);
    at.put('DAY4.TXT', '4\n');
    at.server.fate = ({ kind }) => (kind === 'readdir' ? 'cut' : 'answer');
    await looksAgain();
    assert.deepEqual(await texts(source), ['1', '2', '3']);
    assert.equal((await faultOf(() => source.check(never))).code, 'connection-lost');
  });

  it('is a fault with host and folder where the folder cannot be had', async () => {
    const fates: readonly (readonly [fate: number | 'stall' | 'cut', code: string, message: RegExp])[] = [
      [3, 'file-unreadable', /"north" on 127\.0\.0\.1 may not be read/],
      [2, 'file-missing', /"north" on 127\.0\.0\.1 does not exist/],
      [4, 'read-error', /"north" on 127\.0\.0\.1 cannot be read/],
      ['stall', 'stalled', /127\.0\.0\.1 sent nothing/],
      ['cut', 'connection-lost', /127\.0\.0\.1 was lost/],
    ];
    await using at = await site();
    mkdirSync(join(at.remote.path, 'north'));
    for (const [fate, code, message] of fates) {
      at.server.fate = ({ kind }) => (kind === 'opendir' ? fate : 'answer');
      const source = await at.open({ stallMs: 200, cache: { folder: code } }, { files: 'north/*' });
      const fault = await faultOf(() => texts(source));
      assert.deepEqual([fault.kind, fault.code], ['unavailable', code]);
      assert.match(fault.message, message);
    }
  });

  it('does not follow what leads out of the root, and names it', async () => {
    await using at = await site();
    three(at);
    symlinkSync('/etc/hostname', join(at.remote.path, 'DAY4.TXT'));
    at.server.aliases.set('DAY4.TXT', '/etc/hostname');
    const fault = await faultOf(async () => texts(await at.open({}, ALL)));
    assert.equal(fault.code, 'link-outside-root');
    symlinkSync('/etc', join(at.remote.path, 'out'));
    const folder = await faultOf(async () => texts(await at.open({}, { files: 'out/host*' })));
    assert.deepEqual([folder.code, folder.misconfigured], ['path-outside-root', true]);
    rmSync(join(at.remote.path, 'DAY4.TXT'));
    symlinkSync('nowhere', join(at.remote.path, 'DAY4.TXT'));
    at.server.aliases.clear();
    const dangling = await faultOf(async () => texts(await at.open({}, ALL)));
    assert.equal(dangling.code, 'not-a-file');
  });

  it('is looked for once more when a file that was listed is gone', async () => {
    await using at = await site();
    three(at);
    const source = await at.open({ maxAgeMs: 600_000 }, ALL);
    at.server.fate = ({ kind, path }) => {
      if (kind === 'stat' && path === 'DAY2.TXT') rmSync(join(at.remote.path, path), { force: true });
      return 'answer';
    };
    assert.deepEqual(await texts(source), ['1', '3']);
  });

  it('is empty where nothing matches, and nothing of a file is asked', async () => {
    await using at = await site();
    at.put('other', 'no\n');
    utimesSync(join(at.remote.path, 'other'), 1, 1);
    assert.deepEqual(await texts(await at.open({}, ALL)), []);
    assert.deepEqual(kinds(at), ['close', 'opendir', 'readdir']);
  });
});
