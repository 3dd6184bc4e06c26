// Knows: connections through a proxy to services behind TLS: CONNECT (RFC 9110, section 9.3.6), TLS inside it. Node's own agent has tunnels, too,
// but one that the proxy never answers outlives the request and the agent, and tunnels on their way are not counted as connections.
// Must not know: SOAP, the requests that go through.

import { type ClientRequest, request as httpRequest } from 'node:http';
import { Agent, type AgentOptions, request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { proxyFault } from './connection-faults.ts';

/** An option of a request: the tunnel that is made for it ends with the signal. Node hands its own option `signal` to no agent. */
export function endingWith(signal: AbortSignal): { readonly tunnelEnds: AbortSignal } {
  return { tunnelEnds: signal };
}

function signalOf(target: object): AbortSignal | undefined {
  return 'tunnelEnds' in target && target.tunnelEnds instanceof AbortSignal ? target.tunnelEnds : undefined;
}

/** `proxy`: its address, with its credentials if it needs any. */
export function tunnelAgent(proxy: string, options: AgentOptions): Agent {
  const { protocol, hostname, port, username, password } = new URL(proxy);
  const secure = protocol === 'https:';
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const credentials = user === ':' ? undefined : `Basic ${Buffer.from(user).toString('base64')}`;
  const underway = new Set<ClientRequest>();
  const agent = new Agent(options);

  agent.createConnection = (target, callback) => {
    const signal = signalOf(target);
    const authority = `${target.host?.includes(':') === true ? `[${target.host}]` : target.host}:${target.port}`;
    const give = (error: Error | null, socket?: Duplex): void => {
      underway.delete(asking);
      // @ts-expect-error: with an error there is no connection, which the type of the callback does not know.
      callback?.(error, socket);
    };
    const asking = (secure ? httpsRequest : httpRequest)({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? (secure ? 443 : 80) : Number(port),
      method: 'CONNECT',
      path: authority,
      agent: false,
      headers: {
        Host: authority,
        ...(credentials === undefined ? {} : { 'Proxy-Authorization': credentials }),
      },
      ...(signal === undefined ? {} : { signal }),
    });
    underway.add(asking);
    asking.once('connect', ({ statusCode = 0 }, socket) => {
      if (statusCode >= 200 && statusCode < 300 && signal?.aborted !== true) {
        const own = { ...target, socket, path: undefined };
        // cast: what the agent gives is what it would give to `tls.connect`; the types of requests and connections differ in words only.
        const tls = own as ConnectionOptions;
        give(null, connectTls(tls));
        return;
      }
      socket.destroy();
      give(proxyFault(statusCode));
    });
    asking.once('error', (error) => give(signal?.aborted === true ? error : proxyFault(error)));
    asking.end();
    return undefined;
  };

  const destroy = agent.destroy.bind(agent);
  agent.destroy = () => {
    for (const asking of underway) asking.destroy();
    destroy();
  };
  return agent;
}
