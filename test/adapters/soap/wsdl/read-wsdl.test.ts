import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fetchFile, fileAddress } from '../../../../adapters/soap/wsdl/disk.ts';
import { loadDocuments } from '../../../../adapters/soap/wsdl/load.ts';
import { readWsdl } from '../../../../adapters/soap/wsdl/read-wsdl.ts';
import type { Port, Wsdl, WsdlOperation } from '../../../../adapters/soap/wsdl/wsdl.ts';
import { nameText } from '../../../../adapters/soap/xml/element.ts';
import { BANK, loadTexts, wsdl } from './documents.ts';

async function bank(): Promise<Wsdl> {
  return readWsdl(await loadDocuments(fileAddress(BANK), fetchFile));
}

function port({ services }: Wsdl, name: string): Port {
  const found = services.flatMap(({ ports }) => ports).find((one) => one.name === name);
  assert.ok(found, `there is a port ${name}`);
  return found;
}

function operation(of: Port, name: string): WsdlOperation {
  const found = of.operations.find((one) => one.name === name);
  assert.ok(found, `there is an operation ${name}`);
  return found;
}

function remarks({ remarks }: Wsdl): readonly string[] {
  return remarks.map(({ subject, message, place }) => `${place} ${subject}: ${message}`);
}

describe('a WSDL in two halves, with types in several files', () => {
  it('has its services and ports with address and SOAP version', async () => {
    const read = await bank();
    assert.deepEqual(
      read.services.map(({ name, doc, ports }) => [
        name,
        doc,
        ports.map((one) => [one.name, one.version, one.address, nameText(one.binding)]),
      ]),
      [
        [
          'Bank',
          'Accounts\nof the bank',
          [
            ['BankSoap', '1.1', 'https://bank.example/soap', '{urn:example:bank:service}BankSoap'],
            ['BankSoap12', '1.2', 'https://bank.example/soap12', '{urn:example:bank:service}BankSoap12'],
          ],
        ],
        [
          'Ledger',
          undefined,
          [['LedgerSoap', '1.1', 'https://bank.example/ledger', '{urn:example:bank:service}LedgerSoap']],
        ],
      ],
    );
  });

  it('documentation of an operation is its text, line by line, without surplus white space', async () => {
    const { doc } = operation(port(await bank(), 'BankSoap'), 'OpenAccount');
    assert.equal(doc, 'Opens an account.\n\nIt has no money yet.');
  });

  it('a body has the parts that it selects; a header has its own, with what its refusal looks like', async () => {
    const { input, output, style, action } = operation(port(await bank(), 'BankSoap'), 'OpenAccount');
    assert.equal(style, 'document');
    assert.equal(action, 'urn:open');
    assert.equal(nameText(input.name), '{urn:example:bank:contract}OpenAccount');
    assert.deepEqual(
      input.parts.map(({ name, element, place }) => [name, element && nameText(element), place]),
      [['parameters', '{urn:example:bank:accounts}OpenAccount', 'contract/bank-contract.wsdl:17']],
    );
    const [session] = input.headers;
    assert.deepEqual(
      [input.headers.length, session?.part.name, session?.part.element?.local, session?.use, session?.place],
      [1, 'session', 'Session', 'literal', 'bank.wsdl:13'],
    );
    assert.deepEqual(
      session?.faults.map(({ message, part }) => [message.local, part.name]),
      [['SessionFault', 'fault']],
    );
    // The header's part is of the same message, and the body names none.
    assert.deepEqual(
      output?.parts.map(({ name }) => name),
      ['parameters'],
    );
    assert.deepEqual(
      output?.headers.map(({ part }) => part.name),
      ['trace'],
    );
  });

  it('faults have their message; one whose message is missing is remarked and left out alone', async () => {
    const read = await bank();
    const { faults } = operation(port(read, 'BankSoap'), 'OpenAccount');
    assert.deepEqual(
      faults.map(({ name, message, parts, use }) => [name, message.local, parts[0]?.element?.local, use]),
      [['Refused', 'Refused', 'Refused', 'literal']],
    );
    assert.ok(
      remarks(read).includes(
        'contract/bank-contract.wsdl:45 OpenAccount: Its fault "Unheard" has no typed detail: There is no message "{urn:example:bank:contract}Unheard"',
      ),
      remarks(read).join('\n'),
    );
  });

  it('an operation without output is one-way', async () => {
    assert.equal(operation(port(await bank(), 'BankSoap'), 'Notify').output, undefined);
  });

  it('operations with one name are several, told apart by the names of their inputs', async () => {
    const found = port(await bank(), 'BankSoap').operations.filter(({ name }) => name === 'Find');
    assert.deepEqual(
      found.map(({ inputName, action, input }) => [inputName, action, input.name.local]),
      [
        ['FindById', 'urn:find-by-id', 'FindById'],
        ['FindByName', 'urn:find-by-name', 'FindByName'],
      ],
    );
  });

  it('SOAP 1.2 has its own elements, and says whether the action must be there', async () => {
    const { action, actionRequired } = operation(port(await bank(), 'BankSoap12'), 'OpenAccount');
    assert.deepEqual([action, actionRequired], ['urn:open12', false]);
  });

  it('rpc/encoded has typed parts, a namespace, an encoding style and an order', async () => {
    const { style, input, output, parameterOrder } = operation(port(await bank(), 'LedgerSoap'), 'Post');
    assert.deepEqual(
      [style, input.use, input.namespace, input.encodingStyle, output?.use, parameterOrder],
      [
        'rpc',
        'encoded',
        'urn:example:ledger',
        'http://schemas.xmlsoap.org/soap/encoding/',
        'encoded',
        ['account', 'amount'],
      ],
    );
    assert.deepEqual(
      input.parts.map(({ name, type }) => [name, type?.local]),
      [
        ['account', 'string'],
        ['amount', 'decimal'],
      ],
    );
  });

  it('what cannot be used is left out and remarked with its place: the rest works', async () => {
    assert.deepEqual(remarks(await bank()), [
      'bank.wsdl:20 soap:header: There is no message "{urn:example:bank:contract}Nowhere"; it is not read',
      'contract/bank-contract.wsdl:45 OpenAccount: Its fault "Unheard" has no typed detail: There is no message "{urn:example:bank:contract}Unheard"',
      'contract/bank-contract.wsdl:50 Lost: The operation is left out: There is no message "{urn:example:bank:contract}LostMessage"',
      'bank.wsdl:53 BankHttp: The port is left out: its binding is HTTP GET without SOAP',
    ]);
  });
});

/** A WSDL of one rpc port with this in its port type and its binding. */
function port1(portType: string, binding: string, more = ''): string {
  return wsdl(`
    <wsdl:message name="M"><wsdl:part name="p" type="xs:string"/></wsdl:message>
    <wsdl:portType name="T">${portType}</wsdl:portType>
    <wsdl:binding name="B" type="tns:T"><soap:binding style="rpc"/>${binding}</wsdl:binding>
    <wsdl:service name="S"><wsdl:port name="P" binding="tns:B"><soap:address location="http://s/"/></wsdl:port></wsdl:service>
    ${more}`);
}

async function read(text: string): Promise<Wsdl> {
  return readWsdl(await loadTexts({ 'main.wsdl': text }));
}

const messages = ({ remarks }: Wsdl): readonly string[] => remarks.map(({ message }) => message);

const IN = '<wsdl:input message="tns:M"/>';
const OUT = '<wsdl:output message="tns:M"/>';
const SOAP_OPERATION = '<soap:operation soapAction="urn:a"/>';
const BOUND = `<wsdl:operation name="O">${SOAP_OPERATION}<wsdl:input><soap:body use="literal" namespace="urn:w"/></wsdl:input></wsdl:operation>`;

describe('an operation of a WSDL', () => {
  it('that the service would begin is left out: a notification, a solicited response', async () => {
    for (const ends of [OUT, OUT + IN]) {
      const wanted = await read(port1(`<wsdl:operation name="O">${ends}</wsdl:operation>`, BOUND));
      assert.deepEqual(port(wanted, 'P').operations, []);
      assert.match(messages(wanted).join(), /left out: .*which the service begins, is not supported/);
    }
  });

  it('whose binding names nothing of the port type is left out', async () => {
    const wanted = await read(port1('', BOUND));
    assert.deepEqual(messages(wanted), ['The operation is left out: The port type has no operation "O"']);
  });

  it('whose message lacks its prefix is left out, and the message that was perhaps meant is named', async () => {
    const wanted = await read(
      port1('<wsdl:operation name="O"><wsdl:input message="M"/></wsdl:operation>', BOUND),
    );
    assert.deepEqual(messages(wanted), [
      'The operation is left out: "M" has no prefix and so is in no namespace; there is a message "M" in urn:t',
    ]);
  });

  it('whose prefix is not declared is left out', async () => {
    const wanted = await read(
      port1('<wsdl:operation name="O"><wsdl:input message="x:M"/></wsdl:operation>', BOUND),
    );
    assert.deepEqual(messages(wanted), ['The operation is left out: The prefix of "x:M" is not declared']);
  });

  it('whose body names a part that is not there is left out', async () => {
    const bound = BOUND.replace('use="literal"', 'use="literal" parts="q"');
    const wanted = await read(port1(`<wsdl:operation name="O">${IN}</wsdl:operation>`, bound));
    assert.deepEqual(messages(wanted), ['The operation is left out: The message "M" has no part "q"']);
  });

  it('with a header of its request that is not there is left out', async () => {
    const bound = BOUND.replace(
      '<soap:body',
      '<soap:header message="tns:M" part="q" use="literal"/><soap:body',
    );
    const wanted = await read(port1(`<wsdl:operation name="O">${IN}</wsdl:operation>`, bound));
    assert.deepEqual(messages(wanted), ['The operation is left out: The message "M" has no part "q"']);
  });

  it('that has the same name as another is left out where the binding does not say which it means', async () => {
    const twice = `<wsdl:operation name="O"><wsdl:input name="A" message="tns:M"/></wsdl:operation>
      <wsdl:operation name="O"><wsdl:input name="B" message="tns:M"/></wsdl:operation>`;
    assert.match(
      messages(await read(port1(twice, BOUND))).join(),
      /does not name the input of the one it means/,
    );
    const third = BOUND.replace('<wsdl:input>', '<wsdl:input name="C">');
    assert.match(messages(await read(port1(twice, third))).join(), /has an input of this name/);
    const second = BOUND.replace('<wsdl:input>', '<wsdl:input name="B">');
    assert.equal(operation(port(await read(port1(twice, second)), 'P'), 'O').inputName, 'B');
  });

  it('inputs without a name are called as the standard says: the operation, with Request where it is answered', async () => {
    const twice = `<wsdl:operation name="O">${IN}${OUT}</wsdl:operation>
      <wsdl:operation name="O"><wsdl:input name="B" message="tns:M"/></wsdl:operation>`;
    const bound = BOUND.replace('<wsdl:input>', '<wsdl:input name="ORequest">');
    assert.equal(operation(port(await read(port1(twice, bound)), 'P'), 'O').inputName, 'ORequest');
  });

  it('its style goes before that of the binding, which is document where nothing is said', async () => {
    const types = `<wsdl:operation name="O">${IN}</wsdl:operation>`;
    assert.equal(operation(port(await read(port1(types, BOUND)), 'P'), 'O').style, 'rpc');
    const own = BOUND.replace('soapAction="urn:a"', 'soapAction="urn:a" style="document"');
    assert.equal(operation(port(await read(port1(types, own)), 'P'), 'O').style, 'document');
    const silent = port1(types, BOUND).replace('<soap:binding style="rpc"/>', '<soap:binding/>');
    assert.equal(operation(port(await read(silent), 'P'), 'O').style, 'document');
  });

  it('with MIME around nothing but its body is as without; with attachments it is left out', async () => {
    const types = `<wsdl:operation name="O">${IN}</wsdl:operation>`;
    const bound = (more: string): string =>
      `<wsdl:operation name="O">${SOAP_OPERATION}<wsdl:input><mime:multipartRelated>
        <mime:part><soap:body use="literal" namespace="urn:w"/></mime:part>${more}
      </mime:multipartRelated></wsdl:input></wsdl:operation>`;
    assert.equal(operation(port(await read(port1(types, bound(''))), 'P'), 'O').input.namespace, 'urn:w');
    const attached = await read(
      port1(types, bound('<mime:part><mime:content part="p" type="image/png"/></mime:part>')),
    );
    assert.match(messages(attached).join(), /left out: Attachments by MIME \(SwA, mime:multipartRelated\)/);
  });
});

describe('a port of a WSDL', () => {
  it('whose binding is missing, or not over HTTP, is left out', async () => {
    const types = `<wsdl:operation name="O">${IN}</wsdl:operation>`;
    const lost = await read(port1(types, BOUND).replace('binding="tns:B"', 'binding="tns:X"'));
    assert.deepEqual(messages(lost), ['The port is left out: There is no binding "{urn:t}X"']);
    const queue = port1(types, BOUND).replace('<soap:binding ', '<soap:binding transport="urn:jms" ');
    assert.match(messages(await read(queue)).join(), /SOAP over urn:jms is not supported/);
  });

  it('with an extension that must be understood and is not keeps its operations, with a remark', async () => {
    const types = `<wsdl:operation name="O">${IN}</wsdl:operation>`;
    const more = '<a:UsingAddressing xmlns:a="urn:addressing" wsdl:required="true"/>';
    const wanted = await read(port1(types, more + BOUND));
    assert.equal(port(wanted, 'P').operations.length, 1);
    assert.match(messages(wanted).join(), /requires "UsingAddressing" of urn:addressing/);
  });

  it('of a binding that two ports share says what is wrong with it once', async () => {
    const other = '<wsdl:service name="S2"><wsdl:port name="P2" binding="tns:B"/></wsdl:service>';
    const wanted = await read(port1('', BOUND, other));
    assert.equal(wanted.remarks.length, 1);
    assert.equal(port(wanted, 'P2').address, undefined);
  });

  it('no service at all is remarked', async () => {
    assert.match(messages(await read(wsdl(''))).join(), /no wsdl:service in it/);
  });

  it('of two bindings with one name the first counts, with a remark', async () => {
    const wanted = await read(
      port1(
        `<wsdl:operation name="O">${IN}</wsdl:operation>`,
        BOUND,
        '<wsdl:binding name="B" type="tns:T"/>',
      ),
    );
    assert.equal(port(wanted, 'P').operations.length, 1);
    assert.deepEqual(messages(wanted), ['There are two of wsdl:binding "B"; the first counts']);
  });
});
