import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fetchFile, fileAddress } from '../../../../adapters/soap/wsdl/disk.ts';
import { loadDocuments } from '../../../../adapters/soap/wsdl/load.ts';
import { readWsdl } from '../../../../adapters/soap/wsdl/read-wsdl.ts';
import { schemaSet } from '../../../../adapters/soap/xsd/schema-set.ts';
import { BANK, include, loadTexts, schema, types, wsdl } from './documents.ts';

describe('the schemas of a WSDL', () => {
  it('are the embedded ones and all that they lead to; one without a namespace is there once for each that includes it', async () => {
    const { schemas } = readWsdl(await loadDocuments(fileAddress(BANK), fetchFile));
    assert.deepEqual(
      schemas.map(({ shown, targetNamespace }) => `${shown} ${targetNamespace}`),
      [
        'contract/bank-contract.wsdl urn:example:bank:messages',
        'types/accounts.xsd urn:example:bank:accounts',
        'shared/money.xsd urn:example:bank:accounts',
        'shared/currency.xsd urn:example:bank:accounts',
        'types/deep/people.xsd urn:example:bank:people',
        'contract/bank-contract.wsdl urn:example:bank:more',
        'shared/money.xsd urn:example:bank:more',
        'shared/currency.xsd urn:example:bank:more',
      ],
    );
    const set = schemaSet(schemas);
    for (const uri of ['urn:example:bank:accounts', 'urn:example:bank:more']) {
      assert.equal(set.type({ uri, local: 'Money' }).kind, 'complex');
    }
  });

  it('that a WSDL imports directly are among them', async () => {
    const { schemas } = readWsdl(
      await loadTexts({
        'main.wsdl': wsdl('<wsdl:import namespace="urn:a" location="a.xsd"/>'),
        'a.xsd': schema('', 'urn:a'),
      }),
    );
    assert.deepEqual(
      schemas.map(({ targetNamespace }) => targetNamespace),
      ['urn:a'],
    );
  });

  it('an import lends no namespace, an include does', async () => {
    const { schemas } = readWsdl(
      await loadTexts({
        'main.wsdl': wsdl(types(schema('<xs:import schemaLocation="a.xsd"/>', 'urn:t'))),
        'a.xsd': schema(''),
      }),
    );
    assert.deepEqual(
      schemas.map(({ targetNamespace }) => targetNamespace),
      ['urn:t', ''],
    );
  });

  it('that declare another namespace than they are asked for keep their own, with a remark', async () => {
    const { schemas, remarks } = readWsdl(
      await loadTexts({
        'main.wsdl': wsdl(
          types(schema('<xs:import namespace="urn:wrong" schemaLocation="a.xsd"/>', 'urn:t')),
        ),
        'a.xsd': schema('', 'urn:right'),
      }),
    );
    assert.equal(schemas[1]?.targetNamespace, 'urn:right');
    assert.equal(
      remarks.map(({ message }) => message).at(-1),
      'It declares the namespace urn:right, and is asked for the namespace urn:wrong; its own counts',
    );
  });

  it('redefine: the new component is seen by all, and is built on the old one', async () => {
    const { schemas } = readWsdl(
      await loadTexts({
        'main.wsdl': wsdl(
          types(
            schema(
              `<xs:redefine schemaLocation="old.xsd">
                <xs:complexType name="Address"><xs:complexContent><xs:extension base="Address">
                  <xs:sequence><xs:element name="country" type="xs:string"/></xs:sequence>
                </xs:extension></xs:complexContent></xs:complexType>
              </xs:redefine>`,
              'urn:t',
            ),
          ),
        ),
        'old.xsd': schema(`${include('older.xsd')}<xs:element name="home" type="Address"/>`, 'urn:t'),
        'older.xsd': schema(
          '<xs:complexType name="Address"><xs:sequence><xs:element name="street" type="xs:string"/></xs:sequence></xs:complexType>',
        ),
      }),
    );
    const home = schemaSet(schemas).element({ uri: 'urn:t', local: 'home' }).type();
    assert.equal(home.kind, 'complex');
    const text = JSON.stringify(home, (key, value) => (key === 'type' ? undefined : value));
    assert.match(text, /"street".*"country"/);
  });
});
