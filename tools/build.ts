// Writes what is published and what the image runs: src/ and adapters/ as few JavaScript files, because a start is mostly loading
// modules (180 of them for a conversion), and the declarations of each module beside them. Packages stay outside. The package.json
// there leads `#spi` and `#codec/*` to the declarations. `node tools/build.ts [FOLDER]`, by default dist/.

import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';

const root = dirname(import.meta.dirname);
const target = resolve(process.argv[2] ?? join(root, 'dist'));

interface Package {
  readonly name: string;
  readonly version: string;
  readonly imports: Readonly<Record<string, string>>;
}
const source: Package = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

rmSync(target, { recursive: true, force: true });
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
const project = join(import.meta.dirname, 'tsconfig.build.json');
const declared = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', target], { stdio: 'inherit' });
if (declared.status !== 0) process.exit(declared.status ?? 1);

await build({
  absWorkingDir: root,
  entryPoints: [
    { in: 'src/main.ts', out: 'main' },
    { in: 'src/codec/index.ts', out: 'codec/index' },
    { in: 'src/codec/charset/without-iconv.ts', out: 'codec/charset/without-iconv' },
    // Threads are started from files that stand beside the ones that start them, which become chunks.
    { in: 'src/cli/records/lane-worker.ts', out: 'chunks/lane-worker' },
    { in: 'adapters/file/scans/scan-worker.ts', out: 'chunks/scan-worker' },
  ],
  outdir: join(target, 'src'),
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node26',
  logLevel: 'warning',
});

const emitted = {
  name: source.name,
  version: source.version,
  private: true,
  type: 'module',
  imports: Object.fromEntries(
    Object.entries(source.imports).map(([name, path]) => [name, path.replace(/\.ts$/, '.js')]),
  ),
  // Bundlers for the browser put the second in the place of the first.
  browser: { 'iconv-lite': './src/codec/charset/without-iconv.js' },
};
writeFileSync(join(target, 'package.json'), `${JSON.stringify(emitted, null, 2)}\n`);
chmodSync(join(target, 'src', 'main.js'), 0o755);
