// An HTTP server that answers as a test says: what headers, which bytes, how slowly, cut where.

import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly socket: Socket;
}

export type Script = (seen: Seen, res: ServerResponse) => void | Promise<void>;

export interface ScriptedHttp extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly seen: Seen[];
  /** Connections that were made. */
  readonly connections: Socket[];
  /** Requests under way at the same time, at most. */
  mostAtOnce(): number;
  script: Script;
}

/** `tls`: serves https. */
export async function startScripted(script: Script, tls?: ServerOptions): Promise<ScriptedHttp> {
  let atOnce = 0;
  let most = 0;
  const state: { script: Script } = { script };
  const seen: Seen[] = [];
  const connections: Socket[] = [];
  const onRequest = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    most = Math.max(most, ++atOnce);
    res.once('close', () => atOnce--);
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece);
    const one = {
      method: req.method ?? '',
      url: req.url ?? '',
      headers: req.headers,
      body: Buffer.concat(pieces),
      socket: req.socket,
    };
    seen.push(one);
    await state.script(one, res);
  };
  const handle = (req: IncomingMessage, res: ServerResponse): void => {
    onRequest(req, res).catch(() => res.destroy());
  };
  const server: Server = tls === undefined ? createServer(handle) : createSecureServer(tls, handle);
  server.on(tls === undefined ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections.push(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/service`,
    port,
    seen,
    connections,
    mostAtOnce: () => most,
    get script() {
      return state.script;
    },
    set script(next) {
      state.script = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export const ENVELOPE11 = 'http://schemas.xmlsoap.org/soap/envelope/';
export const ENVELOPE12 = 'http://www.w3.org/2003/05/soap-envelope';

export function envelope(
  body: string,
  { version = ENVELOPE11, header = '' }: { readonly version?: string; readonly header?: string } = {},
): string {
  return `<e:Envelope xmlns:e="${version}">${header === '' ? '' : `<e:Header>${header}</e:Header>`}<e:Body>${body}</e:Body></e:Envelope>`;
}

/** Answers with these bytes. */
export function answering(
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
  status = 200,
): Script {
  return (_seen, res) => {
    res.writeHead(status, { 'content-type': 'text/xml; charset=utf-8', ...headers });
    res.end(body);
  };
}
