import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { folderWith } from '../config/written.ts';
import { overpunch, serving } from './overpunch.ts';

const root = join(import.meta.dirname, '..', '..');

describe('what the build writes', () => {
  const folder = folderWith({
    'c.yaml': `sources:
  core:
    adapter: memory
    collections:
      customers: { key: [id], fields: { id: string }, rows: [{ id: A }] }
`,
  });
  const main = join(folder, 'dist', 'src', 'main.js');

  before(() => {
    const built = spawnSync(process.execPath, [join(root, 'tools', 'build.ts'), join(folder, 'dist')], {
      encoding: 'utf8',
    });
    assert.equal(built.status, 0, built.stdout + built.stderr);
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  });

  it('is a program that can be run by its name', () => {
    accessSync(main, constants.X_OK);
    const { status, stdout } = spawnSync(main, ['--version'], { encoding: 'utf8' });
    assert.equal(status, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  });

  it('checks and serves a configuration without any TypeScript', async () => {
    const file = join(folder, 'c.yaml');
    const checked = await overpunch(['check', '-c', file], {}, main);
    assert.deepEqual(checked, { code: 0, out: 'core (memory): up, 1 collection: customers\n', err: '' });
    const gateway = await serving(['-c', file, '--port', '0'], {}, main);
    const response = await fetch(`${gateway.url}/api/customers/A`);
    assert.deepEqual(await response.json(), { id: 'A' });
    gateway.child.kill('SIGTERM');
    assert.equal((await gateway.ended).code, 0);
  });
});
