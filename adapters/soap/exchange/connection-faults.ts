// Knows: which fault each error of a connection is, by its code. The messages of these errors hold addresses and go nowhere.
// Must not know: requests.

import { Fault, type FaultKind } from '#spi';

interface Meaning {
  readonly kind: FaultKind;
  readonly code: string;
  readonly message: string;
}

const down = (code: string, message: string): Meaning => ({ kind: 'unavailable', code, message });
const CERTIFICATE = (why: string): Meaning =>
  down('certificate', `The certificate of the service is not accepted: ${why}`);

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: down('refused', 'Nothing listens at the address of the service'),
  ECONNRESET: down('reset', 'The service closed the connection without an answer'),
  EPIPE: down('reset', 'The service closed the connection without an answer'),
  ENOTFOUND: down('unknown-host', 'The host of the service has no address'),
  EAI_AGAIN: down('unknown-host', 'The address of the service’s host cannot be found now'),
  ETIMEDOUT: { kind: 'timeout', code: 'no-connection', message: 'The host of the service does not answer' },
  EHOSTUNREACH: down('unreachable', 'The host of the service cannot be reached'),
  ENETUNREACH: down('unreachable', 'The network of the service cannot be reached'),
  CERT_HAS_EXPIRED: CERTIFICATE('it has expired'),
  CERT_NOT_YET_VALID: CERTIFICATE('it is not valid yet'),
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE('it is signed by itself; tls: { ca } can name it'),
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE('its authority is not known; tls: { ca } can name it'),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE('its authority is not known; tls: { ca } can name it'),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE('its authority is not known; tls: { ca } can name it'),
  CERT_REVOKED: CERTIFICATE('it was revoked'),
  ERR_TLS_CERT_ALTNAME_INVALID: CERTIFICATE('it is for another host'),
  EPROTO: down('tls', 'TLS with the service fails'),
  HPE_INVALID_CONSTANT: {
    kind: 'upstream',
    code: 'bad-http',
    message: 'The service does not answer in HTTP',
  },
};

/** What keeps a request from its way through the proxy: its status, or the error of its connection. The service has no part in it. */
export function proxyFault(cause: number | Error): Fault {
  const down = (code: string, message: string): Fault =>
    new Fault('unavailable', message, { code, hint: 'proxy' });
  if (cause === 407) return down('proxy-credentials', 'The proxy does not accept the credentials (407)');
  if (typeof cause === 'number') return down('proxy', `The proxy does not connect to the service (${cause})`);
  const { code, message } = connectionFault(cause);
  return down(
    `proxy-${code}`,
    message.replaceAll('the service', 'the proxy').replaceAll('The service', 'The proxy'),
  );
}

export function connectionFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const {
    kind,
    code: own,
    message,
  } = Object.hasOwn(MEANINGS, code) ? (MEANINGS[code] ?? OTHER) : other(code);
  return new Fault(kind, message, { code: own });
}

const OTHER = down('connection', 'The connection to the service fails');

function other(code: string): Meaning {
  if (code.startsWith('HPE_'))
    return { kind: 'upstream', code: 'bad-http', message: 'The service does not answer in HTTP' };
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_'))
    return down('tls', 'TLS with the service fails');
  if (code.startsWith('ERR_PROXY')) return down('proxy', 'The proxy before the service refuses');
  return OTHER;
}
