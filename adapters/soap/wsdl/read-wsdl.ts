// Knows: how services, ports and their bindings are read from the documents of a WSDL 1.1.
// Must not know: where the documents come from, what schemas mean, how a message is sent.

import { Fault, type Remark } from '#spi';
import type { SoapVersion } from '../exchange/message.ts';
import { attributeOf, childrenOf } from '../xml/element.ts';
import {
  SOAP_HTTP,
  SOAP12_HTTP,
  WSDL,
  WSDL_HTTP,
  WSDL_MIME,
  WSDL_SOAP11,
  WSDL_SOAP12,
  WSDL20,
} from '../xml/namespaces.ts';
import { Unsupported } from '../xsd/components.ts';
import {
  type Definitions,
  definitionsOf,
  documentationOf,
  type Located,
  partOf,
  partsOf,
  placeOf,
  referred,
} from './definitions.ts';
import { type DocumentSet, placeIn } from './documents.ts';
import { type Binding, requiredExtensions } from './read-message.ts';
import { readOperation } from './read-operation.ts';
import { isNamed } from './references.ts';
import { schemasOf } from './schemas-of.ts';
import type { Port, Service, Wsdl, WsdlOperation } from './wsdl.ts';

/** What cannot be read is left out and remarked; a fault is thrown only for what is no WSDL 1.1 at all. */
export function readWsdl(set: DocumentSet): Wsdl {
  refuseOthers(set);
  const remarks: Remark[] = [];
  const remark = (one: Remark): void => {
    // A binding that two ports share says the same thing twice.
    if (!remarks.some((known) => known.place === one.place && known.message === one.message))
      remarks.push(one);
  };
  const definitions = definitionsOf(set, remark);
  const services = definitions.services.map((service) => readService(service, definitions, remark));
  if (services.length === 0) {
    remark({
      subject: set.main.shown,
      message: 'There is no wsdl:service in it; perhaps it is the abstract part of another WSDL',
      place: placeIn(set.main, set.main.root),
    });
  }
  return { services, schemas: schemasOf(set, remark), remarks };
}

function refuseOthers({ main }: DocumentSet): void {
  const { root, shown } = main;
  if (isNamed(root, WSDL, 'definitions')) return;
  const message = isNamed(root, WSDL20, 'description')
    ? 'a WSDL 2.0 document; WSDL 1.1 is what can be read'
    : `expected a WSDL, found the root element "${root.local}"`;
  throw new Fault('invalid', `${shown}: ${message}`, { code: 'not-a-wsdl', misconfigured: true });
}

function readService(service: Located, definitions: Definitions, remark: (remark: Remark) => void): Service {
  const name = attributeOf(service.element, 'name') ?? '';
  const doc = documentationOf(service);
  return {
    name,
    ...(doc === undefined ? {} : { doc }),
    ports: partsOf(service, WSDL, 'port').flatMap((port) => {
      try {
        return [readPort(port, definitions, remark)];
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
        const subject = attributeOf(port.element, 'name') ?? name;
        remark({ subject, message: `The port is left out: ${error.message}`, place: error.place });
        return [];
      }
    }),
    place: placeOf(service),
  };
}

/** Throws `Unsupported` for a port that is not one of SOAP over HTTP. */
function readPort(port: Located, definitions: Definitions, remark: (remark: Remark) => void): Port {
  const bound = referred(port, 'binding', 'binding', definitions);
  const { version, soap, style } = protocolOf(bound);
  const portType = referred(bound, 'type', 'portType', definitions);
  const binding: Binding = { definitions, soap, remark };
  const name = attributeOf(port.element, 'name') ?? '';
  remarkRequired(bound, name, binding);
  const address = partOf(port, soap, 'address');
  const location = address === undefined ? undefined : attributeOf(address.element, 'location')?.trim();
  const doc = documentationOf(port);
  return {
    name,
    ...(doc === undefined ? {} : { doc }),
    binding: bound.name,
    version,
    ...(location === undefined || location === '' ? {} : { address: location }),
    operations: partsOf(bound, WSDL, 'operation').flatMap((operation) =>
      readOrLeaveOut(operation, portType, style, binding),
    ),
    place: placeOf(port),
  };
}

function readOrLeaveOut(
  operation: Located,
  portType: Located,
  style: WsdlOperation['style'],
  binding: Binding,
): readonly WsdlOperation[] {
  try {
    return [readOperation(operation, portType, style, binding)];
  } catch (error) {
    if (!(error instanceof Unsupported)) throw error;
    const subject = attributeOf(operation.element, 'name') ?? '';
    binding.remark({ subject, message: `The operation is left out: ${error.message}`, place: error.place });
    return [];
  }
}

interface Protocol {
  readonly version: SoapVersion;
  readonly soap: string;
  readonly style: WsdlOperation['style'];
}

/** What `soap:binding` says (section 3.3). */
function protocolOf(binding: Located): Protocol {
  for (const [version, soap] of [
    ['1.1', WSDL_SOAP11],
    ['1.2', WSDL_SOAP12],
  ] as const) {
    const declared = partOf(binding, soap, 'binding');
    if (declared === undefined) continue;
    const transport = attributeOf(declared.element, 'transport') ?? SOAP_HTTP;
    if (transport !== SOAP_HTTP && transport !== SOAP12_HTTP) {
      throw new Unsupported(`SOAP over ${transport} is not supported, only over HTTP`, placeOf(declared));
    }
    const style = attributeOf(declared.element, 'style') === 'rpc' ? 'rpc' : 'document';
    return { version, soap, style };
  }
  const http = partOf(binding, WSDL_HTTP, 'binding');
  throw new Unsupported(
    http === undefined
      ? 'its binding is none of SOAP'
      : `its binding is HTTP ${attributeOf(http.element, 'verb') ?? ''} without SOAP`,
    placeOf(binding),
  );
}

/** Section 2.1.3: what is marked as required may change what every message means. */
function remarkRequired(binding: Located, port: string, { soap, remark }: Binding): void {
  const known = [WSDL, soap, WSDL_MIME];
  const operations = partsOf(binding, WSDL, 'operation');
  for (const located of [binding, ...operations].flatMap((one) => requiredExtensions(one, known))) {
    const { uri, local } = located.element;
    const message = `The binding requires "${local}" of ${uri}, which is not supported: calls may be refused`;
    remark({ subject: port, message, place: placeOf(located) });
  }
  for (const operation of operations) {
    if (childrenOf(operation.element).some((child) => isNamed(child, soap, 'operation'))) continue;
    const subject = attributeOf(operation.element, 'name') ?? port;
    remark({
      subject,
      message: 'No soap:operation: it is sent with an empty SOAPAction',
      place: placeOf(operation),
    });
  }
}
