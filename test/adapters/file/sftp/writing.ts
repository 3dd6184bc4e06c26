// How the tests write files by SFTP: a store that leads to the server of a site, and content.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sftp } from '../../../../adapters/file/options/sftp-options.ts';
import { type SftpStore, sftpStore } from '../../../../adapters/file/sftp/store.ts';
import type { StoredFile } from '../../../../adapters/file/store/byte-store.ts';
import { hostAt, never } from '../opening.ts';
import { type Site, secrets } from './opening.ts';

export function storeAt(at: Site, more: Readonly<Record<string, unknown>> = {}): Promise<SftpStore> {
  const given = {
    host: '127.0.0.1',
    port: at.server.port,
    user: 'batch',
    password: { env: 'PASSWORD' },
    hostKey: at.server.fingerprint,
    maxAgeMs: 0,
    settleMs: 600_000,
    ...more,
  };
  const options = sftp.parse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  const cache = { folder: 'cache', maxBytes: 100_000_000 };
  return sftpStore({ sftp: options, cache }, { ...hostAt(at.local.path), secret: secrets });
}

export async function* content(...parts: readonly (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

export async function replace(file: StoredFile, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  await using edit = await editing(file);
  return await edit.replace(content(...parts), { signal: never });
}

export function editing(file: StoredFile) {
  if (file.edit === undefined) throw new Error('it cannot be written');
  return file.edit({ signal: never });
}

/** What a reader has of it now. */
export async function read(file: StoredFile): Promise<string> {
  await using opened = await file.open({ signal: never });
  const bytes = Buffer.alloc(opened.size);
  await opened.read(bytes, 0, { signal: never });
  return bytes.toString();
}

export function remote(at: Site, name: string): string {
  return readFileSync(join(at.remote.path, name), 'utf8');
}

export function namesOf(at: Site): readonly string[] {
  return readdirSync(at.remote.path).toSorted();
}

/** Waits for what comes about by itself, but not for ever. */
export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i === 400) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
