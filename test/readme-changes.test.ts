// The README's chapter on changes is what the software does: its commands are carried out in their order, against the configuration of the
// chapter on writing, and its answers are those that come.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { adapters } from '../adapters/index.ts';
import { folderWith } from './config/written.ts';
import { serveBoth } from './parity/both.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');

function chapter(name: string): string {
  return new RegExp(`\\n## ${name}\\n([\\s\\S]*?)\\n## `).exec(page)?.[1] ?? assert.fail(name);
}

function blocks(text: string, language: string): readonly string[] {
  const fence = '`'.repeat(3);
  return [...text.matchAll(new RegExp(`^${fence}${language}\\n([\\s\\S]*?)^${fence}$`, 'gm'))].map(
    ([, inner = '']) => inner,
  );
}

/** Each command with what is printed behind it. */
const examples = blocks(chapter('Changes'), 'console').flatMap((block) =>
  block
    .split(/^\$ /m)
    .slice(1)
    .map((text) => {
      const end = text.indexOf('\n');
      return { command: text.slice(0, end), printed: text.slice(end + 1).trimEnd() };
    }),
);

describe('README, changes', () => {
  it('every command has the answer printed behind it', async () => {
    const folder = folderWith({ 'c.yaml': blocks(chapter('Writing'), 'yaml')[0] ?? '' });
    await using both = await serveBoth(join(folder, 'c.yaml'), adapters);
    // Each time the source is opened it has another epoch.
    const [here = ''] = /[\w-]{36}(?=\.0)/.exec(
      (await both.rest('accounts/changes', { accept: 'application/x-ndjson' })).text,
    ) ?? [''];
    assert.notEqual(here, '');
    const asPrinted = (text: string): string =>
      text.replaceAll(here, '5e1c…').replaceAll(/"(asOf|requestId)":"[^"]+"/g, '"$1":"…"');
    assert.equal(examples.length, 5);
    for (const { command, printed } of examples) {
      const [url = ''] = /http:\/\/127\.0\.0\.1:4000[^\s']*/.exec(command) ?? [];
      const body = / -d '(.*)'$/.exec(command)?.[1]?.replaceAll('5e1c…', here);
      const leaving = new AbortController();
      const response = await fetch(url.replace('http://127.0.0.1:4000', both.url).replaceAll('5e1c…', here), {
        method: / -X (\w+)/.exec(command)?.[1] ?? (body === undefined ? 'GET' : 'POST'),
        headers: [...command.matchAll(/ -H '([^':]+): ([^']*)'/g)].map(
          ([, name = '', value = '']): [string, string] => [name, value],
        ),
        body: body ?? null,
        signal: leaving.signal,
      });
      assert.ok(response.body);
      let text = '';
      const bytes = response.body.pipeThrough(new TextDecoderStream());
      // A stream stays open (-N): so much of it as the page shows.
      const isOpen = command.includes(' -N ');
      for await (const piece of bytes) {
        text += piece;
        if (isOpen && asPrinted(text).length >= printed.length) break;
      }
      leaving.abort();
      assert.equal(asPrinted(text).trimEnd(), printed, command);
    }
  });
});
