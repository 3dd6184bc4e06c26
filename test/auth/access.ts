// `access` as the configuration would give it, and an `Authenticate` made of it.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { AccessDeclaration, ClientDeclaration, IssuerDeclaration } from '../../src/auth/access.ts';
import type { Credentials } from '../../src/auth/authenticate.ts';
import { type AuthenticateParts, createAuthenticate } from '../../src/auth/create-authenticate.ts';
import { Fault } from '../../src/fault.ts';
import type { Observation } from '../../src/observe.ts';
import type { Caller } from '../../src/query/caller.ts';

export const ROLES = ['teller', 'auditor', 'clerk'];

export function accessOf(more: Partial<AccessDeclaration> = {}): AccessDeclaration {
  return { clients: {}, tokens: [], ...more };
}

export function client(more: Partial<ClientDeclaration> = {}): ClientDeclaration {
  return { roles: ['teller'], claims: {}, keys: [], certificates: [], ...more };
}

export function issuerOf(issuer: string, more: Partial<IssuerDeclaration> = {}): IssuerDeclaration {
  return {
    issuer,
    audience: 'gateway',
    algorithms: ['RS256', 'ES256'],
    clockSkewMs: 30_000,
    staleKeysMs: 14_400_000,
    roles: 'roles',
    client: 'sub',
    ...more,
  };
}

export interface Door {
  ask(credentials: Credentials): Promise<Caller>;
  /** The code of the fault, and for the log its reason: `bad-credentials unknown-key`. */
  refusal(credentials: Credentials): Promise<string>;
  readonly accepts: (caller: Caller) => boolean;
  readonly seen: readonly Observation[];
}

export async function door(
  t: TestContext,
  access: AccessDeclaration | undefined,
  parts: Partial<AuthenticateParts> = {},
): Promise<Door> {
  const seen: Observation[] = [];
  const never = (): never => assert.fail('no file is read');
  const authenticating = await createAuthenticate(access, {
    roles: ROLES,
    observe: (observation) => seen.push(observation),
    readClients: never,
    readKeys: never,
    watch: never,
    ...parts,
  });
  t.after(() => authenticating[Symbol.dispose]());
  const { authenticate, accepts } = authenticating;
  return {
    seen,
    ask: authenticate,
    accepts,
    refusal: async (credentials) => {
      try {
        const { client: name } = await authenticate(credentials);
        return `let in as ${name}`;
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
        const { cause } = error;
        const why = cause instanceof Error && 'code' in cause ? ` ${String(cause.code)}` : '';
        return `${error.code}${why}`;
      }
    },
  };
}

/** A clock that stands until it is told. */
export function clock(start = Date.now()) {
  let at = start;
  return {
    now: () => at,
    pass(ms: number) {
      at += ms;
    },
  };
}
