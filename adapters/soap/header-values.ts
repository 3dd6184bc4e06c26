// Knows: how the header blocks of the configuration get their values, secrets read.
// Must not know: which blocks a WSDL declares.

import type { Host, SecretReference, Value } from '#spi';
import type { HeaderValue } from './options.ts';

/** Values as they stand in the YAML; numbers are texts for whatever type the WSDL gives them. */
export async function headerValues(
  headers: Readonly<Record<string, HeaderValue>>,
  host: Pick<Host, 'secret'>,
): Promise<Readonly<Record<string, Value>>> {
  const values = Object.entries(headers).map(
    async ([name, value]) => [name, await headerValue(value, host)] as const,
  );
  return Object.fromEntries(await Promise.all(values));
}

async function headerValue(value: HeaderValue, host: Pick<Host, 'secret'>): Promise<Value> {
  if (typeof value !== 'object') return value;
  if (isList(value)) return Promise.all(value.map((element) => headerValue(element, host)));
  return isReference(value) ? await host.secret(value) : await headerValues(value, host);
}

function isList(value: HeaderValue): value is readonly HeaderValue[] {
  return Array.isArray(value);
}

function isReference(value: object): value is SecretReference {
  const names = Object.keys(value);
  return names.length === 1 && (names[0] === 'env' || names[0] === 'file');
}
