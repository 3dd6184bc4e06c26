// A source of one operation, ask(text) → text, over a scripted server.

import type { Source, Value } from '#spi';
import { invoke, literalWsdl, openSoap, wsdlFile } from '../opening.ts';

const SCHEMA = `
  <xs:element name="Ask"><xs:complexType><xs:sequence><xs:element name="text" type="xs:string" minOccurs="0"/>
    <xs:element name="bytes" type="xs:base64Binary" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="AskResponse"><xs:complexType><xs:sequence><xs:element name="text" type="xs:string" minOccurs="0"/>
    <xs:element name="bytes" type="xs:base64Binary" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>`;

export function openAsk(
  endpoint: string,
  options: Readonly<Record<string, unknown>> = {},
  {
    version = '1.1',
    env = {},
  }: { readonly version?: '1.1' | '1.2'; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Source> {
  return openSoap({ wsdl: wsdlFile(literalWsdl(SCHEMA, ['Ask'], { version })), endpoint, ...options }, env);
}

export const ASK_READS = { operations: { Ask: { effect: 'read' } } };

export function ask(source: Source, input: Readonly<Record<string, Value>> = { text: 'hello' }) {
  return invoke(source, 'ask', input);
}

/** What stands in Body for an answer. */
export function answered(text: string): string {
  return `<AskResponse xmlns="urn:test"><text>${text}</text></AskResponse>`;
}
