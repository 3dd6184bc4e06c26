// Knows: how what clients carry is sealed and how values are hashed for those who must not see them: AES-256-GCM and HMAC-SHA-256 of node:crypto.
// Must not know: what is sealed, who masks what.

import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { Sealing } from '../query/sealing.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HASH_CHARS = 16;

/** Fewer characters can be tried out. */
export const MIN_KEY_CHARS = 32;

/** Outlives a change of the configuration. */
const OWN_KEY = randomBytes(32);

/**
 * `secret`: the key of the configuration, as text; without one a random key that ends with the process: then sealed cursors are not accepted
 * any more after a restart, nor by another replica, and hashes are others.
 */
export function createSealing(secret?: string): Sealing {
  const master = secret === undefined ? OWN_KEY : Buffer.from(secret, 'utf8');
  const keyFor = (purpose: string) => createHmac('sha256', master).update(`overpunch ${purpose}`).digest();
  const cursors = keyFor('cursors');
  const masks = keyFor('masks');
  return {
    seal(text, bound) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', cursors, nonce);
      cipher.setAAD(Buffer.from(bound, 'utf8'));
      const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return sealed.toString('base64url');
    },
    open(sealed, bound) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      try {
        const decipher = createDecipheriv('aes-256-gcm', cursors, bytes.subarray(0, NONCE_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(bound, 'utf8'));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        const text = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString('utf8');
      } catch {
        // The tag does not fit.
        return undefined;
      }
    },
    hash: (text) => createHmac('sha256', masks).update(text, 'utf8').digest('base64url').slice(0, HASH_CHARS),
  };
}
