import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { before, describe, it } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { folderWith } from '../config/written.ts';
import { overpunch, serving } from './overpunch.ts';

const root = join(import.meta.dirname, '..', '..');

describe('what the build writes', () => {
  const folder = folderWith({
    'c.yaml': `access: { development: true }
sources:
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

  it('converts with several threads: the file of a thread stands beside what starts it', async () => {
    const copybook = join(folder, 'r.cpy');
    const data = join(folder, 'r.dat');
    writeFileSync(copybook, '       01 R.\n           05 A PIC X(32768).\n');
    writeFileSync(data, Buffer.alloc(300 * 32_768, 0x40));
    const { code, out, err } = await overpunch(
      ['convert', '--copybook', copybook, '--jobs', '2', data],
      {},
      main,
    );
    assert.deepEqual({ code, err }, { code: 0, err: '' });
    assert.equal(out, '{"a":""}\n'.repeat(300));
  });

  it('has a codec that imports nothing of Node, in all of its files', () => {
    const seen = new Set<string>();
    const look = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
        /^(?:import\b[^"]*|\} from )"([^"]+)";$/gm,
      )) {
        assert.ok(!name.startsWith('node:'), `${file} imports ${name}`);
        if (name.startsWith('.')) look(resolve(dirname(file), name));
      }
    };
    look(join(folder, 'dist', 'src', 'codec', 'index.js'));
    assert.ok(seen.size > 1);
  });

  it('has a codec that a bundler makes a script for browsers of, which needs nothing of Node', async () => {
    const { outputFiles } = await build({
      stdin: {
        contents: `import { compile, layoutOf, openCharset, parseCopybook } from './dist/src/codec/index.js';
const [record] = parseCopybook('01 A. 05 B PIC S9(3) COMP-3. 05 C PIC X(2).').records;
const bytes = Uint8Array.of(0x12, 0x3d, 0xc0, 0xd0);
globalThis.told = [
  compile(layoutOf(record, { charset: 'cp1141' })).decoder(['b', 'c'])(bytes, 0, 4, () => ({})),
  openCharset('latin1').decode(bytes, 2, 4),
];`,
        resolveDir: folder,
      },
      bundle: true,
      write: false,
      platform: 'browser',
      format: 'iife',
    });
    const page: { told?: unknown } = createContext({ TextDecoder, TextEncoder });
    runInContext(outputFiles[0]?.text ?? '', page);
    assert.equal(JSON.stringify(page.told), '[{"b":-123,"c":"äü"},"ÀÐ"]');
  });

  it('is a package whose codec is a library, with types, in an empty folder', () => {
    copyFileSync(join(root, 'package.json'), join(folder, 'package.json'));
    const packed = run('npm', ['pack', '--ignore-scripts', '--json'], folder);
    const [{ filename }]: readonly [{ filename: string }] = JSON.parse(packed);
    const empty = folderWith({
      'package.json': '{ "type": "module" }',
      'use.ts': `import { compile, layoutOf, parseCopybook, type Row } from 'overpunch/codec';
const [record] = parseCopybook('       01 A.\\n           05 B PIC S9(3) COMP-3.\\n').records;
if (record === undefined) throw new Error('no record');
const row: Row = compile(layoutOf(record, { charset: 'cp037' })).decoder(['b'])(new Uint8Array([0x12, 0x3d]), 0, 2, () => ({}));
console.log(JSON.stringify(row));
`,
    });
    const modules = join(empty, 'node_modules');
    mkdirSync(join(modules, 'overpunch'), { recursive: true });
    run(
      'tar',
      ['-xf', join(folder, filename), '-C', join(modules, 'overpunch'), '--strip-components=1'],
      empty,
    );
    for (const name of ['iconv-lite', 'safer-buffer', 'zod']) {
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
    }
    assert.equal(run(process.execPath, ['use.ts'], empty), '{"b":-123}\n');
    writeFileSync(
      join(empty, 'tsconfig.json'),
      '{ "compilerOptions": { "strict": true, "module": "nodenext", "target": "esnext", "noEmit": true, "types": [], "lib": ["esnext", "dom"] } }',
    );
    run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', empty], empty);
  });
});

/** What it writes to standard output; fails unless it ends well. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}
