// Knows: which configured client a key or a certificate belongs to.
// Must not know: tokens, where clients are written down.

import type { Caller } from '../query/caller.ts';
import type { ClientDeclaration, Clients } from './access.ts';
import type { ClientCertificate } from './authenticate.ts';
import { canonicalFingerprint, canonicalName } from './distinguished-name.ts';

/** Who a credential belongs to, and when it ends: milliseconds since 1970. */
export interface Holder {
  readonly caller: Caller;
  readonly untilMs: number;
}

export interface ClientIndex {
  /** By the SHA-256 of what was shown. */
  ofKey(sha256: string): Holder | undefined;
  ofCertificate(certificate: ClientCertificate): Caller | undefined;
  /** Undefined: the caller's credential is not, or not any more, that of a client as it is. */
  holderOf(caller: Caller): Holder | undefined;
}

/**
 * Each credential has a caller of its own, the same object for as long as nothing about it changes: also that of `before`, the index that this
 * one takes the place of. Nothing may be in it twice: `collisions` says what is.
 */
export function indexClients(clients: Clients, before?: ClientIndex): ClientIndex {
  const keys = new Map<string, Holder>();
  const fingerprints = new Map<string, Holder>();
  const subjects = new Map<string, Holder>();
  const holders = new Map<Caller, Holder>();
  const hold = (made: Caller, known: Caller | undefined, untilMs = Number.POSITIVE_INFINITY): Holder => {
    const same = known !== undefined && JSON.stringify(known) === JSON.stringify(made);
    const holder = { caller: same ? known : made, untilMs };
    holders.set(holder.caller, holder);
    return holder;
  };
  for (const [name, client] of Object.entries(clients)) {
    for (const { sha256, expires } of client.keys) {
      const untilMs = expires === undefined ? undefined : Date.parse(`${expires}T00:00:00Z`);
      keys.set(sha256, hold(callerOf(name, client, 'key'), before?.ofKey(sha256)?.caller, untilMs));
    }
    for (const certificate of client.certificates) {
      const made = callerOf(name, client, 'certificate');
      if ('subject' in certificate) {
        const { subject } = certificate;
        const known = before?.ofCertificate({ fingerprint256: '', subject });
        subjects.set(canonicalName(subject) ?? '', hold(made, known));
      } else {
        const { fingerprint256 } = certificate;
        const known = before?.ofCertificate({ fingerprint256, subject: '' });
        fingerprints.set(canonicalFingerprint(fingerprint256), hold(made, known));
      }
    }
  }
  return {
    ofKey: (sha256) => keys.get(sha256),
    ofCertificate: ({ fingerprint256, subject }) => {
      const known = fingerprints.get(canonicalFingerprint(fingerprint256));
      if (known !== undefined || subjects.size === 0) return known?.caller;
      const name = canonicalName(subject);
      return name === undefined ? undefined : subjects.get(name)?.caller;
    },
    holderOf: (caller) => holders.get(caller),
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
