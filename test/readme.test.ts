// The README's commands, examples and answers are what the software does.
// `OVERPUNCH_UPDATE_README=1` writes the answers that are seen into the page instead.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { LEDGER_LOGIN } from './fakes/ledger.ts';

const root = join(import.meta.dirname, '..');
const page = join(root, 'README.md');
const updating = process.env['OVERPUNCH_UPDATE_README'] === '1';

interface Block {
  readonly language: string;
  readonly text: string;
  /** The text of the json block right behind it, if there is one. */
  readonly answer?: string;
}

/** Languages of answers. */
const ANSWERS = ['json', 'text'];

function blocks(): readonly Block[] {
  // What the chapter on writing says of a configuration of its own has a test of its own.
  const [before = '', after = ''] = readFileSync(page, 'utf8').split(/^## Writing\n[\s\S]*?(?=^## )/m);
  const found = [...`${before}${after}`.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)];
  return found.map((match, i) => {
    const next = found[i + 1];
    const adjoining =
      next !== undefined && ANSWERS.includes(next[1] ?? '') && next.index - match.index - match[0].length < 3;
    return {
      language: match[1] ?? '',
      text: match[2] ?? '',
      ...(adjoining ? { answer: next[2] ?? '' } : {}),
    };
  });
}

/** A command of the program, with variables of the environment in front or without. */
const COMMAND = /^((?:\w+=\S+ )*)npm run -s overpunch -- (.*)/;

/** Runs the program as the README says, and hands back what it prints. */
function overpunch(command: string): string {
  const [, variables = '', args = ''] = COMMAND.exec(command) ?? [];
  const words = [...args.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word);
  const env = Object.fromEntries(variables.split(' ').flatMap((one) => (one === '' ? [] : [one.split('=')])));
  return execFileSync(process.execPath, ['src/main.ts', ...words], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
}

/** What differs from one request to the next is not in the page; nor is a cursor, which holds the version of a file. */
function stable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, inner: unknown) => {
      if (name === 'requestId' || name === 'extensions') return undefined;
      return name === 'nextLink' ? String(inner).replace(/(?<=after=)[\w-]+$/, '…') : inner;
    }),
  );
}

function compare(block: Block, seen: unknown): void {
  if (updating) {
    const text = readFileSync(page, 'utf8');
    writeFileSync(
      page,
      text.replace(
        `${block.text}\`\`\`\n\n\`\`\`json\n${block.answer}`,
        () => `${block.text}\`\`\`\n\n\`\`\`json\n${JSON.stringify(stable(seen), undefined, 2)}\n`,
      ),
    );
    return;
  }
  assert.deepEqual(stable(seen), stable(JSON.parse(block.answer ?? '')));
}

interface Demo {
  readonly base: string;
  /** What it has written to standard error so far. */
  complained(): string;
  stop(): void;
}

/** `npm start` on a port of its own, when it has said where it is. */
async function demo(): Promise<Demo> {
  const server = spawn(process.execPath, ['test/fakes/demo.ts', '--port', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complained = '';
  server.stderr.on('data', (text) => {
    complained += String(text);
  });
  let printed = '';
  for await (const text of server.stdout) {
    printed += String(text);
    const [base] = /http:\/\/127\.0\.0\.1:\d+/.exec(printed) ?? [];
    if (base !== undefined) {
      return { base, complained: () => complained, stop: () => server.kill('SIGTERM') };
    }
  }
  throw new Error(`the demo did not start: ${complained}`);
}

describe('README', () => {
  let base = '';
  let stop = (): void => {};

  before(async () => {
    // As `npm start` does it: with the stand-ins of the demo's hosts.
    ({ base, stop } = await demo());
  });
  after(() => stop());

  it('every graphql block has the answer printed behind it', async () => {
    const documents = blocks().filter(({ language }) => language === 'graphql');
    assert.ok(documents.length >= 2);
    for (const document of documents) {
      const response = await fetch(`${base}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: document.text }),
      });
      compare(document, await response.json());
    }
  });

  it('every curl command has the answer printed behind it', async () => {
    const commands = blocks().filter(({ text }) => text.startsWith('curl'));
    assert.ok(commands.length >= 3);
    for (const command of commands) {
      const url = /'(http:[^']+)'/.exec(command.text)?.[1] ?? '';
      const body = / -d '([^']+)'/.exec(command.text)?.[1];
      const method = / -X ([A-Z]+)/.exec(command.text)?.[1] ?? 'POST';
      const response = await fetch(
        url.replace('http://127.0.0.1:4000', base),
        body === undefined ? {} : { method, body, headers: { 'content-type': 'application/json' } },
      );
      compare(command, await response.json());
    }
  });

  it('a second demo says which ports are taken, and serves what the first one holds', async () => {
    const second = await demo();
    try {
      for (const port of [4010, 4011, 4012])
        assert.match(second.complained(), new RegExp(`port ${port}: another`));
      const [one, two] = await Promise.all(
        [base, second.base].map(async (address) => {
          const response = await fetch(`${address}/api/transactions?first=3&include=customer.score`);
          return response.text();
        }),
      );
      assert.match(one ?? '', /"points"/);
      assert.equal(two, one);
    } finally {
      second.stop();
    }
  });

  it('the two commands are the package’s own', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const shell = blocks()
      .filter(({ language }) => language === 'sh')
      .map(({ text }) => text.trim());
    assert.deepEqual(shell.slice(0, 2), ['npm ci && npm start', 'npm ci && npm test']);
    assert.ok(scripts.start && scripts.test);
  });

  it('every command of the program prints what stands behind it', () => {
    const commands = blocks().filter(({ text }) => COMMAND.test(text));
    assert.ok(commands.length >= 4);
    for (const { text, answer } of commands) {
      const printed = overpunch(text);
      if (answer === undefined) continue;
      if (updating) {
        const page_ = readFileSync(page, 'utf8');
        writeFileSync(
          page,
          page_.replace(
            `${text}\`\`\`\n\n\`\`\`text\n${answer}`,
            () => `${text}\`\`\`\n\n\`\`\`text\n${printed}`,
          ),
        );
      } else assert.equal(printed, answer, text);
    }
  });

  it('the codec’s example says what it does', async () => {
    const code = blocks().find(({ language }) => language === 'js');
    assert.ok(code);
    const file = join(import.meta.dirname, `readme-codec-${process.pid}.mjs`);
    const [, wanted = ''] = /\/\/ (\{.*\})/.exec(code.text) ?? [];
    writeFileSync(
      file,
      code.text
        .replace('overpunch/codec', '../src/codec/index.ts')
        .replace('codec.decoder', 'export const row = codec.decoder'),
    );
    try {
      const { row } = await import(pathToFileURL(file).href);
      assert.deepEqual(row, parse(wanted));
    } finally {
      rmSync(file);
    }
  });

  it('the demo’s payment file is configured as the page says', () => {
    const shown = blocks().find(({ text }) => text.startsWith('paymentOrders:'));
    const demo = readFileSync(join(root, 'overpunch.yaml'), 'utf8');
    const { paymentOrders } = parse(shown?.text ?? '');
    const { doc: _doc, ...configured } = parse(demo).sources.mainframe.collections.paymentOrders;
    assert.deepEqual(paymentOrders, configured);
  });

  it('the demo’s SOAP service is configured as the page says', () => {
    const shown = blocks().find(({ text }) => text.startsWith('scoring:'));
    const demo = readFileSync(join(root, 'overpunch.yaml'), 'utf8');
    assert.deepEqual(parse(shown?.text ?? '').scoring, parse(demo).sources.scoring);
  });

  it('the configuration is valid as it stands', () => {
    const config = blocks().find(({ text }) => text.startsWith('sources:'));
    assert.ok(config);
    const folder = mkdtempSync(join(tmpdir(), 'overpunch-readme-'));
    try {
      for (const part of ['fixtures', 'schemas'])
        cpSync(join(root, part), join(folder, part), { recursive: true });
      writeFileSync(join(folder, 'overpunch.yaml'), config.text);
      execFileSync(
        process.execPath,
        [join(root, 'src/main.ts'), 'check', '-c', join(folder, 'overpunch.yaml')],
        { env: { ...process.env, LEDGER_PASSWORD: LEDGER_LOGIN.password } },
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('what compose.yaml serves is valid, and needs no other host', () => {
    const checked = overpunch('npm run -s overpunch -- check -c compose.overpunch.yaml');
    assert.ok(!checked.includes('down'), checked);
    const mounted = readFileSync(join(root, 'compose.yaml'), 'utf8');
    assert.ok(mounted.includes('./compose.overpunch.yaml:/etc/overpunch/overpunch.yaml:ro'));
  });

  it('the adapter is a whole adapter', async () => {
    const code = blocks().find(({ language }) => language === 'ts');
    assert.ok(code);
    // Inside the project, so that it finds the contract by the name that adapters use.
    const file = join(import.meta.dirname, `readme-adapter-${process.pid}.ts`);
    writeFileSync(file, code.text);
    try {
      const { adapter } = await import(pathToFileURL(file).href);
      const options = adapter.options.parse({ language: 'de' });
      const host = { source: 's', sliceMs: 10, path: (relative: string) => relative, secret: async () => '' };
      const source = await adapter.open(options, host);
      const rows: unknown[] = [];
      for await (const batch of source
        .access({ collection: 'weekdays', where: [], order: [] })
        .read({ fields: [] })) {
        for (let i = 0; i < batch.length; i++) rows.push(batch.row(i));
      }
      assert.deepEqual(rows[0], { number: 1, name: 'Montag' });
    } finally {
      rmSync(file);
    }
  });
});
