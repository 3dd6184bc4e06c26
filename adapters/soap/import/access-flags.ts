// Knows: the flags that say how a WSDL is reached, and that a secret is only ever named by a reference.
// Must not know: what is done with them.

import { Fault, type ImportAsk, type ImportFlag, type SecretReference } from '#spi';

const REFERENCE = 'env:NAME|file:PATH';

export const ACCESS_FLAGS: Readonly<Record<string, ImportFlag>> = {
  user: { type: 'string', value: 'NAME', doc: 'Log in with this name (HTTP basic, or NTLM with --ntlm)' },
  password: { type: 'string', value: REFERENCE, doc: 'Where the password is' },
  ntlm: { type: 'boolean', doc: 'Log in by NTLM' },
  domain: { type: 'string', value: 'NAME', doc: 'Windows domain of --user, for --ntlm' },
  bearer: { type: 'string', value: REFERENCE, doc: 'Where a bearer token is' },
  cert: { type: 'string', value: 'FILE', doc: 'Client certificate, PEM' },
  key: { type: 'string', value: 'FILE', doc: 'Its private key, PEM' },
  passphrase: { type: 'string', value: REFERENCE, doc: 'Where the passphrase of the key is' },
  ca: {
    type: 'string',
    value: 'FILE',
    doc: 'Certificates of authorities to trust, PEM, instead of the usual ones',
  },
  insecure: { type: 'boolean', doc: 'Trust any certificate of the server' },
  proxy: { type: 'string', value: 'URL', doc: 'Fetch by way of this HTTP proxy' },
  header: {
    type: 'string',
    value: `NAME=${REFERENCE}`,
    doc: 'A header to send, and where its value is',
    repeated: true,
  },
};

export interface AccessFlags {
  readonly login?: { readonly user: string; readonly password: SecretReference };
  readonly ntlm: boolean;
  readonly domain?: string;
  readonly bearer?: SecretReference;
  readonly certificate?: {
    readonly cert: string;
    readonly key: string;
    readonly passphrase?: SecretReference;
  };
  readonly ca?: string;
  readonly insecure: boolean;
  readonly proxy?: string;
  readonly headers: readonly { readonly name: string; readonly value: SecretReference }[];
}

type Given = ImportAsk<unknown>['given'];

/** Throws a Fault with the code `usage` for flags that do not go together. */
export function accessFlags(given: Given): AccessFlags {
  const [user, password, domain] = [
    textOf(given, 'user'),
    secretOf(given, 'password'),
    textOf(given, 'domain'),
  ];
  const [cert, key, passphrase] = [
    textOf(given, 'cert'),
    textOf(given, 'key'),
    secretOf(given, 'passphrase'),
  ];
  const [bearer, ca, proxy] = [secretOf(given, 'bearer'), textOf(given, 'ca'), textOf(given, 'proxy')];
  const ntlm = given['ntlm'] === true;
  if ((user === undefined) !== (password === undefined)) throw usage('--user and --password go together');
  if (ntlm && user === undefined) throw usage('--ntlm needs --user and --password');
  if (domain !== undefined && !ntlm) throw usage('--domain is for --ntlm');
  if (user !== undefined && bearer !== undefined) throw usage('--user and --bearer do not go together');
  if ((cert === undefined) !== (key === undefined)) throw usage('--cert and --key go together');
  if (passphrase !== undefined && key === undefined) throw usage('--passphrase is for --key');
  return {
    ...(user === undefined || password === undefined ? {} : { login: { user, password } }),
    ntlm,
    ...(domain === undefined ? {} : { domain }),
    ...(bearer === undefined ? {} : { bearer }),
    ...(cert === undefined || key === undefined
      ? {}
      : { certificate: { cert, key, ...(passphrase === undefined ? {} : { passphrase }) } }),
    ...(ca === undefined ? {} : { ca }),
    insecure: given['insecure'] === true,
    ...(proxy === undefined ? {} : { proxy }),
    headers: textsOf(given, 'header').map(headerOf),
  };
}

/** Is there any flag that a configured source would say as well? */
export function isAccessGiven(given: Given): string | undefined {
  return Object.keys(ACCESS_FLAGS).find((name) => given[name] !== undefined);
}

const HEADER = /^([\w-]+)=(.*)$/s;

function headerOf(text: string): AccessFlags['headers'][number] {
  const [, name, reference] = HEADER.exec(text) ?? [];
  // What stands there could be the secret itself and is not repeated.
  if (name === undefined || reference === undefined) throw usage(`--header is written as NAME=${REFERENCE}`);
  return { name, value: referenceOf('header', reference) };
}

function secretOf(given: Given, flag: string): SecretReference | undefined {
  const text = textOf(given, flag);
  return text === undefined ? undefined : referenceOf(flag, text);
}

function referenceOf(flag: string, text: string): SecretReference {
  const [, kind, name] = /^(env|file):(.+)$/s.exec(text) ?? [];
  if (kind === undefined || name === undefined) {
    throw usage(
      `--${flag} says where a secret is, env:NAME or file:PATH; the secret itself never stands here`,
    );
  }
  return kind === 'env' ? { env: name } : { file: name };
}

export function textOf(given: Given, flag: string): string | undefined {
  const value = given[flag];
  return typeof value === 'string' ? value : undefined;
}

function textsOf(given: Given, flag: string): readonly string[] {
  const value = given[flag];
  return typeof value === 'object' ? value : [];
}

export function usage(message: string): Fault {
  return new Fault('invalid', message, { code: 'usage' });
}
