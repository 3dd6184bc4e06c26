import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/config.ts';
import { problemText } from '../../src/config/problem.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { folderWith, problemsOf, testAdapters } from './written.ts';

const GOOD = `sources:
  core: { adapter: vault, timeoutMs: 500, level: 2, collections: { customers: { key: [id] } } }
relations:
  customers.friends: { to: customers, on: { id: id }, inverse: friendOf }
`;

describe('a valid configuration', () => {
  it('has its sources with the options of their adapters, and every default', async () => {
    const folder = folderWith({ 'c.yaml': GOOD });
    const { config, problems } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
    assert.deepEqual(problems, []);
    assert.equal(config?.folder, folder);
    const [core] = config?.sources ?? [];
    assert.equal(core?.name, 'core');
    assert.equal(core?.adapter.name, 'vault');
    assert.equal(core?.timeoutMs, 500);
    assert.deepEqual(core?.options, { level: 2, collections: { customers: { key: ['id'] } } });
    assert.deepEqual(core?.collections, ['customers']);
    assert.deepEqual(config?.relations, [
      { from: 'customers.friends', to: 'customers', on: { id: 'id' }, inverse: 'friendOf' },
    ]);
    assert.deepEqual(config?.policy, DEFAULT_POLICY);
    assert.deepEqual(config?.server, { host: '127.0.0.1', title: 'Overpunch', trustedProxies: [] });
  });

  it('changes single limits and leaves the others', async () => {
    const text = `${GOOD}policy: { page: { maxRows: 200 }, http: { drainMs: 0 } }\n`;
    const { config } = await loadConfig(join(folderWith({ 'c.yaml': text }), 'c.yaml'), testAdapters);
    assert.deepEqual(config?.policy, {
      ...DEFAULT_POLICY,
      page: { ...DEFAULT_POLICY.page, maxRows: 200 },
      http: { ...DEFAULT_POLICY.http, drainMs: 0 },
    });
  });

  it('may use aliases and a byte order mark', async () => {
    const text = `\uFEFFsources:
  a: { adapter: vault, collections: { xs: &key { key: [id] }, ys: *key } }
`;
    const { config } = await loadConfig(join(folderWith({ 'c.yaml': text }), 'c.yaml'), testAdapters);
    assert.deepEqual(config?.sources[0]?.collections, ['xs', 'ys']);
  });

  it('knows where a mistake stands that shows later', async () => {
    const file = join(folderWith({ 'c.yaml': GOOD }), 'c.yaml');
    const { config } = await loadConfig(file, testAdapters);
    assert.deepEqual(
      config?.problem(['sources', 'core', 'collections', 'customers', 'key'], 'no such field'),
      {
        file,
        line: 2,
        column: 86,
        path: 'sources.core.collections.customers.key',
        message: 'no such field',
      },
    );
    assert.equal(config?.problem(['relations', 'customers.friends', 'to'], 'x').line, 4);
  });
});

/** What stands wrong in the file → each line that is told. */
const MISTAKES: readonly (readonly [rule: string, text: string, told: readonly string[]])[] = [
  [
    'an unknown key is named with the nearest valid one, at the key',
    'sources:\n  a:\n    adapter: vault\n    colections: {}\n',
    ['c.yaml:4:5 sources.a.colections: unknown key "colections". Did you mean "collections"?'],
  ],
  [
    'an unknown key with nothing near it lists the valid ones',
    'sources: { a: { adapter: vault } }\nzzz: 1\n',
    [
      'c.yaml:2:1 zzz: unknown key "zzz"; expected sources, relations, server, access, roles, limits, freshness, telemetry, state or policy',
    ],
  ],
  [
    'an unknown adapter is answered with those there are',
    'sources:\n  a:\n    adapter: valt\n',
    ['c.yaml:3:14 sources.a.adapter: expected vault, memory or never. Did you mean "vault"?'],
  ],
  [
    'a missing adapter is told at the source',
    'sources:\n  a:\n    level: 1\n',
    ['c.yaml:2:3 sources.a.adapter: "adapter" is missing; expected vault, memory or never'],
  ],
  [
    'a missing key is told at its parent, with what it is for',
    'sources: { a: { adapter: vault } }\nrelations:\n  a.b: { to: a }\n',
    [
      'c.yaml:3:3 relations."a.b".on: "on" is missing; expected a mapping ("key: value"): Fields that are equal: field of the first collection → field of the other',
    ],
  ],
  [
    'a key that was misspelt is not also told as missing',
    'sources: { a: { adapter: vault } }\nrelations:\n  a.b: { too: a, on: { x: y } }\n',
    ['c.yaml:3:10 relations."a.b".too: unknown key "too". Did you mean "to"?'],
  ],
  [
    'a value of another type is told at the value',
    'sources: { a: { adapter: vault } }\nserver:\n  port: "4000"\n  title: 7\n',
    [
      'c.yaml:3:9 server.port: expected a whole number from 0 to 65535',
      'c.yaml:4:10 server.title: expected a text; put it in quotes',
    ],
  ],
  [
    'a number out of range is answered with the range',
    'sources: { a: { adapter: vault, level: 9 } }\nserver: { port: 65536 }\n',
    [
      'c.yaml:1:40 sources.a.level: expected a number from 1 to 5',
      'c.yaml:2:17 server.port: expected a whole number from 0 to 65535',
    ],
  ],
  [
    'a word of a closed list is answered with the nearest one, never repeated',
    'sources: { a: { adapter: vault, fails: dwon } }\n',
    ['c.yaml:1:40 sources.a.fails: expected down or misconfigured. Did you mean "down"?'],
  ],
  [
    'the word null must be in quotes, because YAML takes it for nothing',
    'sources: { a: { adapter: vault, blank: null } }\n',
    ['c.yaml:1:40 sources.a.blank: expected fail or null; the word is written in quotes, "null"'],
  ],
  [
    'where several shapes are possible the one that was meant is explained',
    'sources: { a: { adapter: vault, records: { format: FB, lenght: 80 } } }\n',
    ['c.yaml:1:56 sources.a.records.lenght: unknown key "lenght". Did you mean "length"?'],
  ],
  [
    'where none of several shapes was meant all are named',
    'sources: { a: { adapter: vault, records: 5 } }\n',
    ['c.yaml:1:42 sources.a.records: expected F, FB, text or a mapping ("key: value")'],
  ],
  [
    'an item of a list is named by its number',
    'sources:\n  a:\n    adapter: vault\n    collections:\n      xs:\n        key:\n          - id\n          - 5\n',
    ['c.yaml:8:13 sources.a.collections.xs.key[1]: expected a text; put it in quotes'],
  ],
  [
    'a key with nothing behind it is told as empty',
    'sources:\n  a:\n',
    ['c.yaml:2:5 sources.a: expected a mapping ("key: value"); there is nothing here'],
  ],
  ['a configuration needs a source', 'sources: {}\n', ['c.yaml:1:10 sources: expected at least one source']],
  [
    'an empty file is told as empty',
    '# nothing\n',
    ['c.yaml:1:1: expected a mapping ("key: value"); there is nothing here'],
  ],
  [
    'a source name is a plain word',
    'sources:\n  a: { adapter: vault }\n  b.c: { adapter: vault }\n',
    ['c.yaml:3:3 sources."b.c": expected a name of letters, digits, - and _, a letter first'],
  ],
  [
    'the default page is no larger than the largest',
    'sources: { a: { adapter: vault } }\npolicy: { page: { maxRows: 10 } }\n',
    ['c.yaml:2:11 policy.page.defaultRows: expected at most maxRows'],
  ],
  [
    'a key that stands twice is told where it stands the second time',
    'sources: { a: { adapter: vault } }\nserver: {}\nserver: {}\n',
    ['c.yaml:3:1: expected each key once; this one stands above already'],
  ],
  ['a tab is told', 'sources:\n\ta: 1\n', ['c.yaml:2:1: expected spaces for indentation, not tabs']],
  [
    'an open bracket is told',
    'sources: { a: [\n',
    ['c.yaml:2:1: expected the indentation of the lines around it'],
  ],
  [
    'a tag is refused',
    'sources: !!binary aGk=\n',
    ['c.yaml:1:10: expected no tags: they have no meaning here'],
  ],
  [
    'an alias without its anchor is told at the alias',
    'sources: *none\n',
    ['c.yaml:1:10: expected an anchor with this name above'],
  ],
  [
    'several documents are refused',
    'sources: {}\n---\nsources: {}\n',
    ['c.yaml:2:1: expected one document, not several with "---" between them'],
  ],
  [
    'the older YAML is refused, in which `on` is a boolean',
    '%YAML 1.1\n---\nsources: {}\n',
    ['c.yaml:1:1: expected YAML 1.2; leave the %YAML directive out'],
  ],
  ['a list as key is refused', 'sources:\n  ? [a]\n  : 1\n', ['c.yaml:2:5: expected a plain name as key']],
  [
    'the key __proto__ is refused, quoted or not, wherever it stands',
    'sources: { a: { adapter: vault } }\n__proto__: { polluted: true }\nrelations: { x: { "__proto__": 1 } }\n',
    [
      'c.yaml:2:1: this cannot be a name; expected another one',
      'c.yaml:3:19: this cannot be a name; expected another one',
    ],
  ],
];

describe('a mistake in the configuration', () => {
  for (const [rule, text, told] of MISTAKES) {
    it(rule, async () => {
      assert.deepEqual(await problemsOf(text), told);
    });
  }

  it('of several kinds is told in the order of the file, all of them', async () => {
    const told = await problemsOf(
      'policy: 1\nsources: { a: { adapter: vault, levle: 1 } }\nserver: { port: x }\n',
    );
    assert.deepEqual(
      told.map((text) => text.split(' ')[0]),
      ['c.yaml:1:9', 'c.yaml:2:33', 'c.yaml:3:17'],
    );
  });

  it('does not become more by aliases that multiply', async () => {
    const lines = ['sources: {}', 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++) {
      lines.push(`a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(', ')}]`);
    }
    assert.deepEqual(await problemsOf(lines.join('\n')), [
      'c.yaml:1:1: expected at most 100 uses of aliases',
    ]);
  });

  it('in ten thousand brackets is a problem, no overflow', async () => {
    const told = await problemsOf('['.repeat(10_000));
    assert.equal(told.length, 1);
    // How deep is too deep depends on the stack that is left.
    assert.match(told[0] ?? '', /^c\.yaml:1:\d+: expected less nesting$/);
  });

  it('of bytes that are no UTF-8 is told of the file', async () => {
    const folder = folderWith({ 'c.yaml': Uint8Array.of(0x73, 0xff, 0x00) });
    const { problems } = await loadConfig(join(folder, 'c.yaml'), testAdapters);
    assert.deepEqual(
      problems.map(({ message, line }) => [message, line]),
      [['expected a file in UTF-8', undefined]],
    );
  });

  it('of the file itself is told without a line', async () => {
    const folder = folderWith({});
    assert.deepEqual((await loadConfig(join(folder, 'none.yaml'), testAdapters)).problems, [
      { file: join(folder, 'none.yaml'), path: '', message: 'there is no such file' },
    ]);
    assert.equal(
      (await loadConfig(folder, testAdapters)).problems[0]?.message,
      'expected a file, not a folder',
    );
  });
});

describe('what stands in the configuration', () => {
  const CANARY = 'hunter2-canary';

  it('is not repeated when a literal stands where a reference to a secret is expected', async () => {
    const told = await problemsOf(`sources:\n  a:\n    adapter: vault\n    password: ${CANARY}\n`);
    assert.deepEqual(told, [
      'c.yaml:4:15 sources.a.password: expected a reference to a secret, { env: NAME } or { file: path }: ' +
        'A secret never stands in this file: name the environment variable or the file that holds it',
    ]);
  });

  it('is answered the same when a reference has another key', async () => {
    const [told = ''] = await problemsOf(
      `sources: { a: { adapter: vault, password: { evn: ${CANARY} } } }\n`,
    );
    assert.match(
      told,
      /^c\.yaml:1:43 sources\.a\.password: expected a reference to a secret, \{ env: NAME \}/,
    );
    assert.ok(!told.includes(CANARY));
  });

  const places = [
    `sources: { a: { adapter: ${CANARY} } }`,
    `sources: { a: { adapter: vault, level: ${CANARY} } }`,
    `sources: { a: { adapter: vault, records: ${CANARY} } }`,
    `sources: { a: { adapter: vault, records: { format: ${CANARY}, length: ${CANARY} } } }`,
    `sources: { a: { adapter: vault, fails: ${CANARY} } }`,
    `sources: { a: { adapter: vault, collections: ${CANARY} } }`,
    `sources: { a: { adapter: vault, "postgres://user:${CANARY}@host/db": 1 } }`,
    `sources: { a: { adapter: vault, ? [${CANARY}] : 1 } }`,
    `sources: { a: { adapter: vault, password: *${CANARY} } }`,
    `sources: { a: { adapter: vault, password: !${CANARY} x } }`,
    `sources: { a: { adapter: vault, password: "${CANARY}\\q" } }`,
    `sources: { a: { adapter: vault, password: "${CANARY} } }`,
    `sources: ${CANARY}: x`,
    `@${CANARY}`,
    CANARY,
  ];
  it('is never repeated, whatever is wrong with it', async () => {
    for (const text of places) {
      const told = await problemsOf(text);
      assert.ok(told.length > 0, text);
      assert.ok(!told.join('\n').includes(CANARY), told.join('\n'));
    }
  });

  it('cannot start a line or move the cursor of a terminal', () => {
    const text = problemText({ file: 'a\nb.yaml', line: 1, column: 2, path: 'x', message: 'y\r\u001b[2Jz' });
    assert.equal(text, 'a\\u000ab.yaml:1:2 x: y\\u000d\\u001b[2Jz');
  });

  it('keeps the lines of a message that has several, behind an indentation', () => {
    const text = problemText({
      file: 'c',
      line: 1,
      column: 2,
      path: 'x',
      message: 'bad\n05 A PCI X\n     ^',
    });
    assert.equal(text, 'c:1:2 x: bad\n    05 A PCI X\n         ^');
  });
});
