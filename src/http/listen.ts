// Knows: the life of the listening socket: bound, serving, draining, closed.
// Must not know: what is served.

import { createServer, type RequestListener } from 'node:http';
import { Fault } from '../fault.ts';

export interface Listening {
  /** Address that clients reach, without a slash at the end: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly port: number;
  /** Takes no new connections, lets running requests end for `drainMs` at most, then cuts what is left. */
  close(drainMs: number): Promise<void>;
}

/** Port 0 takes any free one. Throws `unavailable`, misconfigured, when the address cannot be had. */
export async function listen(
  app: RequestListener,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = createServer(app);
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
