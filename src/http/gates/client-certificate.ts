// Knows: the certificate that a client has shown in the handshake of its connection.
// Must not know: requests, who the client is.

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ClientCertificate } from '../../auth/authenticate.ts';

export interface ShownCertificate {
  /** Signed by one of the authorities, within its time. */
  readonly authorized: boolean;
  readonly certificate: ClientCertificate;
}

/** Of a connection: it is the same for all of its requests. */
const known = new WeakMap<Socket, ShownCertificate | null>();

/** Undefined: the connection has no TLS, or the client has shown none. */
export function clientCertificate(socket: Socket): ShownCertificate | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  let shown = known.get(socket);
  if (shown === undefined) {
    shown = shownBy(socket);
    known.set(socket, shown);
  }
  return shown ?? undefined;
}

function shownBy(socket: TLSSocket): ShownCertificate | null {
  const peer = socket.getPeerX509Certificate();
  if (peer === undefined) return null;
  const { fingerprint256, subject, subjectAltName } = peer;
  return {
    authorized: socket.authorized,
    certificate: {
      fingerprint256,
      // OpenSSL escapes by RFC 4514 and puts each part on a line of its own.
      subject: (subject ?? '').replaceAll('\n', ','),
      ...(subjectAltName === undefined ? {} : { subjectAltName }),
    },
  };
}
