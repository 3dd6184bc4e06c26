// Knows: how the configuration says who clients are: keys, tokens, certificates, and who needs none of these.
// Must not know: how credentials are checked, what roles may do.

import { z } from 'zod';
import { canonicalName } from '../../auth/distinguished-name.ts';
import { isSafeAddress } from '../../auth/safe-address.ts';
import { MAX_DELAY_MS } from '../../policy.ts';
import { secretReference } from '../../spi.ts';
import { name } from './name.ts';

/** Roles that a client has. */
const roleNames = z.array(name).min(1).describe('Names of roles, which `roles` defines');

const claims = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
  .default({})
  .describe('What row rules may refer to as @claims.NAME');

const client = z
  .strictObject({
    roles: roleNames,
    claims,
    keys: z
      .array(
        z.strictObject({
          sha256: z
            .string()
            .regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of a key, 64 hexadecimal digits in lower case')
            .describe('SHA-256 of the key, as `overpunch key` prints it; never the key itself'),
          expires: z.iso
            .date()
            .exactOptional()
            .describe('First day (UTC) on which the key is not accepted any more'),
        }),
      )
      .default([])
      .describe('Keys of the client: several while one takes the place of another'),
    certificates: z
      .array(
        z.union([
          z.strictObject({
            fingerprint256: z
              .string()
              .regex(/^(?:[0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$/, 'expected a SHA-256, 64 hexadecimal digits')
              .describe('SHA-256 of the certificate, with or without colons'),
          }),
          z.strictObject({
            subject: z
              .string()
              .refine(
                (text) => canonicalName(text) !== undefined,
                'expected a distinguished name: CN=web-team,O=Bank',
              )
              .describe('Distinguished name, from either end: CN=web-team,O=Bank'),
          }),
        ]),
      )
      .default([])
      .describe('Certificates that the client shows; `server.tls.clients` says who must have signed them'),
  })
  .describe('A client, its roles and its credentials');

const issuer = z
  .strictObject({
    issuer: z
      .url()
      .describe('`iss` of the tokens, exactly. Without `jwks` it is asked for its keys and must be https'),
    audience: z.string().min(1).describe('What must be in `aud` of the tokens'),
    jwks: z
      .union([
        z.url().refine(isSafeAddress, 'expected https; plain http only to this machine'),
        z.strictObject({
          file: z.string().min(1).describe('A key set in a file, read again whenever it changes'),
        }),
      ])
      .exactOptional()
      .describe('Where the keys of the issuer are; left out, its OpenID configuration says it'),
    algorithms: z
      .array(
        z.enum(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']),
      )
      .min(1)
      .default(['RS256', 'ES256'])
      .describe('Signatures that are accepted'),
    typ: z
      .string()
      .min(1)
      .exactOptional()
      .describe('`typ` that tokens must have; left out, it is JWT or at+jwt, or there is none'),
    staleKeysMs: z
      .int()
      .min(600_000)
      .max(MAX_DELAY_MS)
      .default(14_400_000)
      .describe('How long its keys are believed while the issuer does not answer, in milliseconds'),
    clockSkewMs: z
      .int()
      .min(0)
      .max(600_000)
      .default(30_000)
      .describe('How far the clocks may differ, in milliseconds'),
    roles: z
      .string()
      .min(1)
      .default('roles')
      .describe(
        'Claim that holds the roles, a list or words with blanks between them; dotted inside objects',
      ),
    rolesOf: z
      .record(z.string(), roleNames)
      .exactOptional()
      .describe('Word of that claim → our roles; left out, the words are our roles, and others are ignored'),
    client: z
      .string()
      .min(1)
      .default('sub')
      .describe(
        'Claim that names the client: for its rate, its Idempotency-Keys, the audit record and row rules',
      ),
  })
  .refine(({ issuer, jwks }) => jwks !== undefined || isSafeAddress(issuer), {
    path: ['issuer'],
    message: 'expected https, or `jwks`: the keys of the issuer must come over a safe way',
  })
  .describe('Whose tokens (JWT) are accepted, and what they say');

export const access = z
  .strictObject({
    development: z
      .literal(true)
      .exactOptional()
      .describe('Everybody may do everything, on a machine of your own; said loudly at every start'),
    anonymous: roleNames
      .exactOptional()
      .describe('Roles of who shows no credentials; left out, nobody is anonymous'),
    clients: z.record(name, client).default({}).describe('Client → its roles and credentials'),
    clientsFile: z
      .string()
      .min(1)
      .exactOptional()
      .describe('A YAML file with more of `clients`, read again whenever it changes'),
    tokens: z.array(issuer).default([]).describe('Issuers of tokens (JWT, OpenID Connect)'),
    maskKey: secretReference
      .exactOptional()
      .describe(
        'Key of hashes in place of masked values, and of cursors over hidden keys; the same on all replicas. Left out, one that ends with the process: hashes are others then, and such cursors are not accepted any more',
      ),
  })
  .describe('Who may ask. Left out, nobody may');

export type Access = z.output<typeof access>;
export type Client = z.output<typeof client>;

/** `clientsFile`. */
export const clientsDocument = z.strictObject({
  clients: z.record(name, client).describe('Client → its roles and credentials'),
});

export function clientsJsonSchema(): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(clientsDocument, { io: 'input', unrepresentable: 'any', reused: 'inline' });
}
