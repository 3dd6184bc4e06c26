// Knows: the life of the listening socket: bound, serving, draining, closed.
// Must not know: what is served.

import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Fault } from '../fault.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

export interface Listening {
  /** Address that clients reach, without a slash at the end: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, lets running requests end for `drainMs` at most, then cuts what is left. */
  close(drainMs: number): Promise<void>;
}

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Longest time that a request may take. */
  readonly requestMs?: number;
}

/** Port 0 takes any free one. Throws `unavailable`, misconfigured, when the address cannot be had. */
export async function listen(
  app: RequestListener,
  { host, port, requestMs = 120_000 }: ListenOptions,
): Promise<Listening> {
  const server = createServer(limitsOf(requestMs), app);
  server.maxHeadersCount = MAX_HEADERS;
  server.on('clientError', refuse);
  let closing = false;
  server.on('request', (_req, res) => {
    res.once('close', () => {
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
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: (drainMs) => {
      closing = true;
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

/**
 * Address and headers of a request: room for the longest filter of the policy where every character is nine bytes of
 * percent-encoding. Node's own limit is 16 KiB.
 */
const MAX_HEADER_BYTES = 98_304;

/** More header fields than this are no client's; those behind are not read. */
const MAX_HEADERS = 200;
/** Longest time that the headers of a request may take, and that a connection may be idle, in milliseconds. */
const HEADERS_MS = 30_000;
const IDLE_MS = 65_000;

/** What the server looks after by itself: a request that does not come, headers without end. A request that has come has a deadline. */
export function limitsOf(requestMs: number) {
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
function refuse(error: Error, socket: Duplex): void {
  if (!socket.writable) return;
  const fault = refusalOf('code' in error ? error.code : undefined);
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

function refusalOf(code: unknown): Fault {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Fault('invalid', `Address and headers together are longer than ${MAX_HEADER_BYTES} bytes`, {
        code: 'header-limit',
      });
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
