// Knows: which keys a host may have: fingerprints, and the file known_hosts of OpenSSH (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
// Must not know: connections.

import { createHash, createHmac } from 'node:crypto';

/** What is known of a host before it is asked. */
export type Trust =
  | { readonly by: 'nothing' }
  | { readonly by: 'fingerprints'; readonly fingerprints: readonly string[] }
  | { readonly by: 'known-hosts'; readonly lines: readonly KnownHost[] };

/** A line of known_hosts that speaks of the host in question. */
export interface KnownHost {
  readonly type: string;
  /** Base64. */
  readonly key: string;
  readonly revoked: boolean;
}

/** `unknown`: nothing is known of the host; `changed`: it has another key than what is known; `revoked`: this very key must not be used. */
export type Verdict = 'trusted' | 'unknown' | 'changed' | 'revoked';

export function judge(trust: Trust, key: Uint8Array): Verdict {
  switch (trust.by) {
    case 'nothing':
      return 'unknown';
    case 'fingerprints':
      return trust.fingerprints.includes(fingerprintOf(key)) ? 'trusted' : 'changed';
    case 'known-hosts': {
      const text = key.toBase64();
      const same = trust.lines.filter((line) => line.key === text);
      if (same.some(({ revoked }) => revoked)) return 'revoked';
      if (same.length > 0) return 'trusted';
      return trust.lines.some(({ revoked }) => !revoked) ? 'changed' : 'unknown';
    }
  }
}

/** As OpenSSH prints it: SHA-256 of the key's blob, base64 without padding. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** RFC 4253, section 6.6: a key's blob begins with its type. */
export function typeOf(key: Uint8Array): string {
  if (key.length < 4) return 'unknown';
  const length = new DataView(key.buffer, key.byteOffset).getUint32(0);
  return new TextDecoder('latin1').decode(key.subarray(4, 4 + length)).replaceAll(/[^\w@.-]/g, '?');
}

/** The lines of `text` that speak of the host. Certificate authorities are passed over: their hosts stay unknown. */
export function knownHost(text: string, host: string, port: number): readonly KnownHost[] {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
  return text.split(/\r?\n/).flatMap((line) => {
    const words = line.trim().split(/[ \t]+/);
    const marker = words[0]?.startsWith('@') === true ? words.shift() : undefined;
    const [hosts = '', type, key] = words;
    if (hosts === '' || hosts.startsWith('#') || type === undefined || key === undefined) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    return speaksOf(hosts, name) ? [{ type, key, revoked: marker === '@revoked' }] : [];
  });
}

function speaksOf(hosts: string, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts);
  if (hashed !== null) {
    const [, salt = '', hash] = hashed;
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
  }
  const patterns = hosts.toLowerCase().split(',');
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1), name))) return false;
  return patterns.some((pattern) => matches(pattern, name));
}

/** `*` stands for any characters, `?` for one. */
function matches(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll(/[^*?]/g, (char) => RegExp.escape(char))
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}
