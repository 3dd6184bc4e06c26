import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileChanges } from '../../src/serving/on-file-change.ts';
import { folderWith } from '../config/written.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function counting(t: TestContext, files: readonly string[], settleMs = 20) {
  let calls = 0;
  const watching = await fileChanges({ pollMs: 40, settleMs })(files, () => calls++);
  t.after(() => watching[Symbol.dispose]());
  return {
    calls: () => calls,
    end: () => watching[Symbol.dispose](),
    async until(count: number): Promise<void> {
      for (let i = 0; i < 500 && calls < count; i++) await wait(10);
      assert.equal(calls, count);
    },
  };
}

describe('a change of a file', () => {
  it('is told when it is written, gone, and there again', async (t) => {
    const file = join(folderWith({ a: '1' }), 'a');
    const { until } = await counting(t, [file]);
    writeFileSync(file, '2');
    await until(1);
    rmSync(file);
    await until(2);
    writeFileSync(file, '2');
    await until(3);
  });

  it('is told when a folder changes behind a link, as secrets of Kubernetes do', async (t) => {
    const folder = folderWith({});
    for (const version of ['v1', 'v2']) {
      mkdirSync(join(folder, version));
      writeFileSync(join(folder, version, 'tls.crt'), version);
    }
    symlinkSync('v1', join(folder, '..data'));
    symlinkSync(join('..data', 'tls.crt'), join(folder, 'tls.crt'));
    const { until } = await counting(t, [join(folder, 'tls.crt')]);
    symlinkSync('v2', join(folder, '..next'));
    renameSync(join(folder, '..next'), join(folder, '..data'));
    await until(1);
  });

  it('of several files that are written after each other is one', async (t) => {
    const folder = folderWith({ a: '1', b: '1' });
    const files = [join(folder, 'a'), join(folder, 'b')];
    const { calls, until } = await counting(t, files, 150);
    for (const file of files) {
      writeFileSync(file, '2');
      await wait(30);
    }
    await until(1);
    await wait(400);
    assert.equal(calls(), 1);
  });

  it('is not told while somebody is still writing, nor of other files of the folder', async (t) => {
    const folder = folderWith({ a: '1' });
    const { calls, until } = await counting(t, [join(folder, 'a')], 150);
    for (let i = 0; i < 10; i++) {
      appendFileSync(join(folder, 'a'), 'more');
      appendFileSync(join(folder, 'other'), 'more');
      await wait(20);
    }
    assert.equal(calls(), 0);
    await until(1);
    writeFileSync(join(folder, 'other'), 'x');
    await wait(400);
    assert.equal(calls(), 1);
  });

  it('is told though the folder never rests', async (t) => {
    const folder = folderWith({ a: '1' });
    const { until } = await counting(t, [join(folder, 'a')], 30);
    const busy = setInterval(() => appendFileSync(join(folder, 'log'), 'x'), 5);
    t.after(() => clearInterval(busy));
    writeFileSync(join(folder, 'a'), '2');
    await until(1);
  });

  it('is not told any more to who has gone', async (t) => {
    const file = join(folderWith({ a: '1' }), 'a');
    const { calls, end } = await counting(t, [file]);
    writeFileSync(file, '2');
    end();
    await wait(200);
    assert.equal(calls(), 0);
  });
});
