import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fetchFile, fileAddress } from '../../../../adapters/soap/wsdl/disk.ts';
import { documentsOf } from '../../../../adapters/soap/wsdl/documents.ts';
import { loadDocuments } from '../../../../adapters/soap/wsdl/load.ts';
import { Fault } from '../../../../src/fault.ts';
import { BANK, fetchFrom, include, loadTexts, schema, type Texts, types, wsdl } from './documents.ts';

const IN_TYPES = wsdl(types(schema(include('types/a.xsd'), 'urn:t')));

/** The fault of loading these documents. */
async function faultOf(texts: Texts, main?: string): Promise<Fault> {
  try {
    await loadTexts(texts, main);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error;
  }
  throw new Error('it was loaded');
}

describe('loading documents', () => {
  it('follows imports and includes level by level in the order of the documents, each address once', async () => {
    const asked: string[] = [];
    const { main, byUrl } = await loadDocuments(
      'http://host/main.wsdl',
      fetchFrom(
        {
          'main.wsdl': wsdl(
            `<wsdl:import namespace="urn:o" location="other.wsdl"/>${types(schema(include('a.xsd') + include('b.xsd')))}`,
          ),
          'other.wsdl': wsdl(types(schema(include('c.xsd') + include('a.xsd')))),
          'a.xsd': schema(`${include('d.xsd')}<xs:redefine schemaLocation="b.xsd"/>`),
          'b.xsd': schema('<xs:import namespace="urn:d" schemaLocation="./a.xsd#part"/>'),
          'c.xsd': schema(include('a.xsd')),
          'd.xsd': schema(''),
        },
        asked,
      ),
    );
    assert.deepEqual(asked, ['main.wsdl', 'other.wsdl', 'a.xsd', 'b.xsd', 'c.xsd', 'd.xsd']);
    assert.equal(main.url, 'http://host/main.wsdl');
    assert.deepEqual(
      [...byUrl.keys()],
      asked.map((name) => `http://host/${name}`),
    );
    assert.deepEqual(
      byUrl.get('http://host/a.xsd')?.references.map(({ kind, location, line }) => [kind, location, line]),
      [
        ['xsd-include', 'd.xsd', 1],
        ['xsd-redefine', 'b.xsd', 1],
      ],
    );
  });

  it('resolves `..` and sub-folders against the document itself, not against the WSDL', async () => {
    const set = await loadDocuments(fileAddress(BANK), fetchFile);
    assert.deepEqual(
      documentsOf(set).map(({ shown }) => shown),
      [
        'bank.wsdl',
        'contract/bank-contract.wsdl',
        'types/accounts.xsd',
        'types/deep/people.xsd',
        'shared/money.xsd',
        'shared/currency.xsd',
      ],
    );
  });

  it('an import without a location, and one of a standard at the address of its owner, are not fetched', async () => {
    const set = await loadTexts({
      'main.wsdl': wsdl(
        types(
          schema(`<xs:import namespace="urn:x"/><xs:import namespace="urn:y" schemaLocation=" "/>
            <xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="http://www.w3.org/2001/xml.xsd"/>`),
        ),
      ),
    });
    assert.equal(set.byUrl.size, 1);
    assert.deepEqual(set.main.references, []);
  });

  it('a copy of such a standard beside the WSDL is read', async () => {
    const set = await loadTexts({
      'main.wsdl': wsdl(
        types(
          schema('<xs:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="xml.xsd"/>'),
        ),
      ),
      'xml.xsd': schema(''),
    });
    assert.equal(set.byUrl.size, 2);
  });

  it('xml:base is not followed', async () => {
    const set = await loadTexts({
      'main.wsdl': wsdl(`<wsdl:types xml:base="elsewhere/">${schema(include('a.xsd'))}</wsdl:types>`),
      'a.xsd': schema(''),
    });
    assert.equal(set.byUrl.size, 2);
  });

  it('an import of a WSDL may lead to a schema', async () => {
    const set = await loadTexts({
      'main.wsdl': wsdl('<wsdl:import namespace="urn:a" location="a.xsd"/>'),
      'a.xsd': schema('', 'urn:a'),
    });
    assert.equal(set.byUrl.size, 2);
  });

  it('behind a redirect references start from where the document was found, and two ways to one document are one', async () => {
    const texts = { 'main.wsdl': wsdl(types(schema(include('old/a.xsd') + include('new/a.xsd')))) };
    const inner = fetchFrom({ ...texts, 'new/a.xsd': schema(include('b.xsd')), 'new/b.xsd': schema('') });
    const { byUrl } = await loadDocuments('http://host/main.wsdl', async (url) =>
      url === 'http://host/old/a.xsd'
        ? { ...(await inner('http://host/new/a.xsd')), url: 'http://host/new/a.xsd' }
        : await inner(url),
    );
    assert.equal(byUrl.get('http://host/old/a.xsd'), byUrl.get('http://host/new/a.xsd'));
    assert.equal(new Set(byUrl.values()).size, 3);
    assert.ok(byUrl.has('http://host/new/b.xsd'));
  });
});

describe('a document that cannot be loaded', () => {
  it('is told with the chain of files that led there, each with its line', async () => {
    const fault = await faultOf({
      'main.wsdl': IN_TYPES,
      'types/a.xsd': schema('\n<xs:import namespace="urn:b" schemaLocation="../base/b.xsd"/>', 'urn:t'),
    });
    assert.equal(
      fault.message,
      [
        'http://host/main.wsdl:4 includes http://host/types/a.xsd,',
        'http://host/types/a.xsd:2 imports http://host/base/b.xsd,',
        'http://host/base/b.xsd: there is no such file',
      ].join('\n'),
    );
    assert.equal(fault.kind, 'unavailable');
    assert.equal(fault.misconfigured, false);
  });

  it('shows of an address neither credentials nor the values of parameters that could be secrets', async () => {
    const fault = await faultOf({}, 'main.asmx?wsdl&key=canary-1&xsd=xsd0');
    assert.match(fault.message, /^http:\/\/host\/main\.asmx\?wsdl&key=…&xsd=xsd0: /);
  });

  it('an HTML page is called one, whether or not it is XML', async () => {
    for (const page of [
      '<!DOCTYPE html><html><input disabled></html>',
      '<html><body/></html>',
      '\n<HTML><br></HTML>',
    ]) {
      const { message, code } = await faultOf({ 'main.wsdl': page });
      assert.match(message, /: an HTML page \(root element html\) instead of a WSDL/);
      assert.equal(code, 'not-a-schema');
    }
  });

  it('another root element is named', async () => {
    const fault = await faultOf({ 'main.wsdl': IN_TYPES, 'types/a.xsd': '<t:thing xmlns:t="urn:things"/>' });
    assert.match(
      fault.message,
      /types\/a\.xsd: expected a schema, found the root element "thing" of urn:things$/,
    );
  });

  it('a schema is no WSDL, and a WSDL is no schema', async () => {
    assert.match((await faultOf({ 'main.wsdl': schema('') })).message, /expected a WSDL, found .*"schema"/);
    const fault = await faultOf({ 'main.wsdl': IN_TYPES, 'types/a.xsd': wsdl('') });
    assert.match(fault.message, /expected a schema, found .*"definitions"/);
  });

  it('WSDL 2.0 is refused by its name', async () => {
    const fault = await faultOf({ 'main.wsdl': '<description xmlns="http://www.w3.org/ns/wsdl"/>' });
    assert.match(fault.message, /a WSDL 2\.0 document; WSDL 1\.1 is what can be read/);
  });

  it('XML that is broken is told with file and line', async () => {
    const fault = await faultOf({
      'main.wsdl': IN_TYPES,
      'types/a.xsd': schema('\n\n<xs:element></xs:other>'),
    });
    assert.match(fault.message, /\n.*types\/a\.xsd.*\b(?:line )?3\b/);
  });

  it('a document from the network cannot lead to a file of this machine', async () => {
    const fault = await faultOf({ 'main.wsdl': wsdl(types(schema(include('file:///etc/hostname')))) });
    assert.match(fault.message, /: a document from the network cannot lead to a file$/);
  });

  it('a location that is no address is told', async () => {
    const fault = await faultOf({ 'main.wsdl': wsdl(types(schema(include('http://[bad/a.xsd')))) });
    assert.match(fault.message, /:4 includes http:\/\/\[bad\/a\.xsd,\n.*: this is no address$/);
  });

  it('there is a limit to how many documents and bytes are fetched', async () => {
    const texts = {
      'main.wsdl': IN_TYPES,
      'types/a.xsd': schema(include('b.xsd')),
      'types/b.xsd': schema(''),
    };
    await assert.rejects(
      loadTexts(texts, 'main.wsdl', { maxDocuments: 2, maxBytes: 10_000 }),
      /more than 2 documents$/,
    );
    await assert.rejects(
      loadTexts(texts, 'main.wsdl', { maxDocuments: 3, maxBytes: 600 }),
      /more than 600 bytes/,
    );
    await loadTexts(texts, 'main.wsdl', { maxDocuments: 3, maxBytes: 10_000 });
  });
});
