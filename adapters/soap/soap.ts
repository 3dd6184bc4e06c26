// Knows: a SOAP source: a saved WSDL, its operations, collections made of them.
// Must not know: how any of its parts does its work.

import { defineAdapter, didYouMean, Fault, type Host, type Source, toFault } from '#spi';
import { accessOf } from './collections/access.ts';
import type { Mapped } from './collections/mapped.ts';
import { type FindCall, mapCollection } from './collections/mapping.ts';
import { choosePort } from './contract/port.ts';
import { readSecrets } from './exchange/credentials.ts';
import { openExchange } from './exchange/exchange.ts';
import { headerValues } from './header-values.ts';
import { options, type SoapOptions } from './options.ts';
import { type Service, serviceOf } from './service.ts';
import { loadSaved } from './wsdl/disk.ts';
import type { DocumentSet } from './wsdl/documents.ts';
import { readWsdl } from './wsdl/read-wsdl.ts';

export const adapter = defineAdapter<SoapOptions>({ name: 'soap', options, open });

async function open(given: SoapOptions, host: Host): Promise<Source> {
  const wsdl = readWsdl(await saved(given, host));
  const chosen = choosePort(wsdl, given);
  const endpoint = await endpointOf(given, chosen.port.address, host);
  const opened = await openExchange(given, await readSecrets(given, host), host.sliceMs);
  try {
    const service = serviceOf({
      wsdl,
      chosen,
      options: given,
      endpoint,
      headers: await headerValues(given.headers, host),
      exchange: opened.exchange,
      sliceMs: host.sliceMs,
    });
    const mapped = mapAll(given, service);
    const probe = probeOf(given, service);
    return {
      model: {
        collections: [...mapped.values()].map(({ collection }) => collection),
        operations: service.operations.filter(({ hidden }) => !hidden).map(({ operation }) => operation),
        remarks: service.remarks,
      },
      access(query) {
        const found = mapped.get(query.collection);
        if (found === undefined) throw new Fault('not-found', `There is no collection "${query.collection}"`);
        return accessOf(found, query, now);
      },
      check: probe ?? ((signal) => opened.reach(endpoint, signal)),
      ...invokeOf(service),
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    };
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

/** The documents; a file that is missing is named as the configuration names it. */
async function saved({ wsdl }: SoapOptions, host: Host): Promise<DocumentSet> {
  try {
    return await loadSaved(host.path(wsdl), host.describedBy);
  } catch (error) {
    throw toFault(error).at({ hint: wsdl });
  }
}

function now(): string {
  return Temporal.Now.instant().toString({ smallestUnit: 'millisecond' });
}

async function endpointOf(
  { endpoint }: SoapOptions,
  address: string | undefined,
  host: Host,
): Promise<string> {
  const url = typeof endpoint === 'object' ? await host.secret(endpoint) : (endpoint ?? address);
  if (url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new Fault(
    'invalid',
    'The service has no address that is http or https; say by "endpoint" where it is',
    {
      code: 'no-endpoint',
      misconfigured: true,
    },
  );
}

/** An operation by its API name or its name in the WSDL. */
function finder({ operations }: Service): FindCall {
  return (name) => {
    const found = operations.find(
      ({ operation }) => operation.name === name || operation.legacyName === name,
    );
    if (found !== undefined) return found;
    const names = operations.map(({ operation }) => operation.legacyName ?? operation.name);
    return `There is no operation "${name}".${didYouMean(name, names)}`;
  };
}

/** Every collection, or one fault with all that is wrong with any of them. */
function mapAll({ collections }: SoapOptions, service: Service): ReadonlyMap<string, Mapped> {
  const find = finder(service);
  const mapped = new Map<string, Mapped>();
  const faults: Fault[] = [];
  for (const [name, collection] of Object.entries(collections)) {
    try {
      mapped.set(name, mapCollection(name, collection, find));
    } catch (error) {
      faults.push(toFault(error));
    }
  }
  const [first, second] = faults;
  if (first === undefined) return mapped;
  if (second === undefined) throw first;
  throw new Fault(first.kind, first.message, {
    code: first.code,
    misconfigured: true,
    errors: faults.flatMap((fault) =>
      fault.errors.length > 0 ? fault.errors : [{ ...fault.place, message: fault.message }],
    ),
  });
}

/** The operation that tells whether the service is well. */
function probeOf(
  { check }: SoapOptions,
  service: Service,
): ((signal: AbortSignal) => Promise<void>) | undefined {
  if (check === undefined) return undefined;
  const found = finder(service)(check);
  const problem =
    typeof found === 'string'
      ? found
      : found.operation.effect !== 'read'
        ? `The operation "${check}" is not declared to read, so it cannot be the check`
        : undefined;
  if (problem !== undefined || typeof found === 'string') {
    throw new Fault('invalid', problem ?? '', { code: 'bad-check', misconfigured: true });
  }
  return async (signal) => {
    await found.call({}, { signal });
  };
}

function invokeOf(service: Service): Pick<Source, 'invoke'> {
  const byName = new Map(
    service.operations
      .filter(({ hidden }) => !hidden)
      .map((operation) => [operation.operation.name, operation]),
  );
  if (byName.size === 0) return {};
  return {
    async invoke(name, input, how) {
      const found = byName.get(name);
      if (found === undefined) throw new Fault('not-found', `There is no operation "${name}"`);
      return found.call(input, how);
    },
  };
}
