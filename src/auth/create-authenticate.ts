// Knows: how the kinds of credentials come together: what is shown, who that is, and what happens where nothing is shown.
// Must not know: HTTP, files, how each kind is checked.

import type { Fault } from '../fault.ts';
import type { Observe } from '../observe.ts';
import type { Caller } from '../query/caller.ts';
import type { AccessDeclaration, Clients } from './access.ts';
import type { Authenticate, ClientCertificate, Credentials } from './authenticate.ts';
import { indexClients } from './clients.ts';
import { DEVELOPER } from './developer.ts';
import { issuerKeys } from './issuer-keys.ts';
import { createIssuers, type Issuers } from './issuers.ts';
import { hashOfKey } from './key.ts';
import { ambiguous, nobody, noCredentials, notAccepted } from './refusal.ts';
import { shownIn } from './shown.ts';
import { type TrustedIssuer, tokenVerifier, type VerifiedToken } from './tokens.ts';
import { verifiedTokens } from './verified.ts';

export interface AuthenticateParts {
  /** Roles that are defined, in the order of the configuration. */
  readonly roles: readonly string[];
  readonly observe: Observe;
  /** Clients of `clientsFile`, all of them valid; throws a Fault. */
  readonly readClients: (file: string) => Promise<Clients>;
  /** JSON of a file of keys; throws a Fault. */
  readonly readKeys: (file: string) => Promise<unknown>;
  /** Calls back whenever the file has changed and nobody is writing it any more; resolves when no change can be missed. */
  readonly watch: (file: string, changed: () => void) => Promise<Disposable>;
  /** Absent: keys of issuers are asked for anew, and forgotten at the end. */
  readonly issuers?: Issuers;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Authenticating extends Disposable {
  readonly authenticate: Authenticate;
  /** Whether the credentials of a caller are still accepted, for what goes on long after they were shown. */
  accepts(caller: Caller): boolean;
}

/**
 * Credentials → Caller for a configuration's `access`; without one nobody is let in. Keys of issuers are asked for at once, and an issuer that is
 * down is no failure: its tokens are refused with `keys-unavailable` until it answers. Throws the misconfigured Fault of a file that cannot be
 * read; one that breaks later leaves what was read before, and is told as a `reload` with problems.
 *
 * One credential says who asks. Key and token together are refused. A client certificate beside one of them must not contradict it: it is
 * the same client's, or nobody's (a proxy's, a machine's). A token that is bound to a certificate (RFC 8705) is refused without that very one.
 */
export async function createAuthenticate(
  access: AccessDeclaration | undefined,
  parts: AuthenticateParts,
): Promise<Authenticating> {
  if (access === undefined) {
    return {
      authenticate: () => Promise.reject(nobody()),
      accepts: () => false,
      [Symbol.dispose]: () => {},
    };
  }
  if (access.development === true) {
    return {
      authenticate: () => Promise.resolve(DEVELOPER),
      accepts: () => true,
      [Symbol.dispose]: () => {},
    };
  }
  const { observe, now = Date.now } = parts;
  using kept = new DisposableStack();

  let index = indexClients(access.clients);
  const { clientsFile } = access;
  if (clientsFile !== undefined) {
    const read = async (): Promise<void> => {
      index = indexClients({ ...access.clients, ...(await parts.readClients(clientsFile)) }, index);
    };
    // Watched before it is read, so that no change falls in between.
    kept.use(await reread(clientsFile, parts, read));
    await read();
  }

  const { issuers = kept.use(createIssuers()) } = parts;
  const told = { now, onFault: (fault: Fault) => observe({ kind: 'fault', fault }) };
  const trusted = await Promise.all(
    access.tokens.map(async (declared): Promise<TrustedIssuer> => {
      const { issuer, jwks } = declared;
      if (typeof jwks !== 'object') {
        const keys = issuers.keysOf(declared, told);
        void keys.refresh();
        return { declared, keys };
      }
      const { file } = jwks;
      // A file is as new as its last change, which is told.
      const staleKeysMs = Number.POSITIVE_INFINITY;
      const keys = issuerKeys({ issuer, staleKeysMs, ...told, tell: () => parts.readKeys(file) });
      kept.use(await reread(file, parts, () => keys.load()));
      await keys.load();
      return { declared, keys };
    }),
  );
  const verify = tokenVerifier(trusted, parts.roles, now);
  const verified = verifiedTokens(now);

  const ofKey = (key: string): Caller => {
    const holder = index.ofKey(hashOfKey(key));
    if (holder === undefined) throw notAccepted('unknown-key');
    if (now() >= holder.untilMs) throw notAccepted('expired-key');
    return holder.caller;
  };
  const endOf = new WeakMap<Caller, number>();
  const ofToken = async (token: string): Promise<VerifiedToken> => {
    const hash = hashOfKey(token);
    const known = verified.get(hash) ?? verified.keep(hash, await verify(token));
    endOf.set(known.caller, known.untilMs);
    return known;
  };
  const anonymous = access.anonymous === undefined ? undefined : anonymousOf(access.anonymous);

  const authenticate = async (credentials: Credentials): Promise<Caller> => {
    const shown = shownIn(credentials);
    const { certificate } = credentials;
    const certified = certificate === undefined ? undefined : index.ofCertificate(certificate);
    switch (shown.kind) {
      case 'nothing':
        if (certified !== undefined) return certified;
        if (certificate !== undefined) throw notAccepted('unknown-certificate');
        if (anonymous !== undefined) return anonymous;
        throw noCredentials();
      case 'key':
        return agreed(ofKey(shown.key), certified);
      case 'token': {
        const token = await ofToken(shown.token);
        checkBinding(token, certificate);
        return agreed(token.caller, certified);
      }
    }
  };
  const accepts = (caller: Caller): boolean => {
    if (caller === anonymous) return true;
    const untilMs = caller.by === 'token' ? endOf.get(caller) : index.holderOf(caller)?.untilMs;
    return untilMs !== undefined && now() < untilMs;
  };
  const watching = kept.move();
  return { authenticate, accepts, [Symbol.dispose]: () => watching.dispose() };
}

function anonymousOf(roles: readonly string[]): Caller {
  return { client: 'anonymous', roles, claims: { sub: 'anonymous', client: 'anonymous' }, by: 'anonymous' };
}

function agreed(caller: Caller, certified: Caller | undefined): Caller {
  if (certified !== undefined && certified.client !== caller.client)
    throw ambiguous('certificate-of-another');
  return caller;
}

/** RFC 8705, section 3: a token that was stolen is worth nothing without the key of the certificate. */
function checkBinding({ certificate }: VerifiedToken, shown: ClientCertificate | undefined): void {
  if (certificate === undefined) return;
  const bytes =
    shown === undefined ? undefined : Uint8Array.fromHex(shown.fingerprint256.replaceAll(':', ''));
  if (bytes?.toBase64({ alphabet: 'base64url', omitPadding: true }) !== certificate) {
    throw notAccepted('token-of-another-certificate');
  }
}

/** Reads the file again whenever it changes; one change after the other, and the last one counts. */
function reread(
  file: string,
  { watch, observe }: AuthenticateParts,
  read: () => Promise<void>,
): Promise<Disposable> {
  let last = Promise.resolve();
  return watch(file, () => {
    last = last.then(read).then(
      () => observe({ kind: 'reload', problems: 0, notes: [`${file} has been read again`] }),
      (fault: Fault) => observe({ kind: 'reload', problems: 1, notes: [fault.message] }),
    );
  });
}
