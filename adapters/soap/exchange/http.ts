// Knows: one HTTP request and its whole answer over node:http, with limits.
// Must not know: SOAP, XML, what a body means. No timers: whoever calls has a signal.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { SecureVersion } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { Fault } from '#spi';
import { connectionFault, proxyFault } from './connection-faults.ts';
import type { HttpReply, HttpRequest, Transport } from './transport.ts';
import { endingWith, tunnelAgent } from './tunnel.ts';
import { turns } from './turns.ts';
import { unpacked } from './unpack.ts';

export interface TransportOptions {
  readonly connections: number;
  readonly maxReplyBytes: number;
  /** Requests are packed. */
  readonly gzip: boolean;
  /** With its credentials, if it needs any. */
  readonly proxy?: string;
  readonly tls?: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly passphrase?: string;
    readonly servername?: string;
    readonly minVersion?: SecureVersion;
    readonly ciphers?: string;
    readonly rejectUnauthorized?: boolean;
  };
}

export function httpTransport(options: TransportOptions): Transport {
  const pool = {
    keepAlive: true,
    maxSockets: options.connections,
    scheduling: 'lifo',
  } as const;
  const { proxy } = options;
  const http = new HttpAgent({
    ...pool,
    ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy } }),
  });
  const secured = { ...pool, ...options.tls };
  const https = proxy === undefined ? new HttpsAgent(secured) : tunnelAgent(proxy, secured);
  const way: Way = { http, https, proxied: proxy !== undefined, maxReplyBytes: options.maxReplyBytes };
  // An agent counts only the connections that stand; a tunnel takes a while.
  const tunnels = proxy === undefined ? undefined : turns(options.connections);
  const sendInTurn = async (request: HttpRequest): Promise<HttpReply> => {
    const end = await tunnels?.take(request.signal);
    try {
      return await sendOnce(request, way);
    } finally {
      end?.();
    }
  };
  return {
    async send(request) {
      const { url } = request;
      const packed = packedRequest(request, options.gzip);
      try {
        return await sendInTurn(packed);
      } catch (error) {
        // The server closed a kept connection while the request was on its way: nobody has seen an answer to it.
        if (!(error instanceof DeadConnection)) throw error;
        if (!request.mayRepeat) throw faultOn(way, url, error.cause);
        return await sendInTurn(packed).catch((again: unknown) => {
          throw again instanceof DeadConnection ? faultOn(way, url, again.cause) : again;
        });
      }
    },
    async [Symbol.asyncDispose]() {
      http.destroy();
      https.destroy();
    },
  };
}

/** How requests go out. */
interface Way {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
  readonly proxied: boolean;
  readonly maxReplyBytes: number;
}

/** A kept connection that was reset before the first byte of an answer. */
class DeadConnection extends Error {}

function packedRequest(request: HttpRequest, gzip: boolean): HttpRequest {
  if (!gzip || request.body === undefined) return request;
  return {
    ...request,
    body: gzipSync(request.body),
    headers: { ...request.headers, 'Content-Encoding': 'gzip' },
  };
}

function sendOnce({ url, method, headers, body, signal }: HttpRequest, way: Way): Promise<HttpReply> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpReply>();
  if (signal.aborted) return Promise.reject(signal.reason);
  const secure = url.startsWith('https:');
  const request = (secure ? httpsRequest : httpRequest)(url, {
    method,
    agent: secure ? way.https : way.http,
    ...endingWith(signal),
    headers: {
      'Accept-Encoding': 'gzip, deflate, br',
      ...headers,
      ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
    },
  });
  const leave = (): void => {
    request.destroy();
    reject(signal.reason);
  };
  signal.addEventListener('abort', leave, { once: true });
  const end = (): void => signal.removeEventListener('abort', leave);
  let answered = false;
  request.once('response', (response) => {
    answered = true;
    readReply(response, way.maxReplyBytes).then(
      (reply) => {
        end();
        resolve(reply);
      },
      (error: unknown) => {
        end();
        request.destroy();
        reject(signal.aborted ? signal.reason : error);
      },
    );
  });
  // Status 101, which nobody asked for: the connection is no longer one of HTTP, and no answer will come.
  request.once('upgrade', (_response, socket) => {
    end();
    socket.destroy();
    reject(new Fault('upstream', 'The service switches to another protocol (101)', { code: 'bad-http' }));
  });
  request.once('error', (error) => {
    end();
    const stale = request.reusedSocket && !answered && 'code' in error && DEAD.has(String(error.code));
    reject(stale ? new DeadConnection('', { cause: error }) : faultOn(way, url, error));
  });
  // Text goes out in one piece with the headers, bytes in a second one.
  request.end(body);
  return promise;
}

/** On the way of a plain request stands only the proxy; a tunnel's own faults are told by who makes it. */
function faultOn({ proxied }: Way, url: string, error: unknown): Fault {
  return proxied && url.startsWith('http:') && error instanceof Error
    ? proxyFault(error)
    : connectionFault(error);
}

const DEAD = new Set(['ECONNRESET', 'EPIPE']);

async function readReply(response: IncomingMessage, maxBytes: number): Promise<HttpReply> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of response) {
      const bytes: Buffer = piece;
      length += bytes.length;
      if (length > maxBytes) throw tooLarge(maxBytes);
      pieces.push(bytes);
    }
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('upstream', 'The answer of the service breaks off', { code: 'reply-cut' });
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  const whole = Buffer.concat(pieces);
  const plain = new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
  const body = await unpacked(plain, headers['content-encoding'], maxBytes);
  return { status: response.statusCode ?? 0, headers, body };
}

export function tooLarge(maxBytes: number): Fault {
  return new Fault('upstream', `The answer of the service is larger than ${maxBytes} bytes`, {
    code: 'reply-too-large',
    hint: 'limits: { maxReplyBytes }',
  });
}
