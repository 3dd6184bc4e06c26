// Knows: NTLM over HTTP (MS-NTHT): a conversation that logs one connection in.
// Must not know: SOAP, how connections are made.

import { createType1Message, createType3Message, decodeType2Message } from 'axios-ntlm/lib/ntlm.js';
import { Fault } from '#spi';
import type { Credentials } from './credentials.ts';
import type { HttpReply, HttpRequest, Transport } from './transport.ts';

type NtlmCredentials = Extract<Credentials, { readonly kind: 'ntlm' }>;

/** A transport of one connection, and whether the server knows it by now. */
interface Lane {
  readonly transport: Transport;
  known: boolean;
}

/**
 * `single` makes a transport that keeps one connection. Requests take turns on at most `connections` of them; a connection that is logged in
 * stays so until the server asks again.
 */
export function ntlmTransport(
  single: () => Transport,
  connections: number,
  credentials: NtlmCredentials,
): Transport {
  const lanes: Lane[] = [];
  const idle: Lane[] = [];
  const waiting: ((lane: Lane) => void)[] = [];

  const take = (): Promise<Lane> => {
    const free = idle.pop();
    if (free !== undefined) return Promise.resolve(free);
    if (lanes.length < connections) {
      const lane: Lane = { transport: single(), known: false };
      lanes.push(lane);
      return Promise.resolve(lane);
    }
    return new Promise((resolve) => waiting.push(resolve));
  };
  const give = (lane: Lane): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(lane);
    else next(lane);
  };

  return {
    async send(request) {
      const lane = await take();
      try {
        request.signal.throwIfAborted();
        return await converse(lane, request, credentials);
      } finally {
        give(lane);
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled(lanes.map(({ transport }) => transport[Symbol.asyncDispose]()));
    },
  };
}

async function converse(lane: Lane, request: HttpRequest, credentials: NtlmCredentials): Promise<HttpReply> {
  if (lane.known) {
    const reply = await lane.transport.send(request).catch((error: unknown) => {
      lane.known = false;
      throw error;
    });
    if (reply.status !== 401) return reply;
    lane.known = false;
  }
  const { domain, workstation } = credentials;
  // The first message goes without the body: it is only there to be asked for more.
  const asked = await lane.transport.send({
    ...request,
    body: '',
    mayRepeat: true,
    headers: { ...request.headers, Authorization: createType1Message(workstation, domain) },
  });
  const challenge = /NTLM\s+([A-Za-z0-9+/=]+)/.exec(asked.headers['www-authenticate'] ?? '')?.[1];
  if (asked.status !== 401 || challenge === undefined) {
    throw new Fault('upstream', 'The service does not answer NTLM with a challenge', {
      code: 'credentials-refused',
    });
  }
  const reply = await lane.transport.send({
    ...request,
    headers: {
      ...request.headers,
      Authorization: responseTo(challenge, credentials),
    },
  });
  lane.known = reply.status !== 401;
  return reply;
}

/** Version 1 is not answered: its responses give the password away to whoever listens. */
function responseTo(challenge: string, { user, password, domain, workstation }: NtlmCredentials): string {
  let version: number;
  try {
    const asked = decodeType2Message(`NTLM ${challenge}`);
    version = asked.version;
    if (version === 2) return createType3Message(asked, user, password, workstation, domain);
  } catch {
    throw new Fault('upstream', 'The service answers NTLM with something else', {
      code: 'credentials-refused',
    });
  }
  throw new Fault('upstream', `The service wants version ${version} of NTLM, which is not safe`, {
    code: 'credentials-refused',
  });
}
