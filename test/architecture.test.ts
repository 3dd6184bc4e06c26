// Keeps section 2 of the design true: who may import whom, what is pure, and what the house style forbids.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';

const root = join(import.meta.dirname, '..');

interface Module {
  readonly path: string;
  readonly text: string;
  /** Paths inside the project, and package names as they stand. */
  readonly imports: readonly string[];
}

const ALIASES: readonly (readonly [RegExp, string])[] = [
  [/^#spi$/, 'src/spi.ts'],
  [/^#codec\/(.*)$/, 'src/codec/$1.ts'],
];

function modules(pattern: string): readonly Module[] {
  return globSync(pattern, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) => {
        if (specifier.startsWith('.')) return normalize(join(dirname(path), specifier)).replaceAll('\\', '/');
        const alias = ALIASES.find(([from]) => from.test(specifier));
        return alias === undefined ? specifier : specifier.replace(alias[0], alias[1]);
      });
      return { path, text, imports };
    });
}

const source = modules('src/**/*.ts');
const adapters = modules('adapters/**/*.ts');

/** Folder or file of `src` → what of the project it may import, beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/fault.ts': [],
  'src/policy.ts': [],
  'src/model': ['src/fault.ts'],
  'src/query': ['src/model', 'src/fault.ts', 'src/policy.ts'],
  'src/codec': ['src/model', 'src/query', 'src/fault.ts', 'src/spi.ts'],
  'src/spi.ts': ['src/model', 'src/query', 'src/fault.ts'],
  'src/plan': ['src/query', 'src/model', 'src/fault.ts', 'src/policy.ts', 'src/spi.ts'],
  'src/guard': ['src/query', 'src/model', 'src/fault.ts', 'src/policy.ts', 'src/spi.ts'],
  'src/run': [
    'src/plan',
    'src/guard',
    'src/query',
    'src/model',
    'src/fault.ts',
    'src/policy.ts',
    'src/spi.ts',
  ],
  'src/rest': ['src/query', 'src/model', 'src/fault.ts', 'src/policy.ts', 'src/http/problem.ts'],
  'src/graphql': ['src/query', 'src/model', 'src/fault.ts', 'src/policy.ts'],
  'src/http': [
    'src/rest',
    'src/graphql',
    'src/query',
    'src/model',
    'src/fault.ts',
    'src/policy.ts',
    'src/observe.ts',
  ],
  'src/observe.ts': ['src/query', 'src/fault.ts', 'src/policy.ts'],
  'src/config': [
    'src/plan',
    'src/query',
    'src/model',
    'src/fault.ts',
    'src/policy.ts',
    'src/spi.ts',
    'src/run',
    'adapters/index.ts',
  ],
};

/** No I/O, no clock, no randomness, no `node:` import. */
const PURE = [
  'src/fault.ts',
  'src/policy.ts',
  'src/spi.ts',
  'src/model/',
  'src/query/',
  'src/codec/',
  'src/plan/',
  'src/http/problem.ts',
  'src/rest/routes.ts',
  'src/rest/parse.ts',
  'src/rest/openapi.ts',
  'src/graphql/schema.ts',
  'src/graphql/inputs.ts',
  'src/graphql/scalars.ts',
];

function inside(path: string, place: string): boolean {
  return (
    path === place || path.startsWith(place.endsWith('/') ? place : `${place}/`) || path === `${place}.ts`
  );
}

function projectImports({ imports }: Module): readonly string[] {
  return imports.filter((target) => target.startsWith('src/') || target.startsWith('adapters/'));
}

describe('architecture', () => {
  for (const [place, allowed] of Object.entries(MAY_IMPORT)) {
    it(`${place} imports only ${allowed.length === 0 ? 'itself' : allowed.join(', ')}`, () => {
      const own = source.filter(({ path }) => inside(path, place));
      assert.ok(own.length > 0, `${place} is there`);
      for (const module of own) {
        for (const target of projectImports(module)) {
          const fine = inside(target, place) || allowed.some((other) => inside(target, other));
          assert.ok(fine, `${module.path} imports ${target}`);
        }
      }
    });
  }

  it('the gateway imports no adapter but through adapters/index', () => {
    for (const module of source) {
      for (const target of projectImports(module).filter((path) => path.startsWith('adapters/'))) {
        assert.equal(target, 'adapters/index.ts', `${module.path} imports ${target}`);
      }
    }
  });

  it('an adapter imports the contract, the codec, and its own folder; SQL products also adapters/sql', () => {
    for (const module of adapters.filter(({ path }) => path !== 'adapters/index.ts')) {
      const folder = dirname(module.path);
      for (const target of projectImports(module)) {
        const fine =
          target === 'src/spi.ts' ||
          inside(target, 'src/codec') ||
          inside(target, folder) ||
          inside(target, 'adapters/sql');
        assert.ok(fine, `${module.path} imports ${target}`);
      }
      assert.ok(
        !module.imports.includes('express') && !module.imports.includes('graphql'),
        `${module.path} knows a facade`,
      );
    }
  });

  it('pure files have no I/O, no clock and no randomness', () => {
    for (const { path, text, imports } of source.filter((module) =>
      PURE.some((place) => inside(module.path, place) || module.path.startsWith(place)),
    )) {
      assert.deepEqual(
        imports.filter((name) => name.startsWith('node:')),
        [],
        path,
      );
      const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
      for (const forbidden of [
        /\bMath\.random\b/,
        /\bDate\.now\b/,
        /\bnew Date\b/,
        /\bTemporal\.Now\b/,
        /\bsetTimeout\b/,
        /\bprocess\./,
        /\bBuffer\./,
        /\bfetch\(/,
      ]) {
        assert.doesNotMatch(code, forbidden, path);
      }
    }
  });

  it('only the guard makes timers in the gateway', () => {
    for (const { path, text } of source) {
      if (path.startsWith('src/guard/') || path.startsWith('src/http/')) continue;
      assert.doesNotMatch(text.replace(/\/\/.*$/gm, ''), /\bset(Timeout|Interval)\(/, path);
    }
  });

  it('every file begins by saying what it knows', () => {
    for (const { path, text } of [...source, ...adapters].filter(
      (module) => !module.path.endsWith('.generated.ts'),
    )) {
      assert.match(text, /^(#!.*\n)?\/\//, path);
    }
  });

  it('no file holds two ideas: 400 lines at most', () => {
    for (const { path, text } of [...source, ...adapters].filter(
      (module) => !module.path.endsWith('.generated.ts'),
    )) {
      assert.ok(text.split('\n').length <= 400, `${path} has ${text.split('\n').length} lines`);
    }
  });

  it('no cast without a reason, no drawer without a name', () => {
    for (const { path, text } of [...source, ...adapters]) {
      const lines = text.split('\n');
      for (const [i, line] of lines.entries()) {
        const code = line.replace(/\/\/.*$/, '').replace(/"[^"]*"|'[^']*'|`[^`]*`/g, "''");
        if (/^\s*(import|export)\b/.test(code) || /^\s*\/?\*/.test(code)) continue;
        if (!/[\w)\]}>] as (?!const\b)[A-Za-z{[(]/.test(code)) continue;
        assert.match(lines[i - 1] ?? '', /\/\/ cast: \S/, `${path}:${i + 1} casts without a reason`);
      }
      assert.doesNotMatch(path, /(^|\/)(utils?|helpers?|common)(\/|\.ts$)/);
    }
  });
});
