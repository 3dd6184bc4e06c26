// A living gateway on a real socket whose sources are opened, slow, broken and disposed as a test says.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { memorySource } from '../../adapters/memory/memory.ts';
import { type Adapters, loadConfig } from '../../src/config/config.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { listen } from '../../src/http/listen.ts';
import type { Observation } from '../../src/observe.ts';
import { createLiving } from '../../src/serving/living.ts';
import { defineAdapter, Fault, secretReference } from '../../src/spi.ts';
import { folderWith } from '../config/written.ts';

/** A source from its opening to its end. */
export interface Life {
  readonly source: string;
  readonly label: string;
  disposed: boolean;
}

export interface Probe {
  /** All sources that were ever opened, the oldest first. */
  readonly lives: readonly Life[];
  /** Sources that are open now: `core:one`. */
  open(): readonly string[];
  /** Labels of sources whose opening has begun. */
  readonly begun: readonly string[];
  /** Labels of sources of which a first row has been read. */
  readonly read: readonly string[];
  /** What opening a source of this label waits for. */
  readonly opening: Map<string, Promise<void>>;
  /** What a read of a source of this label waits for after its first row. */
  readonly reading: Map<string, Promise<void>>;
  /** What a write to a source of this label waits for. */
  readonly writing: Map<string, Promise<void>>;
  /** Labels of sources to which a write has begun, and of those where it was made. */
  readonly writes: { readonly begun: readonly string[]; readonly made: readonly string[] };
  /** Labels whose sources cannot be opened: what they throw. */
  readonly broken: Map<string, Fault>;
  readonly adapters: Adapters;
}

export function createProbe(): Probe {
  const lives: Life[] = [];
  const begun: string[] = [];
  const read: string[] = [];
  const opening = new Map<string, Promise<void>>();
  const reading = new Map<string, Promise<void>>();
  const writing = new Map<string, Promise<void>>();
  const writes = { begun: [] as string[], made: [] as string[] };
  const broken = new Map<string, Fault>();
  const adapter = defineAdapter({
    name: 'probe',
    options: z.strictObject({
      label: z.string(),
      password: secretReference.optional(),
      layout: z.string().optional(),
      collections: z.record(z.string(), z.strictObject({})),
    }),
    async open({ label, password, layout, collections }, host) {
      if (password !== undefined) await host.secret(password);
      if (layout !== undefined) host.describedBy?.(host.path(layout));
      begun.push(label);
      await opening.get(label);
      const fault = broken.get(label);
      if (fault !== undefined) throw fault;
      const life: Life = { source: host.source, label, disposed: false };
      lives.push(life);
      const source = memorySource(
        Object.keys(collections).map((name) => ({
          name,
          key: ['id'],
          watchable: true,
          writes: ['upsert'],
          fields: [
            { name: 'id', type: { kind: 'int32' } },
            { name: 'label', type: { kind: 'string' } },
          ],
          rows: [1, 2].map((id) => ({ id, label })),
        })),
      );
      return {
        ...source,
        access(query) {
          const access = source.access(query);
          return {
            ...access,
            async *read(ask) {
              for await (const batch of access.read(ask)) {
                for (let i = 0; i < batch.length; i++) {
                  if (life.disposed) throw new Fault('unavailable', 'disposed while it was read');
                  yield { length: 1, row: () => batch.row(i) };
                  if (i === 0) read.push(label);
                  await reading.get(label);
                }
              }
            },
          };
        },
        async write(changes, how) {
          writes.begun.push(label);
          await writing.get(label);
          if (life.disposed) throw new Fault('unavailable', 'disposed while it was written');
          const outcomes = await source.write?.(changes, how);
          writes.made.push(label);
          return outcomes ?? [];
        },
        async [Symbol.asyncDispose]() {
          assert.equal(life.disposed, false, 'nothing is disposed twice');
          life.disposed = true;
          await source[Symbol.asyncDispose]();
        },
      };
    },
  });
  return {
    lives,
    open: () => lives.filter(({ disposed }) => !disposed).map(({ source, label }) => `${source}:${label}`),
    begun,
    read,
    opening,
    reading,
    writing,
    writes,
    broken,
    adapters: { probe: async () => adapter },
  };
}

/** A source of the probe as it stands in the file. */
export function declared(name: string, label: string, more = '', collection = `${name}Things`): string {
  return `  ${name}: { adapter: probe, label: ${label}, ${more === '' ? '' : `${more}, `}collections: { ${collection}: {} } }\n`;
}

export const QUICK =
  'access: { development: true }\npolicy: { source: { reopenMs: 20, openMs: 200 }, reload: { replacedMs: 60000 } }\n';

export async function living(t: TestContext, text: string, files: Readonly<Record<string, string>> = {}) {
  const probe = createProbe();
  const folder = folderWith({ ...files, 'c.yaml': text });
  const file = join(folder, 'c.yaml');
  const read = async () => {
    const reading = await loadConfig(file, probe.adapters);
    return reading.config === undefined
      ? { problems: reading.problems.map((problem) => ({ ...problem, file: 'c.yaml' })) }
      : reading;
  };
  const { config } = await loadConfig(file, probe.adapters);
  assert.ok(config);
  const seen: Observation[] = [];
  const gateway = createLiving({
    config,
    read,
    secrets: createSecrets(folder, {}),
    app: { version: '0', observe: (observation) => seen.push(observation) },
  });
  const listening = await listen(gateway.handler, { host: '127.0.0.1', port: 0 });
  const { url } = listening;
  t.after(async () => {
    gateway.stopWatching();
    await listening.close(100);
    await gateway.close();
    assert.deepEqual(probe.open(), [], 'everything has been disposed');
  });
  const ask = async (path: string) => {
    const response = await fetch(url + path);
    // biome-ignore lint/suspicious/noExplicitAny: the shape is the question's, and each test knows its own
    const body: any = await response.json();
    return { status: response.status, headers: response.headers, body };
  };
  return {
    ...gateway,
    probe,
    url,
    folder,
    seen,
    listening,
    ask,
    write: (content: string, name = 'c.yaml') => writeFileSync(join(folder, name), content),
    /** The label that a source's rows have now, or the status of the fault. */
    async label(collection: string): Promise<string | number> {
      const { status, body } = await ask(`/api/${collection}/1`);
      return status === 200 ? body.label : status;
    },
  };
}

/** On a machine with much to do. */
const PATIENCE_MS = 30_000;

export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS; ) {
    if (await what()) return;
    await wait(10);
  }
  assert.fail(`never: ${what}`);
}
