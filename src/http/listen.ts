// Knows: the life of the listening socket: bound, serving, draining, closed.
// Must not know: what is served.

import { randomUUID } from 'node:crypto';
import { createServer, type RequestListener, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Fault } from '../fault.ts';
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

/** Port 0 takes any free one. Throws `unavailable`, misconfigured, when the address cannot be had. */
export async function listen(
  app: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, app);
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
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    drain,
    close: (drainMs) => {
      drain();
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

/** What never became a request is answered by hand: nothing above this has seen it. */
function refuse(error: Error, socket: Duplex): void {
  if (!socket.writable) return;
  const tooLong = 'code' in error && error.code === 'HPE_HEADER_OVERFLOW';
  const fault = tooLong
    ? new Fault('invalid', `Address and headers together are longer than ${MAX_HEADER_BYTES} bytes`, {
        code: 'header-limit',
      })
    : new Fault('invalid', 'This is no HTTP request', { code: 'bad-http' });
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
