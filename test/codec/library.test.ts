// `overpunch/codec` as who imports it sees it: no I/O, nothing of Node, and an example that is true.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { folderWith } from '../config/written.ts';

const root = join(import.meta.dirname, '..', '..');
const DOOR = join(root, 'src', 'codec', 'index.ts');

/** Files of the project that the library brings, and what they import from elsewhere. */
function graph(): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (files.has(path)) return;
    files.add(path);
    // Types are gone when it runs.
    const code = readFileSync(path, 'utf8').replace(/^(?:import|export) type [^;=]*?from '[^']+';$/gm, '');
    const imports = code.matchAll(
      /^(?:import|export)\b[^;'=]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm,
    );
    for (const [, from, bare, dynamic] of imports) {
      const specifier = from ?? bare ?? dynamic ?? '';
      if (specifier.startsWith('.')) visit(join(dirname(path), specifier));
      else packages.add(specifier);
    }
  };
  visit(DOOR);
  return { files, packages };
}

describe('the library overpunch/codec', () => {
  it('imports nothing of Node, and of packages iconv-lite alone', () => {
    assert.deepEqual([...graph().packages], ['iconv-lite']);
  });

  it('brings the codec with the model and the filter language below it, and nothing of the gateway', () => {
    const folders = new Set(
      [...graph().files].map((path) => relative(root, path).split('/').slice(0, 2).join('/')),
    );
    assert.deepEqual([...folders].toSorted(), ['src/codec', 'src/fault.ts', 'src/model', 'src/query']);
  });

  it('uses no global of Node', () => {
    for (const path of graph().files) {
      const code = readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      assert.doesNotMatch(code, /\b(Buffer\.|process\.|__dirname\b|require\()/, relative(root, path));
    }
  });

  it('runs in a browser: without Buffer, without iconv-lite, with every EBCDIC page', () => {
    const script = `
      import { registerHooks } from 'node:module';
      const stub = ${JSON.stringify(pathToFileURL(join(root, 'src/codec/charset/without-iconv.ts')).href)};
      registerHooks({
        resolve: (name, context, next) => name === 'iconv-lite' ? { url: stub, shortCircuit: true } : next(name, context),
      });
      const print = console.log;
      delete globalThis.Buffer;
      delete globalThis.process;
      const { CHARSET_NAMES, compile, layoutOf, openCharset, parseCopybook } = await import(${JSON.stringify(DOOR)});
      const missing = CHARSET_NAMES.filter((name) => {
        try {
          return openCharset(name).name !== name;
        } catch (error) {
          if (error.code !== 'unknown-charset') throw error;
          return true;
        }
      });
      const [record] = parseCopybook('01 R. 05 A PIC X(3). 05 B PIC S9(5)V99 COMP-3.').records;
      const latin = compile(layoutOf(record, { charset: 'latin1' }));
      const bytes = latin.encode({ a: 'äöü', b: '-1.50' });
      const row = latin.decoder(['a', 'b'])(bytes, 0, bytes.length, () => ({}));
      print(JSON.stringify({ missing, row }));
    `;
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    const { missing, row }: { missing: readonly string[]; row: unknown } = JSON.parse(printed);
    assert.deepEqual(row, { a: 'äöü', b: '-1.50' });
    const ebcdic = missing.filter((name) => /^cp\d/.test(name) && !/^cp[478]\d\d$/.test(name));
    assert.deepEqual(ebcdic, []);
    assert.ok(!missing.includes('utf-8') && !missing.includes('windows-1252') && !missing.includes('ascii'));
  });

  it('does what the example in its docstring says', async () => {
    const [, doc = ''] = /\/\*\*\n([\s\S]*?)\*\//.exec(readFileSync(DOOR, 'utf8')) ?? [];
    const lines = doc
      .split('\n')
      .flatMap((line) => /^ \* {5}(.*)$/.exec(line)?.[1] ?? (line === ' *' ? [''] : []));
    const example = lines.join('\n').replace("'overpunch/codec'", JSON.stringify(DOOR));
    // Behind a statement stands what it gives.
    const said = example.replace(
      /^(?!const|import)(\S.*);\s+\/\/ (.*)$/gm,
      'told.push([$1, String.raw`$2`]);',
    );
    const folder = folderWith({});
    const file = join(folder, 'example.mjs');
    writeFileSync(file, `${said.replace(/^import .*$/m, '$&\nexport const told = [];')}\n`);
    const { told }: { told: readonly (readonly [unknown, string])[] } = await import(file);
    assert.equal(told.length, 2);
    for (const [value, text] of told) {
      const expected = text.startsWith('{"') ? text : new Function(`return (${text})`)();
      assert.deepEqual(value, expected);
    }
  });
});
