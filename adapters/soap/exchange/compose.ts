// Knows: how node-soap makes an envelope with its headers and security around a body that is XML already.
// Must not know: how it is sent, what comes back: node-soap's own reading of replies loses namespaces, attributes and digits.

import { Client, type IHttpClient, WSDL } from 'soap';
import { Fault } from '#spi';
import { escapeAttribute } from '../xml/write-xml.ts';
import type { Credentials, WsSecurity } from './credentials.ts';
import type { SoapRequest, SoapVersion } from './message.ts';
import { securityOf } from './security.ts';
import { securedMessage } from './ws-security.ts';

/** A request as HTTP carries it. */
export interface Composed {
  readonly url: string;
  readonly envelope: string;
  readonly headers: Readonly<Record<string, string>>;
}

export type Compose = (request: SoapRequest) => Composed;

const PREFIX = 'soap';
const OPERATION = 'Send';

/** What node-soap needs to know of a service to make envelopes: one operation whose body is handed over as it is. */
const ENVELOPE_ONLY = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:e="urn:envelope" targetNamespace="urn:envelope">
  <message name="${OPERATION}"/>
  <portType name="Envelope"><operation name="${OPERATION}"><input message="e:${OPERATION}"/></operation></portType>
  <binding name="Envelope" type="e:Envelope"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="${OPERATION}"><soap:operation soapAction=""/><input><soap:body use="literal"/></input></operation>
  </binding>
  <service name="Envelope"><port name="Envelope" binding="e:Envelope"><soap:address location="http://127.0.0.1/"/></port></service>
</definitions>`;

/** Arguments of one call, as node-soap passes them to what writes its header blocks. */
interface Arguments {
  readonly _xml: string;
  readonly headers: string;
}

/** One for each source and version of SOAP; the calls of a source may overlap: composing is synchronous. */
export async function composer(
  version: SoapVersion,
  credentials: Credentials,
  wsSecurity: WsSecurity | undefined,
): Promise<Compose> {
  let composed: Composed | undefined;
  // node-soap hands over what it has made instead of sending it.
  const outbox = {
    request: (url: string, envelope: string, _answered: unknown, headers: Record<string, string>) => {
      composed = { url, envelope, headers: { ...headers } };
    },
  };
  const wsdl = await envelopeWsdl();
  const clients = new Map<string, Client>();
  const clientFor = (endpoint: string): Client => {
    const known = clients.get(endpoint);
    if (known !== undefined) return known;
    const client = new Client(wsdl, endpoint, {
      // cast: its type wants the promise of a request, which nobody looks at.
      httpClient: outbox as unknown as IHttpClient,
      envelopeKey: PREFIX,
      forceSoap12Headers: version === '1.2',
    });
    client.addSoapHeader(
      (_method: unknown, _location: unknown, _action: unknown, { headers }: Arguments) => headers,
    );
    clients.set(endpoint, client);
    return client;
  };
  return ({ endpoint, action, body, headers, encodingStyle, attachments = [] }) => {
    composed = undefined;
    const client = clientFor(endpoint);
    client.setSOAPAction(quotable(action));
    const inside = encoded(body, encodingStyle);
    // A new one for each message: nonces, times and signatures are its own.
    const secured =
      wsSecurity === undefined ? undefined : securedMessage(version, PREFIX, wsSecurity, inside, attachments);
    client.setSecurity(securityOf(credentials, secured?.header ?? ''));
    client.clearBodyAttributes();
    if (secured !== undefined && secured.bodyAttributes !== '') {
      client.addBodyAttribute(secured.bodyAttributes);
    }
    const args: Arguments = { _xml: inside, headers: headers.join('') };
    client[OPERATION](args, () => {});
    if (composed === undefined) throw new Fault('internal', 'A SOAP message could not be made');
    return composed;
  };
}

function envelopeWsdl(): Promise<WSDL> {
  return new Promise((resolve, reject) => {
    const wsdl = new WSDL(ENVELOPE_ONLY, '', {});
    wsdl.onReady((error) => {
      if (error !== null && error !== undefined) {
        reject(error);
        return;
      }
      wsdl.xmlnsInEnvelope = '';
      resolve(wsdl);
    });
  });
}

/** node-soap puts it between quotes; in HTTP a quote inside them is escaped (RFC 9110, section 5.6.4), and a line end is nowhere allowed. */
function quotable(action: string): string {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(action)) {
    throw new Fault('invalid', 'The action of the operation holds a character that no HTTP header can hold', {
      code: 'bad-action',
      hint: 'operations: { NAME: { action } }',
      misconfigured: true,
    });
  }
  return action.replace(/["\\]/g, (character) => `\\${character}`);
}

/** On the element inside Body: SOAP 1.2 forbids it on Envelope (part 1, section 5.1.1), SOAP 1.1 allows it anywhere. */
function encoded(body: string, encodingStyle: string | undefined): string {
  if (encodingStyle === undefined) return body;
  return body.replace(
    /^<[^\s/>]+/,
    (tag) => `${tag} ${PREFIX}:encodingStyle="${escapeAttribute(encodingStyle)}"`,
  );
}
