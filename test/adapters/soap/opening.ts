// A SOAP source over a WSDL that stands in a test or a file, and one call of it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import type { Cell, Source, Value } from '#spi';
import { adapter } from '../../../adapters/soap/soap.ts';
import { createSecrets } from '../../../src/config/secrets.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The path of a WSDL with this text. */
export function wsdlFile(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-wsdl-'));
  folders.push(folder);
  const file = join(folder, 'service.wsdl');
  writeFileSync(file, text);
  return file;
}

/** `options` as they stand in the configuration; secrets are read from `env`. */
export async function openSoap(
  options: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Source> {
  const root = resolve(import.meta.dirname, '..', '..', '..');
  const secrets = createSecrets(root, env);
  return adapter.open(adapter.options.parse(options), {
    source: 'soap',
    path: (relative) => resolve(root, relative),
    secret: (reference) => secrets.read(reference),
    sliceMs: 10,
  });
}

export function invoke(
  source: Source,
  operation: string,
  input: Readonly<Record<string, Value>>,
): Promise<Cell> {
  if (source.invoke === undefined) throw new TypeError('the source has no operations');
  return source.invoke(operation, input, { signal: AbortSignal.timeout(10_000) });
}

/** A document/literal WSDL around a schema of namespace urn:test: an operation for each name, element NAME in and NAMEResponse out. */
export function literalWsdl(
  schema: string,
  operations: readonly string[],
  {
    version = '1.1',
    address = 'http://127.0.0.1:1/',
  }: { readonly version?: '1.1' | '1.2'; readonly address?: string } = {},
): string {
  const soap =
    version === '1.1' ? 'http://schemas.xmlsoap.org/wsdl/soap/' : 'http://schemas.xmlsoap.org/wsdl/soap12/';
  const each = (text: (name: string) => string): string => operations.map(text).join('\n');
  return `<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="${soap}" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:t="urn:test" targetNamespace="urn:test">
  <wsdl:types><xs:schema targetNamespace="urn:test" elementFormDefault="qualified">${schema}</xs:schema></wsdl:types>
  ${each(
    (name) => `<wsdl:message name="${name}"><wsdl:part name="parameters" element="t:${name}"/></wsdl:message>
  <wsdl:message name="${name}Response"><wsdl:part name="parameters" element="t:${name}Response"/></wsdl:message>`,
  )}
  <wsdl:portType name="P">${each((name) => `<wsdl:operation name="${name}"><wsdl:input message="t:${name}"/><wsdl:output message="t:${name}Response"/></wsdl:operation>`)}</wsdl:portType>
  <wsdl:binding name="B" type="t:P"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
  ${each(
    (name) => `<wsdl:operation name="${name}"><soap:operation soapAction="urn:test/${name}"/>
    <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>`,
  )}</wsdl:binding>
  <wsdl:service name="S"><wsdl:port name="P" binding="t:B"><soap:address location="${address}"/></wsdl:port></wsdl:service>
</wsdl:definitions>`;
}
