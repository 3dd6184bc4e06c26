// Knows: what a source was made of beside its options: the secrets and the files that its adapter read through its host.
// Must not know: what a source is.

import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Host, SecretReference } from '../spi.ts';

export interface MadeOf {
  /** The host to lend to the adapter in place of the one that was given: it takes note of what is read. */
  readonly host: Host;
  /** Absolute paths of files that the source was made of; those of secrets as well. */
  files(): readonly string[];
  /** Whether everything that was read would be read the same today. A secret or a file that is gone is not the same. */
  unchanged(): Promise<boolean>;
}

const GONE = 'gone';

export function madeOf(given: Host): MadeOf {
  // Only what came out of a one-way function is kept of a secret.
  const secrets = new Map<string, { readonly reference: SecretReference; readonly digest: string }>();
  const files = new Map<string, Promise<string>>();
  return {
    host: {
      ...given,
      async secret(reference) {
        const text = await given.secret(reference);
        secrets.set(JSON.stringify(reference), { reference, digest: digestOf(text) });
        return text;
      },
      describedBy(path) {
        files.set(path, fileDigest(path));
      },
    },
    files: () => [
      ...files.keys(),
      ...[...secrets.values()].flatMap(({ reference }) =>
        'file' in reference ? [given.path(reference.file)] : [],
      ),
    ],
    async unchanged() {
      const same = await Promise.all([
        ...[...secrets.values()].map(async ({ reference, digest }) => {
          try {
            return digestOf(await given.secret(reference)) === digest;
          } catch {
            return false;
          }
        }),
        ...[...files].map(async ([path, digest]) => (await fileDigest(path)) === (await digest)),
      ]);
      return !same.includes(false);
    },
  };
}

function digestOf(content: string | Uint8Array): string {
  return hash('sha256', content, 'base64');
}

async function fileDigest(path: string): Promise<string> {
  try {
    return digestOf(await readFile(path));
  } catch {
    return GONE;
  }
}
