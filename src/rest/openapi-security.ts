// Knows: how the credentials that the gateway accepts stand in the OpenAPI document.
// Must not know: how they are checked, who has which.

import type { Schema } from './openapi-schema.ts';

/** A key in `X-Api-Key`; a token in `Authorization: Bearer`, where a key may stand as well; a client certificate. */
export type Credential = 'key' | 'token' | 'certificate';

export interface Accepted {
  readonly credentials: readonly Credential[];
  /** Some of it is shown to who shows none. */
  readonly anonymous: boolean;
}

const SCHEMES: Readonly<Record<Credential, readonly [name: string, scheme: Schema]>> = {
  key: ['apiKey', { type: 'apiKey', in: 'header', name: 'X-Api-Key' }],
  token: ['bearer', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }],
  certificate: ['clientCertificate', { type: 'mutualTLS' }],
};

export interface Security {
  /** Of the document: one of these is enough; an empty one says that none is needed. */
  readonly document: Schema;
  /** Of `components`. */
  readonly components: Schema;
}

export function securityOf(accepted: Accepted | undefined): Security {
  if (accepted === undefined || accepted.credentials.length === 0) return { document: {}, components: {} };
  const schemes = accepted.credentials.map((credential) => SCHEMES[credential]);
  return {
    document: {
      security: [...schemes.map(([name]): Schema => ({ [name]: [] })), ...(accepted.anonymous ? [{}] : [])],
    },
    components: { securitySchemes: Object.fromEntries(schemes) },
  };
}
