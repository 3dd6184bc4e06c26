// Knows: the keys of one issuer as they are now: when they are asked for again, and how long old ones are believed.
// Must not know: tokens, where keys come from.

import {
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWSHeaderParameters,
  type LocalJWKSet,
} from 'jose';
import { Fault, toFault } from '../fault.ts';
import { isJsonObject } from './json-members.ts';

/** The public key that a token's header names. */
type Key = Awaited<ReturnType<LocalJWKSet>>;

export interface IssuerKeys {
  /**
   * Throws jose's `JWKSNoMatchingKey` for a key that the issuer does not have, and `unavailable` (`keys-unavailable`) where that cannot be
   * said: the issuer has not been reached since, or for so long that its old keys are not believed any more.
   */
  keyOf(header: JWSHeaderParameters): Promise<Key>;
  /** Asks for the keys now, unless somebody is asking. Never throws: what went wrong is told. */
  refresh(): Promise<void>;
  /** The same, and throws what went wrong. */
  load(): Promise<void>;
}

export interface KeysParts {
  /** For messages. */
  readonly issuer: string;
  /** The key set as JSON; throws a Fault. */
  readonly tell: () => Promise<unknown>;
  readonly staleKeysMs: number;
  readonly onFault: (fault: Fault) => void;
  /** Milliseconds since any moment. */
  readonly now: () => number;
}

/** Keys this old are asked for again, behind the requests that still use them. */
const FRESH_MS = 600_000;

/** A key that nobody knows makes ask again at most this often: anybody can write any name of a key into a token. */
const COOLDOWN_MS = 30_000;

/** After a failure the issuer is left alone for so long. */
const RETRY_MS = 5_000;

export function issuerKeys({ issuer, tell, staleKeysMs, onFault, now }: KeysParts): IssuerKeys {
  let keys: LocalJWKSet | undefined;
  /** When the issuer has last told its keys, and when it was last asked and failed. */
  let toldAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    try {
      keys = createLocalJWKSet(keySet(await tell(), issuer));
      toldAt = now();
      failedAt = Number.NEGATIVE_INFINITY;
    } catch (error) {
      // What was told before stays, as a whole.
      failedAt = now();
      throw error instanceof errors.JWKSInvalid ? noKeySet(issuer) : error;
    } finally {
      asking = undefined;
    }
  };
  const load = (): Promise<void> => {
    asking ??= ask();
    return asking;
  };
  const refresh = (): Promise<void> => load().catch((error: unknown) => onFault(toFault(error)));
  const mayAsk = (pauseMs: number): boolean =>
    asking !== undefined || (now() - failedAt >= RETRY_MS && now() - toldAt >= pauseMs);

  return {
    load,
    refresh,
    async keyOf(header) {
      const age = (): number => now() - toldAt;
      if (age() >= FRESH_MS && mayAsk(FRESH_MS)) {
        const asked = refresh();
        if (age() >= staleKeysMs) await asked;
      }
      if (keys === undefined || age() >= Math.max(staleKeysMs, FRESH_MS)) throw unknown(issuer);
      try {
        return await keys(header);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      }
      if (mayAsk(COOLDOWN_MS)) await refresh();
      // An issuer that does not answer may have this key: it is not the client's fault.
      if (failedAt > toldAt) {
        return await keys(header).catch(() => {
          throw unknown(issuer);
        });
      }
      return await keys(header);
    },
  };
}

/** An issuer without any key that could be used is taken for a broken one. A shared secret has no business in a public key set. */
function keySet(json: unknown, issuer: string): JSONWebKeySet {
  const found = isJsonObject(json) ? json['keys'] : undefined;
  const keys = (Array.isArray(found) ? found : [])
    .filter(isJsonObject)
    .flatMap(({ kty, ...members }) =>
      typeof kty === 'string' && kty !== 'oct' ? [{ ...members, kty }] : [],
    );
  if (keys.length === 0) throw noKeySet(issuer);
  return { keys };
}

function noKeySet(issuer: string): Fault {
  return new Fault('unavailable', `What ${issuer} answers is no set of keys`, { code: 'keys-unavailable' });
}

function unknown(issuer: string): Fault {
  return new Fault('unavailable', `Tokens of ${issuer} cannot be verified now: its keys cannot be had`, {
    code: 'keys-unavailable',
  });
}
