// A configuration file in a folder of its own, and adapters to go with it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { z } from 'zod';
import { memorySource } from '../../adapters/memory/memory.ts';
import { type Adapters, loadConfig } from '../../src/config/config.ts';
import { problemText } from '../../src/config/problem.ts';
import { type AdapterDefinition, defineAdapter, Fault, secretReference } from '../../src/spi.ts';

const created: string[] = [];
after(() => {
  for (const folder of created) rmSync(folder, { recursive: true, force: true });
});

/** A new folder with these files; gone after the tests. */
export function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-'));
  created.push(folder);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

/** Needs a secret, has options of several shapes, and goes wrong as it is told. */
export const vault: AdapterDefinition = defineAdapter({
  name: 'vault',
  options: z.strictObject({
    password: secretReference.optional(),
    records: z
      .union([z.enum(['F', 'FB', 'text']), z.strictObject({ format: z.enum(['F', 'FB']), length: z.int() })])
      .optional()
      .describe('How records are divided'),
    level: z.number().min(1).max(5).optional().describe('How loud'),
    fails: z.enum(['down', 'misconfigured']).optional(),
    blank: z.enum(['fail', 'null']).optional(),
    collections: z.record(z.string(), z.strictObject({ key: z.array(z.string()) })).default({}),
  }),
  async open({ password, fails, collections }, host) {
    if (password !== undefined) await host.secret(password);
    if (fails === 'down') throw new Fault('unavailable', 'The vault is closed');
    if (fails === 'misconfigured') {
      throw new Fault('invalid', 'line 3: PIC expected\n  05 NAME PCI X.\n          ^', {
        misconfigured: true,
        collection: Object.keys(collections)[0] ?? '',
      });
    }
    return memorySource(
      Object.entries(collections).map(([name, { key }]) => ({
        name,
        key,
        fields: [
          { name: 'id', type: { kind: 'int64' } },
          { name: 'name', type: { kind: 'string' } },
        ],
        rows: [],
      })),
    );
  },
});

export const testAdapters: Adapters = {
  vault: async () => vault,
  memory: async () => (await import('../../adapters/memory/memory.ts')).adapter,
  never: async () => {
    throw new Error('an adapter that nobody names must not be loaded');
  },
};

/** Problems of a configuration text, one line each, the file called `c.yaml`. */
export async function problemsOf(text: string): Promise<readonly string[]> {
  const file = join(folderWith({ 'c.yaml': text }), 'c.yaml');
  const { problems } = await loadConfig(file, testAdapters);
  return problems.map((problem) => problemText({ ...problem, file: 'c.yaml' }));
}
