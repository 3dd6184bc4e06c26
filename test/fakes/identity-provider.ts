// An issuer of tokens on a loopback port: discovery, a key set that rotates, and knobs for what goes wrong.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function signingKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

/** What a token says, right or wrong; undefined takes a claim out. */
export type Claims = Readonly<Record<string, unknown>>;

export interface TokenOptions {
  readonly key?: SigningKey;
  readonly header?: Readonly<Record<string, unknown>>;
}

export interface IdentityProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly jwks: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** What is told at /jwks. */
  keys: readonly SigningKey[];
  /** Answers in place of what is right; undefined: as it should be. */
  fault: ((path: string, res: ServerResponse) => void) | undefined;
  /** Nobody listens any more, on the same port, until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** A token of this issuer for `gateway`, which ends in five minutes, signed with its first key; claims go over these. */
  token(claims?: Claims, options?: TokenOptions): Promise<string>;
}

export async function startIdentityProvider(): Promise<IdentityProvider> {
  let keys: readonly SigningKey[] = [await signingKey('first')];
  let fault: IdentityProvider['fault'];
  const asked: string[] = [];
  let issuer = '';
  const server = createServer((req, res) => {
    const path = req.url ?? '';
    asked.push(path);
    if (fault !== undefined) {
      fault(path, res);
      return;
    }
    res.setHeader('content-type', 'application/json');
    if (path === '/.well-known/openid-configuration') {
      res.end(JSON.stringify({ issuer, jwks_uri: `${issuer}/jwks` }));
    } else if (path === '/jwks') res.end(JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }));
    else {
      res.statusCode = 404;
      res.end();
    }
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  };
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const port = await listen(0);
  issuer = `http://127.0.0.1:${port}`;
  return {
    issuer,
    jwks: `${issuer}/jwks`,
    asked,
    get keys() {
      return keys;
    },
    set keys(next) {
      keys = next;
    },
    get fault() {
      return fault;
    },
    set fault(next) {
      fault = next;
    },
    down: stop,
    async up() {
      await listen(port);
    },
    async token(claims = {}, { key = keys[0], header = {} } = {}) {
      if (key === undefined) throw new Error('the issuer has no key');
      const now = Math.floor(Date.now() / 1_000);
      const all = { iss: issuer, aud: 'gateway', sub: 'ann', iat: now, exp: now + 300, ...claims };
      return await new SignJWT(all)
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
        .sign(key.privateKey, { crit: { 'x-must': true } });
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}
