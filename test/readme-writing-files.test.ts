// The README's section on writing files is what the software does: its configuration is served, and its commands, carried out in their order, have
// the answers that are printed. `OVERPUNCH_UPDATE_README=1` writes the answers that are seen into the page instead.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { adapters } from '../adapters/index.ts';
import { serveBoth } from './parity/both.ts';

const page = join(import.meta.dirname, '..', 'README.md');
const [, section = ''] = /\n### Writing files\n([\s\S]*?)\n### /.exec(readFileSync(page, 'utf8')) ?? [];

function block(language: string): string {
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(section)?.[1] ?? '';
}

const COPYBOOKS: Readonly<Record<string, string>> = {
  'custmast.cpy': `
       01  CUSTOMER.
           05  CUST-ID   PIC 9(6).
           05  NAME      PIC X(20).
           05  FILLER    PIC X(4).
           05  BALANCE   PIC S9(7)V99 COMP-3.
`,
  'order.cpy': `
       01  ORDER-REC.
           05  ORDER-ID  PIC 9(6).
           05  CUST-ID   PIC 9(6).
`,
};

/** What differs from one request to the next is not in the page. */
function stable(text: string): unknown {
  return JSON.parse(text, (name, inner: unknown) => (name === 'requestId' ? '…' : inner));
}

describe('README, writing files', () => {
  it('every command has the answer printed behind it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'overpunch-readme-files-'));
    try {
      mkdirSync(join(folder, 'OUT'));
      for (const [name, text] of Object.entries(COPYBOOKS)) writeFileSync(join(folder, name), text);
      writeFileSync(join(folder, 'CUSTMAST'), '');
      writeFileSync(join(folder, 'overpunch.yaml'), block('yaml'));
      await using both = await serveBoth(join(folder, 'overpunch.yaml'), adapters);
      const examples = block('console').split(/^\$ /m).slice(1);
      assert.equal(examples.length, 5);
      for (const example of examples) {
        const [command = '', printed = ''] = example.trim().split('\n');
        const [url = ''] = /http:\/\/127\.0\.0\.1:4000[^\s']*/.exec(command) ?? [];
        const response = await fetch(url.replace('http://127.0.0.1:4000', both.url), {
          method: / -X (\w+)/.exec(command)?.[1] ?? 'POST',
          headers: { 'content-type': 'application/json' },
          body: / -d '(.*)'$/.exec(command)?.[1] ?? null,
        });
        const seen = stable(await response.text());
        if (process.env['OVERPUNCH_UPDATE_README'] === '1') {
          const text = readFileSync(page, 'utf8');
          writeFileSync(
            page,
            text.replace(`${command}\n${printed}`, () => `${command}\n${JSON.stringify(seen)}`),
          );
        } else assert.deepEqual(seen, JSON.parse(printed), command);
      }
      assert.equal(readFileSync(join(folder, 'OUT/ORD-0001.DAT')).length, 24);
      assert.equal(readFileSync(join(folder, 'CUSTMAST')).length, 35);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
