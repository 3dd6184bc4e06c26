// Knows: the keys of all issuers that are asked over the network, for as long as somebody may want them.
// Must not know: tokens, configurations that come and go.

import type { Fault } from '../fault.ts';
import type { IssuerDeclaration } from './access.ts';
import { type IssuerKeys, issuerKeys } from './issuer-keys.ts';
import { fetchKeySet } from './key-address.ts';

/** They outlive a configuration that is read again: an issuer that is down then would otherwise be one whose keys nobody knows. */
export interface Issuers extends Disposable {
  /** The same keys for the same issuer at the same address. */
  keysOf(declared: IssuerDeclaration, told: KeysTold): IssuerKeys;
}

export interface KeysTold {
  readonly onFault: (fault: Fault) => void;
  readonly now: () => number;
}

export function createIssuers(): Issuers {
  const stopped = new AbortController();
  const known = new Map<string, IssuerKeys>();
  return {
    keysOf(declared, { onFault, now }) {
      const { issuer, jwks, staleKeysMs } = declared;
      const name = JSON.stringify([issuer, jwks, staleKeysMs]);
      const keys =
        known.get(name) ??
        issuerKeys({
          issuer,
          staleKeysMs,
          now,
          onFault: (fault) => {
            if (!stopped.signal.aborted) onFault(fault);
          },
          tell: () => fetchKeySet(declared, stopped.signal),
        });
      known.set(name, keys);
      return keys;
    },
    [Symbol.dispose]: () => stopped.abort(),
  };
}
