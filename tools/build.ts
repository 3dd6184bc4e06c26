// Writes what is published and what the image runs: JavaScript of src/ and adapters/ with a package.json of its own,
// so that `#spi` and `#codec/*` lead to the JavaScript there. `node tools/build.ts [FOLDER]`, by default dist/.

import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

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
const compiled = spawnSync(process.execPath, [tsc, '-p', project, '--outDir', target], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

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
