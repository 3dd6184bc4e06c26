// Knows: which configured client a key or a certificate belongs to.
// Must not know: tokens, where clients are written down.

import type { Caller } from '../query/caller.ts';
import type { ClientDeclaration, Clients } from './access.ts';
import type { ClientCertificate } from './authenticate.ts';
import { canonicalFingerprint, canonicalName } from './distinguished-name.ts';

/** The client of a key, and when the key ends: milliseconds since 1970. */
export interface KeyHolder {
  readonly caller: Caller;
  readonly untilMs: number;
}

export interface ClientIndex {
  /** By the SHA-256 of what was shown. */
  ofKey(sha256: string): KeyHolder | undefined;
  ofCertificate(certificate: ClientCertificate): Caller | undefined;
}

/** Nothing may be in it twice: `collisions` says what is. */
export function indexClients(clients: Clients): ClientIndex {
  const keys = new Map<string, KeyHolder>();
  const fingerprints = new Map<string, Caller>();
  const subjects = new Map<string, Caller>();
  for (const [name, client] of Object.entries(clients)) {
    const byKey = callerOf(name, client, 'key');
    for (const { sha256, expires } of client.keys) {
      const untilMs = expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(`${expires}T00:00:00Z`);
      keys.set(sha256, { caller: byKey, untilMs });
    }
    const byCertificate = callerOf(name, client, 'certificate');
    for (const certificate of client.certificates) {
      if ('subject' in certificate) {
        const subject = canonicalName(certificate.subject);
        if (subject !== undefined) subjects.set(subject, byCertificate);
      } else fingerprints.set(canonicalFingerprint(certificate.fingerprint256), byCertificate);
    }
  }
  return {
    ofKey: (sha256) => keys.get(sha256),
    ofCertificate: ({ fingerprint256, subject }) => {
      const known = fingerprints.get(canonicalFingerprint(fingerprint256));
      if (known !== undefined || subjects.size === 0) return known;
      const name = canonicalName(subject);
      return name === undefined ? undefined : subjects.get(name);
    },
  };
}

function callerOf(client: string, { roles, claims }: ClientDeclaration, by: Caller['by']): Caller {
  return { client, roles, claims: { ...claims, sub: client, client }, by };
}

/** A credential that stands twice: with which of two clients it came could not be said. */
export interface Collision {
  /** Whose it was first. */
  readonly first: string;
  readonly client: string;
  readonly of: 'keys' | 'certificates';
  /** Place in that list of `client`. */
  readonly index: number;
}

/** In the order of the clients. */
export function collisions(clients: Clients): readonly Collision[] {
  const seen = new Map<string, string>();
  const found: Collision[] = [];
  for (const [client, { keys, certificates }] of Object.entries(clients)) {
    const note = (of: Collision['of'], index: number, credential: string): void => {
      const first = seen.get(credential);
      if (first === undefined) seen.set(credential, client);
      else found.push({ first, client, of, index });
    };
    for (const [index, { sha256 }] of keys.entries()) note('keys', index, `key ${sha256}`);
    for (const [index, certificate] of certificates.entries()) {
      note(
        'certificates',
        index,
        'subject' in certificate
          ? `subject ${canonicalName(certificate.subject)}`
          : `fingerprint ${canonicalFingerprint(certificate.fingerprint256)}`,
      );
    }
  }
  return found;
}
