// Knows: how an API key is made, and what is kept of it.
// Must not know: whose it is.

import { hash, randomBytes } from 'node:crypto';
import { KEY_PREFIX } from './key-prefix.ts';

const KEY_BYTES = 32;

/** `op_` and 256 random bits in base64url (43 characters). */
export function newKey(): string {
  return `${KEY_PREFIX}${randomBytes(KEY_BYTES).toString('base64url')}`;
}

/**
 * What is kept of a key, and of a token that has been verified: its SHA-256 in lower-case hexadecimal. A slow, salted hash protects words
 * that people choose; nobody finds 256 random bits by trying, so a fast one gives nothing away and costs the hot path a microsecond. What was
 * shown is looked up by this hash: how long the look takes depends on the hash, which says nothing about a key that is nearly right.
 */
export function hashOfKey(key: string): string {
  return hash('sha256', key, 'hex');
}
