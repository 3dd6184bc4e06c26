// Knows: what the checking of credentials must be told: clients and what is theirs, issuers of tokens, who needs no credentials.
// Must not know: how the configuration says it, files.

/** A client and what is his. */
export interface ClientDeclaration {
  readonly roles: readonly string[];
  readonly claims: Readonly<Record<string, string | number | boolean>>;
  readonly keys: readonly KeyDeclaration[];
  readonly certificates: readonly CertificateDeclaration[];
}

export interface KeyDeclaration {
  /** 64 hexadecimal digits in lower case. */
  readonly sha256: string;
  /** First day (UTC) on which the key is not accepted any more: `2027-01-31`. */
  readonly expires?: string;
}

export type CertificateDeclaration = { readonly fingerprint256: string } | { readonly subject: string };

/** By name. */
export type Clients = Readonly<Record<string, ClientDeclaration>>;

export interface IssuerDeclaration {
  /** `iss` of its tokens, exactly. */
  readonly issuer: string;
  readonly audience: string;
  /** URL of its key set, or a file; absent: its OpenID configuration says it. */
  readonly jwks?: string | { readonly file: string };
  readonly algorithms: readonly string[];
  /** `typ` of its tokens; absent: `JWT`, `at+jwt` or none. */
  readonly typ?: string;
  readonly clockSkewMs: number;
  /** How long keys are believed after the issuer has last confirmed them. */
  readonly staleKeysMs: number;
  /** Claim that holds the roles. */
  readonly roles: string;
  /** Word of that claim → our roles. */
  readonly rolesOf?: Readonly<Record<string, readonly string[]>>;
  /** Claim that names the client. */
  readonly client: string;
}

export interface AccessDeclaration {
  readonly development?: true;
  readonly anonymous?: readonly string[];
  readonly clients: Clients;
  readonly clientsFile?: string;
  readonly tokens: readonly IssuerDeclaration[];
}
