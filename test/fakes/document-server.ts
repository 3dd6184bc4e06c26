// A host that has documents at addresses: a real server on a loopback socket that remembers what it was asked.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { after } from 'node:test';

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface DocumentServer {
  /** `http://127.0.0.1:1234`. */
  readonly origin: string;
  /** Path with query, and headers, of each request. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/**
 * `documents`: path with query → what is answered; XML, if it is only a text. Anything else is 404. With `authorization` everything is 401
 * without that very header.
 */
export async function serveDocuments(
  documents: (origin: string) => Readonly<Record<string, string | Answer>>,
  authorization?: string,
): Promise<DocumentServer> {
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, headers: request.headers });
    const found = documents(origin)[path];
    const answer: Answer =
      authorization !== undefined && request.headers.authorization !== authorization
        ? { status: 401 }
        : typeof found === 'object'
          ? found
          : found === undefined
            ? { status: 404 }
            : { headers: { 'content-type': 'text/xml' }, body: found };
    response.writeHead(answer.status ?? 200, answer.headers);
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  after(close);
  return { origin, requests, close };
}
