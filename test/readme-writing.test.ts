// The README's chapter on writing is what the software does: its configuration is served, its commands are carried out in their order, and
// its answers are those that come.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = join(import.meta.dirname, '..');
const [, chapter = ''] =
  /\n## Writing\n([\s\S]*?)\n## /.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];

function blocks(language: string): readonly string[] {
  return [...chapter.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
}

/** A command with what is printed behind it: headers only where the page shows them (`curl -i`). */
interface Example {
  readonly command: string;
  readonly head: readonly string[];
  readonly body: unknown;
}

function exampleOf(text: string): Example {
  const [command = '', ...printed] = text.trim().split('\n');
  const [body = '', ...head] = printed.toReversed();
  return { command, head: head.filter((line) => line !== '').toReversed(), body: JSON.parse(body) };
}

const examples = blocks('console').flatMap((block) => block.split(/^\$ /m).slice(1).map(exampleOf));

/** What differs from one request to the next is not in the page. */
function stable(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, inner: unknown) =>
      name === 'requestId' || name === 'extensions' ? undefined : inner,
    ),
  );
}

describe('README, writing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-readme-writing-'));
  let base = '';
  let stop = (): void => {};

  before(async () => {
    const config = join(folder, 'overpunch.yaml');
    writeFileSync(config, blocks('yaml')[0] ?? '');
    const server = spawn(process.execPath, ['src/main.ts', 'serve', '-c', config, '--port', '0'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    stop = () => server.kill('SIGTERM');
    server.stdout.setEncoding('utf8');
    let printed = '';
    for await (const text of server.stdout) {
      printed += String(text);
      const address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
      if (address === null) continue;
      base = address[0];
      break;
    }
  });
  after(() => {
    stop();
    rmSync(folder, { recursive: true });
  });

  it('every command has the answer printed behind it', async () => {
    assert.ok(examples.length >= 6);
    for (const { command, head, body } of examples) {
      const [url = ''] = /http:\/\/127\.0\.0\.1:4000[^\s']*/.exec(command) ?? [];
      const headers = [...command.matchAll(/ -H '([^:']+): ([^']*)'/g)].map(
        ([, name = '', value = '']): [string, string] => [name, value],
      );
      const response = await fetch(url.replace('http://127.0.0.1:4000', base), {
        method: / -X (\w+)/.exec(command)?.[1] ?? 'POST',
        headers,
        body: / -d '(.*)'$/.exec(command)?.[1] ?? null,
      });
      assert.deepEqual(stable(await response.json()), stable(body), command);
      const [status, ...shown] = head;
      if (status !== undefined) assert.equal(`HTTP/1.1 ${response.status} ${response.statusText}`, status);
      for (const line of shown) {
        const [name = '', value] = line.split(': ');
        assert.equal(response.headers.get(name), value, line);
      }
    }
  });

  it('the mutation has the answer printed behind it', async () => {
    const response = await fetch(`${base}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: blocks('graphql')[0] }),
    });
    assert.deepEqual(stable(await response.json()), JSON.parse(blocks('json')[0] ?? ''));
  });
});
