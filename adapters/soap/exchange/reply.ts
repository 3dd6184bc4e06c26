// Knows: how the answer of HTTP becomes an answer of SOAP, and what is said of one that is none.
// Must not know: operations, how it was carried.

import { Fault } from '#spi';
import { documentText } from '../xml/document-text.ts';
import { childrenOf, type XmlElement } from '../xml/element.ts';
import type { XmlLimits } from '../xml/limits.ts';
import { ENVELOPE11, ENVELOPE12 } from '../xml/namespaces.ts';
import { xmlReader } from '../xml/read-xml.ts';
import type { Breathe } from './breathe.ts';
import type { SoapReply } from './message.ts';
import { isMultipart, readMultipart } from './mtom.ts';
import { isFault, readSoapFault } from './soap-fault.ts';
import type { HttpReply } from './transport.ts';

const NONE: ReadonlyMap<string, Uint8Array> = new Map();

const NOTHING: SoapReply = { kind: 'answer', body: [], headers: [], attachments: NONE };

/** `breathe`: a reply may be many megabytes, and reading it must not keep others waiting. */
export async function replyOf(
  http: HttpReply,
  oneWay: boolean,
  limits: XmlLimits,
  breathe: Breathe,
): Promise<SoapReply> {
  const { status, headers } = http;
  const contentType = headers['content-type'];
  const { body, type, attachments } = partsOf(http, contentType);
  const accepted = oneWay && status >= 200 && status < 300;
  if (accepted && (!isXml(type) || body.length === 0)) return NOTHING;
  // Only XML can be an envelope; what else it is decides what is said.
  if (!isXml(type) || body.length === 0) throw notSoap(http, type);
  const envelope = await readSliced(documentText(body, type), limits, breathe);
  // Nothing is expected of the answer, but a Fault in it is one.
  if (accepted && !holdsFault(envelope)) return NOTHING;
  return { ...envelopeReply(envelope, status), attachments };
}

/** Characters read between two breaths: about a millisecond's work. */
const PIECE = 8_192;

async function readSliced(text: string, limits: XmlLimits, breathe: Breathe): Promise<XmlElement> {
  const reader = xmlReader(limits);
  for (let from = 0; from < text.length; from += PIECE) {
    reader.write(text.slice(from, from + PIECE));
    const pause = breathe();
    if (pause !== undefined) await pause;
  }
  return reader.close();
}

function partsOf({ body }: HttpReply, contentType: string | undefined) {
  if (!isMultipart(contentType)) return { body, type: contentType, attachments: NONE };
  const { root, attachments } = readMultipart(body, contentType);
  return { body: root.bytes, type: root.contentType, attachments };
}

/** A missing media type may be anything, so it is read as what was asked for. */
function isXml(type: string | undefined): boolean {
  return type === undefined || /^\s*(?:text\/xml|application\/(?:[\w.+-]+\+)?xml)\s*(?:;|$)/i.test(type);
}

function holdsFault(envelope: XmlElement): boolean {
  return childrenOf(envelope).some(
    ({ local, content }) =>
      local === 'Body' && content.some((part) => typeof part !== 'string' && isFault(part)),
  );
}

type Bare = SoapReply extends infer R ? (R extends SoapReply ? Omit<R, 'attachments'> : never) : never;

function envelopeReply(envelope: XmlElement, status: number): Bare {
  const known = envelope.local === 'Envelope' && (envelope.uri === ENVELOPE11 || envelope.uri === ENVELOPE12);
  if (!known) throw answeredWith(status, `<${envelope.local.slice(0, 60)}> instead of an envelope of SOAP`);
  const parts = childrenOf(envelope).filter(({ uri }) => uri === envelope.uri);
  const bodies = parts.filter(({ local }) => local === 'Body');
  const [body, second] = bodies;
  if (body === undefined || second !== undefined)
    throw answeredWith(status, `an envelope with ${bodies.length} bodies`);
  const headers = parts.filter(({ local }) => local === 'Header').flatMap(childrenOf);
  const inside = childrenOf(body);
  const fault = inside.find(isFault);
  if (fault !== undefined) return { kind: 'fault', headers, fault: readSoapFault(fault) };
  if (status >= 400) throw answeredWith(status, 'an envelope without a fault');
  return { kind: 'answer', headers, body: inside };
}

function answeredWith(status: number, what: string): Fault {
  return new Fault('upstream', `The service answered ${status} with ${what}`, { code: 'not-soap' });
}

/** What an answer that is no XML means, by its status alone: nothing of its body is told. */
function notSoap({ status, headers, body }: HttpReply, type: string | undefined): Fault {
  const media = body.length === 0 ? 'an empty body' : mediaText(type);
  const upstream = (code: string, message: string, hint?: string): Fault =>
    new Fault('upstream', message, { code, ...(hint === undefined ? {} : { hint }) });
  if (status === 401 || status === 403 || status === 407) {
    return upstream(
      'credentials-refused',
      `The service does not accept the gateway's credentials (${status})`,
    );
  }
  if (status >= 300 && status < 400) {
    return upstream(
      'redirect',
      `The service answered ${status} and leads elsewhere, which is not followed`,
      'endpoint',
    );
  }
  if (status === 404 || status === 405 || status === 410) {
    return upstream('no-such-endpoint', `There is no service at its address (${status})`, 'endpoint');
  }
  if (status === 413)
    return upstream('request-too-large', 'The service does not take a request of this size (413)');
  if (status === 415)
    return upstream('wrong-version', 'The service does not take this version of SOAP (415)', 'port');
  if (status === 429)
    return new Fault('throttled', 'The service asks for fewer requests (429)', { code: 'throttled' });
  if (status === 503)
    return new Fault('unavailable', 'The service is not available (503)', { code: 'unavailable' });
  if (status === 502 || status === 504) {
    return new Fault('unavailable', `What stands before the service does not reach it (${status})`, {
      code: 'bad-gateway',
    });
  }
  return upstream(
    'not-soap',
    `The service answered ${status} with ${media} instead of SOAP${wayOf(headers)}`,
  );
}

function mediaText(type: string | undefined): string {
  const [media = ''] = (type ?? '').split(';');
  return /^[\w.+-]{1,40}\/[\w.+-]{1,60}$/.test(media.trim()) ? media.trim() : 'a body of unknown type';
}

function wayOf(headers: HttpReply['headers']): string {
  return headers['www-authenticate'] === undefined ? '' : ' and asks for credentials';
}
