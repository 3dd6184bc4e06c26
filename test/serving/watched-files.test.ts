import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sights, watchFiles } from '../../src/serving/watched-files.ts';
import { folderWith } from '../config/written.ts';
import { until } from './probe.ts';

/** Long enough that only the system's word can have been heard. */
const NEVER = 600_000;

async function watching(
  t: TestContext,
  files: readonly string[] | (() => readonly string[]),
  pollMs = NEVER,
  settleMs = 30,
) {
  const ending = new AbortController();
  const since = await sights(typeof files === 'function' ? files() : files);
  const told = { changes: 0 };
  const watched = watchFiles(typeof files === 'function' ? files : () => files, () => told.changes++, {
    pollMs,
    settleMs,
    since,
    signal: ending.signal,
  });
  t.after(async () => {
    ending.abort();
    await watched;
  });
  return told;
}

describe('watched files', () => {
  it('a file that is written in its place, and one that an editor puts in its place, has changed', async (t) => {
    const folder = folderWith({ a: 'one' });
    const file = join(folder, 'a');
    const told = await watching(t, [file]);
    writeFileSync(file, 'two');
    await until(() => told.changes === 1);
    writeFileSync(join(folder, 'a.new'), 'three');
    renameSync(join(folder, 'a.new'), file);
    await until(() => told.changes === 2);
  });

  it('Kubernetes puts another folder behind the link: one change', async (t) => {
    const folder = folderWith({});
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'a'), version);
    }
    symlinkSync('v1', join(folder, '..data'));
    symlinkSync(join('..data', 'a'), join(folder, 'a'));
    const told = await watching(t, [join(folder, 'a')]);
    symlinkSync('v2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    await until(() => told.changes === 1);
    await wait(200);
    assert.equal(told.changes, 1);
  });

  it('what goes and what comes is a change; the same content is none, whoever has touched it', async (t) => {
    const folder = folderWith({ a: 'one' });
    const file = join(folder, 'a');
    const told = await watching(t, [file]);
    utimesSync(file, new Date(), new Date(0));
    writeFileSync(file, 'one');
    writeFileSync(join(folder, 'other'), 'nobody asks for it');
    await wait(250);
    assert.equal(told.changes, 0);
    unlinkSync(file);
    await until(() => told.changes === 1);
    writeFileSync(file, 'one');
    await until(() => told.changes === 2);
  });

  it('a file that is being written is told of when it stays as it is', async (t) => {
    const folder = folderWith({ a: '' });
    const file = join(folder, 'a');
    const told = await watching(t, [file], NEVER, 150);
    for (let i = 0; i < 15; i++) {
      appendFileSync(file, `line ${i}\n`);
      await wait(30);
      assert.equal(told.changes, 0);
    }
    await until(() => told.changes === 1);
  });

  it('where the system says nothing the clock does: a folder that comes later', async (t) => {
    const folder = folderWith({});
    const file = join(folder, 'later', 'a');
    const told = await watching(t, [file], 40);
    mkdirSync(join(folder, 'later'));
    writeFileSync(file, 'one');
    await until(() => told.changes === 1);
  });

  it('no change is missed between the reading of a file and the first look at it', async (t) => {
    const folder = folderWith({ a: 'one', b: 'two' });
    const files = [join(folder, 'a')];
    const before = await sights(files);
    writeFileSync(join(folder, 'a'), 'another');
    const ending = new AbortController();
    let changes = 0;
    let asRead = true;
    const watched = watchFiles(
      () => files,
      () => changes++,
      {
        pollMs: NEVER,
        settleMs: 10,
        since: before,
        asRead: async () => asRead,
        signal: ending.signal,
      },
    );
    t.after(async () => {
      ending.abort();
      await watched;
    });
    await until(() => changes === 1);
    asRead = false;
    files.push(join(folder, 'b'));
    writeFileSync(join(folder, 'c'), 'somebody has to wake us');
    await until(() => changes === 2);
    await wait(100);
    assert.equal(changes, 2);
  });

  it('a file that comes to those that are watched is no change by itself', async (t) => {
    const folder = folderWith({ a: 'one', b: 'two' });
    const files = [join(folder, 'a')];
    const told = await watching(t, () => files, 20);
    files.push(join(folder, 'b'));
    await wait(150);
    assert.equal(told.changes, 0);
    writeFileSync(join(folder, 'b'), 'three');
    await until(() => told.changes === 1);
  });
});
