// Knows: the life of the listening socket: bound, serving, draining, closed.
// Must not know: what is served.

import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import { Fault } from '../fault.ts';
import { readCertificates, type TlsParts, watchCertificates } from './certificates.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

export interface Listening {
  /** Address that clients reach, without a slash at the end: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly port: number;
  /** Every answer from now on ends its connection, so that clients look for another server; new ones are still taken. */
  drain(): void;
  /** Takes no new connections, lets running requests end for `drainMs` at most, then cuts what is left. */
  close(drainMs: number): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly tls?: TlsParts;
  /** Longest time that a request may take. */
  readonly requestMs?: number;
}

/** Throws `unavailable`, misconfigured, when the address cannot be had or the files of TLS cannot be used. */
export async function listen(
  app: RequestListener,
  { host, port, tls, requestMs = 120_000 }: ListenOptions,
): Promise<Listening> {
  using kept = new DisposableStack();
  const limits = limitsOf(requestMs);
  const { server, scheme } = tls === undefined ? plain(app, limits) : await secure(app, limits, tls, kept);
  // Those behind a limit would be dropped without a word: a key or a condition may be one of them (`boundedHeaders` refuses too many).
  server.maxHeadersCount = 0;
  server.on('clientError', refuse);
  let closing = false;
  let draining = false;
  const open = new Set<ServerResponse>();
  const drain = (): void => {
    draining = true;
    // The header `Connection: close`, where it is not too late for headers.
    for (const res of open) res.shouldKeepAlive = false;
  };
  server.prependListener('request', (_req, res) => {
    open.add(res);
    if (draining) res.shouldKeepAlive = false;
    res.once('close', () => {
      open.delete(res);
      // The connection counts as idle a moment after its answer has ended.
      if (closing) setImmediate(() => server.closeIdleConnections());
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(unbound(host, port, error)));
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const watching = kept.move();
  return {
    url: `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    drain,
    close: (drainMs) => {
      drain();
      closing = true;
      watching.dispose();
      return new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), drainMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
      });
    },
  };
}

function plain(app: RequestListener, limits: Limits) {
  return { server: createServer(limits, app), scheme: 'http' };
}

/** What is under way goes on with the certificate of its handshake. */
async function secure(app: RequestListener, limits: Limits, tls: TlsParts, kept: DisposableStack) {
  const { clients } = tls.files;
  let apply = (_options: SecureContextOptions): void => {};
  // Watched before they are read, so that no change falls in between.
  kept.use(await watchCertificates(tls, (options) => apply(options)));
  const server = createSecureServer(
    {
      ...limits,
      handshakeTimeout: HANDSHAKE_MS,
      requestCert: clients !== undefined,
      rejectUnauthorized: clients?.required === true,
      ...(await readCertificates(tls.files)),
    },
    app,
  );
  apply = (options) => server.setSecureContext(options);
  return { server, scheme: 'https' };
}

/** A handshake is three messages; who is slower keeps a place for nothing, in milliseconds. */
const HANDSHAKE_MS = 10_000;

/**
 * Address and headers of a request: room for the longest filter of the policy where every character is nine bytes of
 * percent-encoding. Node's own limit is 16 KiB.
 */
const MAX_HEADER_BYTES = 98_304;

/** Longest time that the headers of a request may take, and that a connection may be idle, in milliseconds. */
const HEADERS_MS = 30_000;
const IDLE_MS = 65_000;

type Limits = ReturnType<typeof limitsOf>;

/** What the server looks after by itself: a request that does not come, headers without end. A request that has come has a deadline. */
function limitsOf(requestMs: number) {
  return {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: Math.min(HEADERS_MS, requestMs),
    // The deadline comes first, and has something to say.
    requestTimeout: requestMs + 1_000,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: Math.min(1_000, requestMs),
  };
}

/** What never became a request is answered by hand: nothing above this has seen it. */
function refuse(error: Error, client: Duplex): void {
  const code = 'code' in error ? String(error.code) : '';
  // Whoever speaks plain HTTP to a port with TLS is told on the connection below it. Every other failed handshake just ends.
  const socket = code === PLAIN_HTTP && '_parent' in client ? client._parent : client;
  if (!(socket instanceof Socket) || !socket.writable) {
    client.destroy();
    return;
  }
  const fault = refusalOf(code);
  const { status } = fault.entry;
  const body = JSON.stringify(problemOf(fault, '', randomUUID()));
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** Of OpenSSL, for bytes that begin with a method of HTTP. */
const PLAIN_HTTP = 'ERR_SSL_HTTP_REQUEST';

function refusalOf(code: string): Fault {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Fault('invalid', `Address and headers together are longer than ${MAX_HEADER_BYTES} bytes`, {
        code: 'header-limit',
      });
    case PLAIN_HTTP:
      return new Fault('invalid', 'This port speaks https', { code: 'https-only' });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Fault('invalid', 'The request had not come as a whole in time', { code: 'slow-request' });
    default:
      return new Fault('invalid', 'This is no HTTP request', { code: 'bad-http' });
  }
}

function unbound(host: string, port: number, error: Error): Fault {
  const code = 'code' in error ? String(error.code) : 'unknown error';
  const why =
    code === 'EADDRINUSE' ? 'another program listens there' : code === 'EACCES' ? 'it is not allowed' : code;
  return new Fault('unavailable', `Cannot listen on ${host}, port ${port}: ${why}`, {
    code: 'cannot-listen',
    misconfigured: true,
    cause: error,
  });
}
