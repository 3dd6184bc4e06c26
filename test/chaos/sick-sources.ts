// Three SOAP services that are ill, each in its own way, on real sockets: one takes every request and never answers, one cannot be reached until
// it is healed, one answers with something else than SOAP.

import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type ScoringService, startScoring } from '../fakes/scoring-service.ts';

export interface Sick extends AsyncDisposable {
  readonly port: number;
  /** Requests that reached it. */
  seen(): number;
}

async function started(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function ended(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

export async function hanging(): Promise<Sick> {
  let seen = 0;
  const server = createServer((req) => {
    seen++;
    req.resume();
  });
  const port = await started(server);
  return { port, seen: () => seen, [Symbol.asyncDispose]: () => ended(server) };
}

const GARBAGE = Buffer.from('<html><body>\u0000<h1>It works!</h1>'.repeat(20), 'latin1');

export async function garbage(): Promise<Sick> {
  let seen = 0;
  const server = createServer((req, res) => {
    seen++;
    req.resume();
    // Not the same garbage each time: text, bytes, an envelope that breaks off.
    if (seen % 3 === 0)
      res.end('<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Bo');
    else if (seen % 3 === 1) res.setHeader('content-type', 'text/xml').end(GARBAGE);
    else res.end(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0, 0, 0xff]));
  });
  const port = await started(server);
  return { port, seen: () => seen, [Symbol.asyncDispose]: () => ended(server) };
}

export interface Refusing extends AsyncDisposable {
  readonly port: number;
  /** From now on somebody listens there, and is well. */
  heal(): Promise<ScoringService>;
}

/** A port on which nobody listens. */
export async function refusing(): Promise<Refusing> {
  const server = createServer();
  const port = await started(server);
  await ended(server);
  let healed: ScoringService | undefined;
  return {
    port,
    async heal() {
      healed = await startScoring({ port });
      return healed;
    },
    async [Symbol.asyncDispose]() {
      await healed?.[Symbol.asyncDispose]();
    },
  };
}
