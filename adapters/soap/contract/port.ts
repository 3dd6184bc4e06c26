// Knows: which of a WSDL's ports is meant.
// Must not know: what stands behind it.

import { didYouMean, Fault } from '#spi';
import type { Port, Service, Wsdl } from '../wsdl/wsdl.ts';

export interface Chosen {
  readonly service: Service;
  readonly port: Port;
}

/** The only one, or the one that is named; of several ports of one service the first of SOAP 1.1. Throws a misconfigured Fault. */
export function choosePort(
  wsdl: Wsdl,
  wanted: { readonly service?: string; readonly port?: string },
): Chosen {
  const service = one(wsdl.services, 'service', wanted.service, 'The WSDL');
  const { ports } = service;
  if (wanted.port !== undefined || ports.length < 2) {
    return { service, port: one(ports, 'port', wanted.port, `The service "${service.name}"`) };
  }
  const [first] = ports;
  const port = ports.find(({ version }) => version === '1.1') ?? first;
  if (port === undefined) throw misconfigured(`The service "${service.name}" has no port`);
  return { service, port };
}

function one<T extends { readonly name: string }>(
  all: readonly T[],
  what: 'service' | 'port',
  name: string | undefined,
  owner: string,
): T {
  const names = all.map((candidate) => candidate.name);
  const [first, second] = all;
  if (first === undefined) throw misconfigured(`${owner} has no ${what} that is reached by SOAP over HTTP`);
  if (name === undefined) {
    if (second === undefined) return first;
    throw misconfigured(`${owner} has several ${what}s: say by "${what}" which one: ${names.join(', ')}`);
  }
  const found = all.find((candidate) => candidate.name === name);
  if (found !== undefined) return found;
  throw misconfigured(`${owner} has no ${what} "${name}".${didYouMean(name, names)}`);
}

function misconfigured(message: string): Fault {
  return new Fault('invalid', message, { code: 'no-such-port', misconfigured: true });
}
