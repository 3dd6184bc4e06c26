// Knows: where secrets are (the environment, files) and that no text which leaves the process may hold one.
// Must not know: what they open.

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '../fault.ts';
import type { SecretReference } from '../spi.ts';
import { quoted } from './problem.ts';

export interface Secrets {
  /** The text behind a reference; throws a misconfigured Fault that names the reference, never the value. */
  read(reference: SecretReference): Promise<string>;
  /** The text with every secret that was ever read blotted out. */
  redact(text: string): string;
}

const BLOT = '[secret]';

/** Blotting out something as short as this would destroy the log and protect nothing. */
const MIN_BLOTTED = 4;

export function createSecrets(
  folder: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Secrets {
  const known = new Set<string>();
  /** All of them in one look: every line of the log passes here. Undefined: there are none. */
  let pattern: RegExp | undefined;

  const remember = (secret: string): string => {
    const before = known.size;
    for (const part of [secret, ...passwordIn(secret)]) {
      if (part.length < MIN_BLOTTED) continue;
      // As it stands, as JSON writes it, and as a URL does.
      for (const form of [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part)]) known.add(form);
    }
    if (known.size > before) {
      // The longer first: a secret may be a part of another.
      const forms = [...known].toSorted((a, b) => b.length - a.length);
      pattern = new RegExp(forms.map((form) => RegExp.escape(form)).join('|'), 'g');
    }
    return secret;
  };

  return {
    async read(reference) {
      if ('env' in reference) {
        const value = env[reference.env];
        if (value !== undefined && value !== '') return remember(value);
        throw misconfigured(`The environment variable ${quoted(reference.env)} of a secret is not set`);
      }
      try {
        const text = await readFile(resolve(folder, reference.file), 'utf8');
        // Editors and `echo` end a file with a line end that is not part of the secret.
        const value = text.replace(/\r?\n$/, '');
        if (value !== '') return remember(value);
      } catch (error) {
        throw misconfigured(`The file of a secret cannot be read: ${reference.file}`, error);
      }
      throw misconfigured(`The file of a secret is empty: ${reference.file}`);
    },
    redact(text) {
      return pattern === undefined ? text : text.replace(pattern, BLOT);
    },
  };
}

/** An address with a password in it is a secret as a whole, and so is the password alone, as it is written there and as it is meant. */
function passwordIn(secret: string): readonly string[] {
  const written = URL.parse(secret.trim())?.password ?? '';
  if (written === '') return [];
  try {
    return [written, decodeURIComponent(written)];
  } catch {
    return [written];
  }
}

function misconfigured(message: string, cause?: unknown): Fault {
  return new Fault('unavailable', message, { code: 'secret-missing', misconfigured: true, cause });
}
