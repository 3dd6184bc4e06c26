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

/** `import … from`, `export … from`, `import '…'` and `import('…')`. */
const IMPORT = /^(?:import|export)\b[^;'=]*?from '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm;

function modules(pattern: string): readonly Module[] {
  return globSync(pattern, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map(([, named, bare, dynamic]) => {
    const specifier = named ?? bare ?? dynamic ?? '';
    if (specifier.startsWith('.')) return normalize(join(dirname(path), specifier)).replaceAll('\\', '/');
    const alias = ALIASES.find(([from]) => from.test(specifier));
    return alias === undefined ? specifier : specifier.replace(alias[0], alias[1]);
  });
}

const source = modules('src/**/*.ts');
const adapters = modules('adapters/**/*.ts');

/** Folder or file of `src` → what of the project it may import, beside itself. The lower stands above. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/fault.ts': [],
  'src/policy.ts': [],
  'src/model': ['src/fault.ts'],
  'src/query': ['src/model', 'src/fault.ts', 'src/policy.ts'],
  'src/spi.ts': ['src/model', 'src/query', 'src/fault.ts'],
  'src/codec': ['src/model', 'src/query', 'src/fault.ts'],
  'src/plan': ['src/rights', 'src/query', 'src/model', 'src/fault.ts', 'src/policy.ts', 'src/spi.ts'],
  'src/guard': [
    'src/state/budgets.ts',
    'src/fault.ts',
    'src/model',
    'src/policy.ts',
    'src/observe.ts',
    'src/query',
    'src/spi.ts',
  ],
  'src/cache': ['src/guard', 'src/query', 'src/model', 'src/fault.ts', 'src/spi.ts'],
  'src/rights': ['src/query', 'src/model', 'src/fault.ts', 'src/policy.ts'],
  'src/telemetry': ['src/query', 'src/model', 'src/fault.ts', 'src/observe.ts'],
  'src/state': ['src/fault.ts'],
  'src/auth': ['src/query', 'src/model', 'src/fault.ts', 'src/policy.ts', 'src/observe.ts'],
  'src/run': [
    'src/state/budgets.ts',
    'src/rights',
    'src/observe.ts',
    'src/plan',
    'src/guard',
    'src/query',
    'src/model',
    'src/fault.ts',
    'src/policy.ts',
    'src/spi.ts',
  ],
  'src/observe.ts': ['src/query', 'src/model', 'src/fault.ts'],
  'src/rest': ['src/query', 'src/model', 'src/fault.ts', 'src/policy.ts'],
  'src/graphql': ['src/query', 'src/model', 'src/fault.ts', 'src/policy.ts'],
  'src/http': [
    'src/state',
    'src/auth',
    'src/rights',
    'src/rest',
    'src/query',
    'src/model',
    'src/fault.ts',
    'src/policy.ts',
    'src/observe.ts',
  ],
  'src/config': ['src/auth', 'src/observe.ts', 'src/model', 'src/fault.ts', 'src/policy.ts', 'src/spi.ts'],
  'src/gateway': [
    'src/serving/on-file-change.ts',
    'src/state',
    'src/auth',
    'src/rights',
    'src/guard',
    'src/cache',
    'src/telemetry',
    'src/policy.ts',
    'src/spi.ts',
    'src/config',
    'src/run',
    'src/http',
    'src/graphql',
    'src/query',
    'src/model',
    'src/fault.ts',
    'src/observe.ts',
  ],
  'src/serving': [
    'src/gateway',
    'src/http',
    'src/config',
    'src/guard',
    'src/fault.ts',
    'src/policy.ts',
    'src/observe.ts',
  ],
  'src/cli': [
    'src/serving',
    'src/state',
    'src/auth',
    'src/rights',
    'src/telemetry',
    'src/policy.ts',
    'src/gateway',
    'src/config',
    'src/http',
    'src/rest',
    'src/graphql',
    'src/codec',
    'src/guard',
    'src/query',
    'src/model',
    'src/fault.ts',
    'src/observe.ts',
    'src/spi.ts',
    'adapters/index.ts',
  ],
  'src/main.ts': ['src/cli'],
};

/** Package → the only places that import it. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@graphql-yoga/render-graphiql': ['src/graphql'],
  '@opentelemetry/api': ['src/telemetry'],
  '@opentelemetry/exporter-trace-otlp-http': ['src/telemetry'],
  '@opentelemetry/resources': ['src/telemetry'],
  '@opentelemetry/sdk-trace': ['src/telemetry'],
  'axios-ntlm': ['adapters/soap/exchange/ntlm.ts'],
  cockatiel: ['src/guard'],
  croner: ['adapters/file/versions/schedule.ts'],
  'csv-stringify': ['src/rest/csv.ts'],
  express: ['src/http'],
  'fixed-width-parser': ['adapters/file/tables/parse-config.ts'],
  graphql: ['src/graphql'],
  'graphql-yoga': ['src/graphql/yoga.ts'],
  helmet: ['src/http'],
  'iconv-lite': ['src/codec/charset.ts'],
  jose: ['src/auth'],
  kysely: [
    'adapters/sql',
    'adapters/sqlite',
    'adapters/postgres',
    'adapters/mysql',
    'adapters/mssql',
    'adapters/oracle',
  ],
  mssql: ['adapters/mssql'],
  mysql2: ['adapters/mysql'],
  oracledb: ['adapters/oracle/driver-module.ts'],
  pg: ['adapters/postgres'],
  pino: ['src/cli/log.ts'],
  'prom-client': ['src/telemetry'],
  'rate-limiter-flexible': ['src/http'],
  saxes: ['adapters/soap/xml/read-xml.ts'],
  soap: ['adapters/soap/exchange'],
  ssh2: ['adapters/file/sftp'],
  'ssh2-sftp-client': ['adapters/file/sftp/login.ts'],
  // Served as files, not imported.
  'swagger-ui-dist': [],
  yaml: ['src/config/yaml.ts'],
  zod: ['src/policy.ts', 'src/spi.ts', 'src/config', 'adapters'],
};

/**
 * A look for new versions and a host that is silent in the middle of a copy, neither of which a request waits for; threads that are idle; a
 * pool of connections whose driver has none; locks that their driver would wait for inside the event loop; an issuer of tokens that does not
 * answer; and what leaves for whoever watches.
 */
const TIMERS = [
  'adapters/file/edit/lock.ts',
  'adapters/file/scans/scan-threads.ts',
  'adapters/file/versions/schedule.ts',
  'adapters/file/watch/looker.ts',
  'adapters/file/versions/keeper.ts',
  'adapters/file/sftp/deadline.ts',
  'adapters/mysql/pool.ts',
  'adapters/oracle/pool.ts',
  'adapters/sqlite/lock.ts',
  'src/auth/fetch-json.ts',
  'src/telemetry/audit-sink.ts',
  'src/telemetry/bounded-refusals.ts',
  'src/telemetry/traces.ts',
];

/** Where the gateway meets files, sockets, clocks and timers. Every other file is pure. */
const EDGES = [
  'src/main.ts',
  'src/auth/create-authenticate.ts',
  'src/auth/fetch-json.ts',
  'src/auth/key.ts',
  'src/auth/tokens.ts',
  'src/cache/cached.ts',
  'src/cli/command.ts',
  'src/cli/import-db.ts',
  'src/cli/import.ts',
  'src/cli/inspect.ts',
  'src/cli/key.ts',
  'src/cli/log-target.ts',
  'src/cli/log.ts',
  'src/cli/records/described.ts',
  'src/cli/records/file-slices.ts',
  'src/cli/records/input.ts',
  'src/cli/records/lane.ts',
  'src/cli/records/lane-worker.ts',
  'src/cli/records/lanes.ts',
  'src/cli/records/output.ts',
  'src/cli/records/progress.ts',
  'src/cli/records/sample.ts',
  'src/cli/serve.ts',
  'src/config/access-files.ts',
  'src/cli/watching.ts',
  'src/config/config.ts',
  'src/config/host.ts',
  'src/config/read-file.ts',
  'src/config/secrets.ts',
  'src/config/tls-files.ts',
  'src/graphql/yoga.ts',
  'src/guard/around.ts',
  'src/guard/breaker.ts',
  'src/guard/budget.ts',
  'src/guard/call.ts',
  'src/guard/deadline.ts',
  'src/guard/guard.ts',
  'src/guard/pause.ts',
  'src/guard/turns.ts',
  'src/http/begin.ts',
  'src/http/certificates.ts',
  'src/http/gates/client-certificate.ts',
  'src/http/gates/address.ts',
  'src/http/gates/answer-recorder.ts',
  'src/http/gates/deadline.ts',
  'src/http/docs.ts',
  'src/http/gates/idempotency.ts',
  'src/http/listen.ts',
  'src/http/metrics.ts',
  'src/http/send.ts',
  'src/http/starting.ts',
  'src/rest/age.ts',
  'src/rest/changes.ts',
  'src/rest/etag.ts',
  'src/rest/leaving.ts',
  'src/rest/operation-answer.ts',
  'src/rest/render.ts',
  'src/rest/write.ts',
  'src/telemetry/audit-place.ts',
  'src/telemetry/audit-sink.ts',
  'src/telemetry/bounded-refusals.ts',
  'src/telemetry/metrics.ts',
  'src/telemetry/traces.ts',
  'adapters/file/store/at-once.ts',
  'adapters/file/store/copies-on-disk.ts',
  'adapters/file/store/disk-file.ts',
  'adapters/file/store/disk.ts',
  'src/run/kept-source.ts',
  'src/run/made-of.ts',
  'src/run/sealing.ts',
  'src/serving/generation.ts',
  'src/serving/living.ts',
  'src/serving/restart-needed.ts',
  'src/serving/watched-files.ts',
  'src/state/answers.ts',
  'src/state/budgets.ts',
  'src/state/state.ts',
  'src/state/stored-answers.ts',
  'adapters/file/edit/beside.ts',
  'adapters/file/edit/file-edit.ts',
  'adapters/file/edit/journal.ts',
  'adapters/file/edit/living-file.ts',
  'adapters/file/edit/lock.ts',
  'adapters/file/edit/machine.ts',
  'adapters/file/edit/open-version.ts',
  'adapters/file/edit/original.ts',
  'adapters/file/edit/recovery.ts',
  'adapters/file/edit/replacing.ts',
  'adapters/file/edit/written.ts',
  'adapters/file/store/gzip.ts',
  'adapters/file/indexes/index-folder.ts',
  'adapters/file/indexes/page-file.ts',
  'adapters/file/versions/keeper.ts',
  'adapters/file/versions/kept-file.ts',
  'adapters/file/tables/layout-texts.ts',
  'adapters/file/tables/parse-config.ts',
  'adapters/file/versions/refreshing.ts',
  'adapters/file/versions/schedule.ts',
  'adapters/file/scans/scan-threads.ts',
  'adapters/file/scans/scan-turns.ts',
  'adapters/file/scans/scan-worker.ts',
  'adapters/file/sets/set-files.ts',
  'adapters/file/store/settled.ts',
  'adapters/file/sftp/begun.ts',
  'adapters/file/sftp/cache.ts',
  'adapters/file/sftp/connections.ts',
  'adapters/file/sftp/content-hash.ts',
  'adapters/file/sftp/deadline.ts',
  'adapters/file/sftp/draft.ts',
  'adapters/file/sftp/host-key.ts',
  'adapters/file/sftp/identity.ts',
  'adapters/file/sftp/listing.ts',
  'adapters/file/sftp/login.ts',
  'adapters/file/sftp/looks.ts',
  'adapters/file/sftp/owner.ts',
  'adapters/file/sftp/remote-file.ts',
  'adapters/file/sftp/remote-folder.ts',
  'adapters/file/sftp/remote-path.ts',
  'adapters/file/sftp/session.ts',
  'adapters/file/sftp/store.ts',
  'adapters/file/sftp/upload.ts',
  'adapters/file/sftp/write-place.ts',
  'adapters/file/versions/shared-file.ts',
  'adapters/file/slices.ts',
  'adapters/file/write/outbox.ts',
  'adapters/file/watch/looker.ts',
  'adapters/memory/memory.ts',
  'adapters/mssql/connect.ts',
  'adapters/mssql/driver.ts',
  'adapters/mssql/encrypted-socket.ts',
  'adapters/mssql/request.ts',
  'adapters/mysql/connect.ts',
  'adapters/mysql/pool.ts',
  'adapters/mysql/statement.ts',
  'adapters/oracle/argument.ts',
  'adapters/oracle/moments.ts',
  'adapters/oracle/parameter.ts',
  'adapters/oracle/pool.ts',
  'adapters/postgres/connect.ts',
  'adapters/soap/exchange/breathe.ts',
  'adapters/soap/exchange/http.ts',
  'adapters/soap/exchange/tunnel.ts',
  'adapters/soap/exchange/key-material.ts',
  'adapters/soap/exchange/signature.ts',
  'adapters/soap/exchange/unpack.ts',
  'adapters/soap/exchange/ws-security.ts',
  'adapters/soap/import/write-copy.ts',
  'adapters/soap/soap.ts',
  'adapters/soap/wsdl/disk.ts',
  'adapters/sql/access.ts',
  'adapters/sql/saved-model.ts',
  'adapters/sql/server-address.ts',
  'adapters/sqlite/catalog.ts',
  'adapters/sqlite/connection.ts',
  'adapters/sqlite/driver.ts',
  'adapters/sqlite/lock.ts',
];

/** The outside world: what is not worked out of the arguments. */
const OUTSIDE = [
  /\bMath\.random\b/,
  /\bDate\.now\b/,
  /\bnew Date\b/,
  /\bTemporal\.Now\b/,
  /\bperformance\b/,
  /\bset(Timeout|Interval|Immediate)\b/,
  /\bAbortSignal\.timeout\b/,
  /\bprocess\./,
  /\bconsole\./,
  /\bBuffer\./,
  /\bfetch\(/,
];

function outside({ text, imports }: Module): readonly string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return [
    ...imports.filter((name) => name.startsWith('node:')),
    ...OUTSIDE.filter((sign) => sign.test(code)).map(String),
  ];
}

function inside(path: string, place: string): boolean {
  return (
    path === place || path.startsWith(place.endsWith('/') ? place : `${place}/`) || path === `${place}.ts`
  );
}

/** Files whose code is run by importing this one; types are gone by then. */
function valueImports(module: Module | undefined): readonly string[] {
  if (module === undefined) return [];
  const code = module.text.replace(/^(?:import|export) type [^;=]*?from '[^']+';$/gm, '');
  return projectImports({ ...module, imports: importsOf(module.path, code) });
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
      const folder = module.path.split('/').slice(0, 2).join('/');
      for (const target of projectImports(module)) {
        const fine =
          target === 'src/spi.ts' ||
          inside(target, 'src/codec') ||
          inside(target, folder) ||
          inside(target, 'adapters/sql');
        assert.ok(fine, `${module.path} imports ${target}`);
      }
    }
  });

  it('every file of the gateway has a place in the table', () => {
    const places = Object.keys(MAY_IMPORT);
    for (const { path } of source)
      assert.ok(
        places.some((place) => inside(path, place)),
        path,
      );
  });

  it('no file imports itself by way of others', () => {
    const all = new Map([...source, ...adapters].map((module) => [module.path, module]));
    const done = new Set<string>();
    const visit = (path: string, way: readonly string[]): void => {
      assert.ok(!way.includes(path), [...way, path].join(' → '));
      if (done.has(path)) return;
      for (const target of valueImports(all.get(path))) visit(target, [...way, path]);
      done.add(path);
    };
    for (const path of all.keys()) visit(path, []);
  });

  it('a package is imported by the part that needs it and by no other, and none is there for nothing', () => {
    const { dependencies }: { readonly dependencies: object } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    assert.deepEqual(Object.keys(HOMES).toSorted(), Object.keys(dependencies).toSorted());
    for (const { path, imports } of [...source, ...adapters]) {
      for (const name of imports.filter((target) => !/^(src|adapters)\/|^node:/.test(target))) {
        const home = Object.entries(HOMES).find(([own]) => name === own || name.startsWith(`${own}/`));
        assert.ok(
          home?.[1].some((place) => inside(path, place)),
          `${path} imports ${name}`,
        );
      }
    }
  });

  it('a file has no I/O, no clock and no randomness, unless it is one of the edges', () => {
    for (const module of [...source, ...adapters]) {
      if (EDGES.includes(module.path)) assert.notDeepEqual(outside(module), [], `${module.path} is no edge`);
      else assert.deepEqual(outside(module), [], module.path);
    }
    for (const path of EDGES)
      assert.ok(
        [...source, ...adapters].some((module) => module.path === path),
        path,
      );
  });

  it('only the guard makes timers, beside the server, the command line, and what a driver does not wait for itself', () => {
    for (const { path, text } of [...source, ...adapters]) {
      if (/^src\/(guard|http|cli)\//.test(path) || TIMERS.includes(path)) continue;
      assert.doesNotMatch(
        text.replace(/\/\/.*$/gm, ''),
        /\bset(Timeout|Interval)\(|AbortSignal\.timeout\(/,
        path,
      );
    }
  });

  it('every file begins by saying what it knows and what it must not know', () => {
    for (const { path, text } of [...source, ...adapters].filter(
      (module) => !module.path.endsWith('.generated.ts'),
    )) {
      const [head = ''] = /^(?:#!.*\n)?(?:\/\/.*\n)+/.exec(text) ?? [];
      assert.match(head, /Knows: [\s\S]*Must not know: /, path);
    }
  });

  it('no file holds two ideas: 320 lines at most', () => {
    for (const { path, text } of [...source, ...adapters].filter(
      (module) => !module.path.endsWith('.generated.ts'),
    )) {
      assert.ok(text.split('\n').length <= 320, `${path} has ${text.split('\n').length} lines`);
    }
  });

  it('no cast without a reason, no drawer without a name', () => {
    for (const { path, text } of [...source, ...adapters]) {
      const lines = text.split('\n');
      for (const [i, line] of lines.entries()) {
        const code = line.replace(/\/\/.*$/, '').replace(/"[^"]*"|'[^']*'|`[^`]*`/g, "''");
        if (/^\s*(import\b|export [{*])/.test(code) || /^\s*\/?\*/.test(code)) continue;
        if (!/[\w)\]}>] as (?!const\b)[A-Za-z{[(]/.test(code)) continue;
        assert.match(lines[i - 1] ?? '', /\/\/ cast: \S/, `${path}:${i + 1} casts without a reason`);
      }
      assert.doesNotMatch(path, /(^|\/)(utils?|helpers?|common)(\/|\.ts$)/);
    }
  });
});
