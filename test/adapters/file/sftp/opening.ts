// How the tests open one file by SFTP: a folder that the server shows, one for the cache, and lines of text in it.

import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from '#spi';
import { adapter } from '../../../../adapters/file/file.ts';
import { type SftpServer, type SftpServerOptions, sftpServer } from '../../../fakes/sftp/server.ts';
import { collect, type Folder, folder, hostAt } from '../opening.ts';

export const PASSWORD = 'open-sesame-77';

export interface Site extends AsyncDisposable {
  /** What the server shows. */
  readonly remote: Folder;
  /** Where the gateway is configured; the cache is in it. */
  readonly local: Folder;
  readonly server: SftpServer;
  /** Writes a file whose last change is an hour ago, unless told otherwise, in seconds. */
  put(name: string, content: string | Uint8Array, age?: number): void;
  open(
    more?: Readonly<Record<string, unknown>>,
    path?: string | { readonly files: string },
    rest?: { readonly watchEveryMs?: number; readonly key?: readonly string[] },
  ): Promise<Source>;
  /** Names in the cache. */
  cached(): readonly string[];
}

/** Every look is due at once, and nothing waits for long. */
const EAGER = { maxAgeMs: 0, connectMs: 20_000, keepAliveMs: 0 };

export async function site(options: Partial<SftpServerOptions> = {}): Promise<Site> {
  const remote = folder();
  const local = folder({
    'line.json': JSON.stringify([{ name: 'text', start: 0, width: 8, type: 'string', padPosition: 'end' }]),
  });
  const server = await sftpServer({ folder: remote.path, password: PASSWORD, ...options });
  const sources: Source[] = [];
  return {
    remote,
    local,
    server,
    put(name, content, age = 3_600) {
      remote.write(name, content);
      const at = Math.floor(Date.now() / 1000) - age;
      utimesSync(join(remote.path, name), at, at);
    },
    async open({ cache = { folder: 'cache' }, ...more } = {}, path = 'data.txt', { key, ...rest } = {}) {
      const host = { ...hostAt(local.path), secret: secrets };
      const sftp = {
        host: '127.0.0.1',
        port: server.port,
        user: 'batch',
        password: { env: 'PASSWORD' },
        hostKey: server.fingerprint,
        ...EAGER,
        ...more,
      };
      const given = Object.fromEntries(Object.entries(sftp).filter(([, value]) => value !== undefined));
      const source = await adapter.open(
        adapter.options.parse({
          store: { sftp: given },
          cache,
          ...rest,
          collections: {
            lines: {
              ...(typeof path === 'string' ? { path } : path),
              parseMap: 'line.json',
              ...(key === undefined ? {} : { key }),
            },
          },
        }),
        host,
      );
      sources.push(source);
      return source;
    },
    cached: () => namesIn(join(local.path, 'cache', 'files')),
    async [Symbol.asyncDispose]() {
      for (const source of sources) await source[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      remote[Symbol.dispose]();
      local[Symbol.dispose]();
    },
  };
}

/** What the environment would hold. */
export const SECRETS: Map<string, string> = new Map([['PASSWORD', PASSWORD]]);

export async function secrets(
  reference: { readonly env: string } | { readonly file: string },
): Promise<string> {
  const secret = 'env' in reference ? SECRETS.get(reference.env) : undefined;
  if (secret === undefined) throw new Error('no such secret');
  return secret;
}

function namesIn(path: string): readonly string[] {
  return statSync(path, { throwIfNoEntry: false }) === undefined ? [] : readdirSync(path).toSorted();
}

export async function texts(source: Source): Promise<readonly unknown[]> {
  return (await collect(source, { collection: 'lines' })).map((row) => row['text']);
}
