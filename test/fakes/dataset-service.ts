// The rows of the conformance suite behind a real SOAP server (node-soap's): accounts by many keys and in pages, entries one by one and all
// together, events all together.

import { createServer } from 'node:http';
import { listen as listenSoap } from 'soap';
import type { Row } from '#spi';
import type { DataCollection } from '../conformance/dataset.ts';

export interface DatasetService extends AsyncDisposable {
  readonly url: string;
  /** Names of the operations that were called, in order. */
  readonly calls: string[];
  /** Calls under way at the same time, at most. */
  mostAtOnce(): number;
}

const ELEMENT = (name: string, type: string, more = ''): string =>
  `<xs:element name="${name}" type="${type}"${more}/>`;
const OPTIONAL = ' minOccurs="0"';
const MANY = ' minOccurs="0" maxOccurs="unbounded"';

const WRAPPERS: Readonly<Record<string, string>> = {
  GetAccounts: ELEMENT('AcctId', 'xs:int', MANY),
  GetAccountsResponse: ELEMENT('Account', 't:Account', MANY),
  ListAccounts:
    ELEMENT('Offset', 'xs:int', OPTIONAL) +
    ELEMENT('Limit', 'xs:int', OPTIONAL) +
    ELEMENT('Branch', 'xs:string', OPTIONAL),
  ListAccountsResponse: `<xs:element name="Page"><xs:complexType><xs:sequence>${ELEMENT('Account', 't:Account', MANY)}</xs:sequence></xs:complexType></xs:element>`,
  GetEntry: ELEMENT('Branch', 'xs:string') + ELEMENT('Seq', 'xs:int'),
  GetEntryResponse: ELEMENT('Entry', 't:Entry', OPTIONAL),
  ListEntries: '',
  ListEntriesResponse: ELEMENT('Entry', 't:Entry', MANY),
  ListEvents: '',
  ListEventsResponse: ELEMENT('Event', 't:Event', MANY),
};
const OPERATIONS = Object.keys(WRAPPERS).filter((name) => !name.endsWith('Response'));

export const DATASET_WSDL = `<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:dataset" targetNamespace="urn:dataset">
  <wsdl:types><xs:schema targetNamespace="urn:dataset" elementFormDefault="qualified">
    <xs:simpleType name="Money"><xs:restriction base="xs:decimal"><xs:totalDigits value="9"/><xs:fractionDigits value="2"/></xs:restriction></xs:simpleType>
    <xs:complexType name="Account"><xs:sequence>${ELEMENT('AcctId', 'xs:int')}${ELEMENT('Name', 'xs:string')}${ELEMENT('Branch', 'xs:string')}
      ${ELEMENT('Balance', 't:Money')}${ELEMENT('Serial', 'xs:long')}${ELEMENT('Rating', 'xs:int', ' nillable="true"')}</xs:sequence></xs:complexType>
    <xs:complexType name="Entry"><xs:sequence>${ELEMENT('Branch', 'xs:string')}${ELEMENT('Seq', 'xs:int')}${ELEMENT('Amount', 't:Money')}
      ${ELEMENT('Text', 'xs:string')}</xs:sequence></xs:complexType>
    <xs:complexType name="Event"><xs:sequence>${ELEMENT('Code', 'xs:string')}${ELEMENT('AcctId', 'xs:int')}${ELEMENT('Weight', 'xs:int')}</xs:sequence></xs:complexType>
    ${Object.entries(WRAPPERS)
      .map(
        ([name, content]) =>
          `<xs:element name="${name}"><xs:complexType><xs:sequence>${content}</xs:sequence></xs:complexType></xs:element>`,
      )
      .join('\n')}
  </xs:schema></wsdl:types>
  ${Object.keys(WRAPPERS)
    .map(
      (name) =>
        `<wsdl:message name="${name}"><wsdl:part name="parameters" element="t:${name}"/></wsdl:message>`,
    )
    .join('\n')}
  <wsdl:portType name="Dataset">${OPERATIONS.map(
    (name) =>
      `<wsdl:operation name="${name}"><wsdl:input message="t:${name}"/><wsdl:output message="t:${name}Response"/></wsdl:operation>`,
  ).join('')}</wsdl:portType>
  <wsdl:binding name="Dataset" type="t:Dataset"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>${OPERATIONS.map(
    (
      name,
    ) => `<wsdl:operation name="${name}"><soap:operation soapAction="urn:dataset/${name}"/><wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>`,
  ).join('')}</wsdl:binding>
  <wsdl:service name="Dataset"><wsdl:port name="Dataset" binding="t:Dataset"><soap:address location="http://127.0.0.1:1/dataset"/></wsdl:port></wsdl:service>
</wsdl:definitions>`;

export async function startDataset(data: readonly DataCollection[]): Promise<DatasetService> {
  const rows = (name: string): readonly Row[] =>
    data.find((collection) => collection.name === name)?.rows ?? [];
  const xml = (row: Row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        pascal(name),
        typeof value === 'bigint' ? `${value}` : value,
      ]),
    );
  const calls: string[] = [];
  let atOnce = 0;
  let most = 0;
  const called = <T>(name: string, answer: () => T) => {
    calls.push(name);
    most = Math.max(most, ++atOnce);
    // Answers a little later, so that calls side by side are seen side by side.
    return new Promise<T>((resolve) => setImmediate(() => resolve(answer()))).finally(() => atOnce--);
  };
  const operations = {
    GetAccounts: ({ AcctId }: { AcctId?: number | number[] }) =>
      called('GetAccounts', () => {
        const ids = new Set([AcctId ?? []].flat());
        return {
          Account: rows('accounts')
            .filter(({ acctId }) => ids.has(Number(acctId)))
            .map(xml),
        };
      }),
    ListAccounts: ({
      Offset = 0,
      Limit = 10_000,
      Branch,
    }: {
      Offset?: number;
      Limit?: number;
      Branch?: string;
    }) =>
      called('ListAccounts', () => {
        const found = rows('accounts').filter(({ branch }) => Branch === undefined || branch === Branch);
        return { Page: { Account: found.slice(Offset, Offset + Limit).map(xml) } };
      }),
    GetEntry: ({ Branch, Seq }: { Branch: string; Seq: number }) =>
      called('GetEntry', () => {
        const found = rows('entries').find(({ branch, seq }) => branch === Branch && seq === Seq);
        return found === undefined ? {} : { Entry: xml(found) };
      }),
    ListEntries: () => called('ListEntries', () => ({ Entry: rows('entries').map(xml) })),
    ListEvents: () => called('ListEvents', () => ({ Event: rows('events').map(xml) })),
  };
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    listenSoap(server, {
      path: '/dataset',
      services: { Dataset: { Dataset: operations } },
      xml: DATASET_WSDL,
      callback: (error) => (error === null || error === undefined ? resolve() : reject(error)),
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/dataset`,
    calls,
    mostAtOnce: () => most,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function pascal(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The options of a source over the service. */
export function datasetOptions(wsdl: string, endpoint: string) {
  const read = { effect: 'read' };
  return {
    wsdl,
    endpoint,
    operations: {
      GetAccounts: read,
      ListAccounts: read,
      GetEntry: read,
      ListEntries: read,
      ListEvents: read,
    },
    collections: {
      accounts: {
        key: ['acctId'],
        getMany: { operation: 'GetAccounts', arguments: { acctId: 'AcctId' }, max: 50 },
        search: {
          operation: 'ListAccounts',
          where: { branch: { eq: 'Branch' } },
          exact: ['branch.eq'],
          rows: 'Account',
          paging: { offset: 'Offset', limit: 'Limit', pageSize: 70 },
        },
      },
      entries: {
        key: ['branch', 'seq'],
        get: { operation: 'GetEntry', arguments: { branch: 'Branch', seq: 'Seq' } },
        search: { operation: 'ListEntries' },
      },
      events: { search: { operation: 'ListEvents' } },
    },
  };
}
