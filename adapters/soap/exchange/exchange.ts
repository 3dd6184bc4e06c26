// Knows: how a service is reached: security, transport and reading of replies put together.
// Must not know: operations, values, the configuration's text.

import type { XmlLimits } from '../xml/limits.ts';
import { breather } from './breathe.ts';
import type { Compose } from './compose.ts';
import type { Secured } from './credentials.ts';
import { httpTransport, type TransportOptions } from './http.ts';
import type { Exchange, SoapRequest, SoapVersion } from './message.ts';
import { writeMultipart } from './mtom.ts';
import type { ExchangeOptions } from './options.ts';
import { replyOf } from './reply.ts';
import type { HttpReply, Transport } from './transport.ts';

export interface Opened extends AsyncDisposable {
  readonly exchange: Exchange;
  /** Resolves when something answers at the address, whatever it says. */
  reach(endpoint: string, signal: AbortSignal): Promise<void>;
}

/** `sliceMs`: longest time that reading a reply may hold the event loop, in milliseconds. */
export async function openExchange(
  options: ExchangeOptions,
  secured: Secured,
  sliceMs: number,
): Promise<Opened> {
  const transport = await transportOf(options, secured);
  const { limits } = options;
  const xmlLimits: XmlLimits = limits;
  const composers = new Map<SoapVersion, Promise<Compose>>();
  const composeFor = (version: SoapVersion): Promise<Compose> => {
    const known = composers.get(version);
    if (known !== undefined) return known;
    // node-soap takes a while to load: only who calls a service waits for it.
    const made = import('./compose.ts').then(({ composer }) =>
      composer(version, secured.credentials, secured.wsSecurity),
    );
    composers.set(version, made);
    return made;
  };

  return {
    async exchange(request) {
      request.signal.throwIfAborted();
      const compose = await composeFor(request.version);
      const http = await send(request, compose, transport, secured.httpHeaders);
      return await replyOf(http, request.oneWay, xmlLimits, breather(sliceMs));
    },
    async reach(endpoint, signal) {
      await transport.send({
        url: endpoint,
        method: 'GET',
        headers: secured.httpHeaders,
        mayRepeat: true,
        signal,
      });
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

async function transportOf(
  options: ExchangeOptions,
  { credentials, tls, proxy }: Secured,
): Promise<Transport> {
  const own: TransportOptions = {
    connections: options.connections,
    maxReplyBytes: options.limits.maxReplyBytes,
    gzip: options.gzip,
    tls,
    ...(proxy === undefined ? {} : { proxy }),
  };
  if (credentials.kind !== 'ntlm') return httpTransport(own);
  const { ntlmTransport } = await import('./ntlm.ts');
  return ntlmTransport(() => httpTransport({ ...own, connections: 1 }), options.connections, credentials);
}

function send(
  request: SoapRequest,
  compose: Compose,
  transport: Transport,
  httpHeaders: Readonly<Record<string, string>>,
): Promise<HttpReply> {
  const { url, envelope, headers } = compose(request);
  const { attachments = [], version, action, signal, idempotent, traceparent, tracestate } = request;
  const multipart =
    attachments.length === 0 ? undefined : writeMultipart(envelope, attachments, version, action);
  return transport.send({
    url,
    method: 'POST',
    headers: {
      Accept: 'text/xml, application/soap+xml, multipart/related',
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(tracestate === undefined ? {} : { tracestate }),
      ...httpHeaders,
      ...headers,
      ...(multipart === undefined ? {} : { 'Content-Type': multipart.contentType }),
    },
    body: multipart?.body ?? envelope,
    mayRepeat: idempotent,
    signal,
  });
}
