import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { elementOf } from '#spi';
import { readXml } from '../../../../adapters/soap/xml/read-xml.ts';
import { Unsupported } from '../../../../adapters/soap/xsd/components.ts';
import { faultOf, NS, schemaOf } from './schema.ts';

const X = `xmlns="${NS}"`;

describe('shapes of XML Schema', () => {
  it('a repeated element is a list, of one element and of none too', () => {
    const { round, shape } = schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence>
      <xs:element name="a" type="xs:int" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X}><a>1</a></r>`), { a: [1] });
    assert.deepEqual(round(`<r ${X}/>`), { a: [] });
    assert.deepEqual(round(`<r ${X}><a>1</a><a>2</a></r>`), { a: [1, 2] });
    assert.equal(shape('r').type.kind, 'object');
  });

  it('empty text is not nil, and nil is not absent', () => {
    const { round } = schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence>
      <xs:element name="a" type="xs:string" nillable="true" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X}><a/></r>`), { a: '' });
    assert.deepEqual(round(`<r ${X}><a xsi:nil="true"/></r>`), { a: null });
    assert.deepEqual(round(`<r ${X}/>`), {});
  });

  it('attributes stand beside elements, and text beside attributes is called value', () => {
    const { round, shape, remarks } =
      schemaOf(`<xs:complexType name="Money"><xs:simpleContent><xs:extension base="xs:decimal">
        <xs:attribute name="currency" type="xs:string" use="required"/><xs:attribute name="value" type="xs:string"/>
      </xs:extension></xs:simpleContent></xs:complexType>
      <xs:element name="r" type="t:Money"/>`);
    assert.deepEqual(round(`<r ${X} currency="CHF" value="x">12345678901234567890.10</r>`), {
      value: '12345678901234567890.10',
      currency: 'CHF',
      value2: 'x',
    });
    assert.deepEqual(
      remarks.map(({ subject, message }) => [subject, message]),
      [['Money.value', 'is shown as value2: another field is called value already']],
    );
    assert.equal(
      faultOf(schemaOf(`<xs:element name="r" type="xs:int"/>`).read(`<r ${X}>1.5</r>`)).code,
      'bad-value',
    );
    assert.equal(shape('r').type.kind, 'object');
  });

  it('a required attribute that is missing is a fault in its place', () => {
    const { read } =
      schemaOf(`<xs:element name="r"><xs:complexType><xs:attribute name="k" type="xs:int" use="required"/>
      </xs:complexType></xs:element>`);
    const fault = faultOf(read(`<r ${X}/>`));
    assert.deepEqual([fault.kind, fault.code, fault.place.field], ['corrupt', 'missing-attribute', 'k']);
  });

  const SHAPES = `
    <xs:complexType name="Account" abstract="true"><xs:sequence><xs:element name="no" type="xs:string"/></xs:sequence></xs:complexType>
    <xs:complexType name="Savings"><xs:complexContent><xs:extension base="t:Account"><xs:sequence>
      <xs:element name="rate" type="xs:decimal"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
    <xs:complexType name="Loan"><xs:complexContent><xs:extension base="t:Account"><xs:sequence>
      <xs:element name="due" type="xs:date"/><xs:element name="security" type="t:Account" minOccurs="0"/>
      </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
    <xs:element name="r"><xs:complexType><xs:sequence><xs:element name="account" type="t:Account" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType></xs:element>`;

  it('types derived from one type are a union, told apart by xsi:type, over any number of levels', () => {
    const { round, shape } = schemaOf(SHAPES);
    const xml = `<r ${X} xmlns:t="${NS}"><account xsi:type="t:Savings"><no>1</no><rate>0.50</rate></account>
      <account xsi:type="t:Loan"><no>2</no><due>2030-01-31</due>
        <security xsi:type="t:Savings"><no>3</no><rate>1</rate></security></account></r>`;
    assert.deepEqual(round(xml), {
      account: [
        { '@type': 'Savings', no: '1', rate: '0.50' },
        { '@type': 'Loan', no: '2', due: '2030-01-31', security: { '@type': 'Savings', no: '3', rate: '1' } },
      ],
    });
    const type = shape('r').type;
    assert.equal(type.kind === 'object' ? elementOf(type.fields[0]?.type ?? type).kind : '', 'union');
  });

  it('a type that the schema does not derive, or none where the declared type is abstract, is a fault', () => {
    const { read, write } = schemaOf(SHAPES);
    assert.equal(
      faultOf(read(`<r ${X}><account xsi:type="Other"><no>1</no></account></r>`)).code,
      'unknown-type',
    );
    assert.equal(faultOf(read(`<r ${X}><account><no>1</no></account></r>`)).code, 'unknown-type');
    const fault = faultOf(() => write('r', { account: [{ no: '1' }] }));
    assert.deepEqual([fault.kind, fault.place.field], ['invalid', 'account[0]']);
    assert.match(fault.message, /Savings, Loan/);
  });

  it('a type may contain itself', () => {
    const { round, shape } =
      schemaOf(`<xs:complexType name="Unit"><xs:sequence><xs:element name="name" type="xs:string"/>
      <xs:element name="unit" type="t:Unit" minOccurs="0" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
      <xs:element name="r" type="t:Unit"/>`);
    assert.deepEqual(
      round(`<r ${X}><name>a</name><unit><name>b</name><unit><name>c</name></unit></unit></r>`),
      {
        name: 'a',
        unit: [{ name: 'b', unit: [{ name: 'c', unit: [] }] }],
      },
    );
    const type = shape('r').type;
    assert.ok(type.kind === 'object');
    assert.equal(elementOf(type.fields[1]?.type ?? type), type);
  });

  const CHOICE = `<xs:element name="r"><xs:complexType><xs:choice><xs:element name="a" type="xs:int"/>
    <xs:sequence><xs:element name="b" type="xs:int"/><xs:element name="c" type="xs:int" minOccurs="0"/></xs:sequence></xs:choice>
    </xs:complexType></xs:element>`;

  it('of a choice one branch is there; two are refused, and none', () => {
    const { round, read, write } = schemaOf(CHOICE);
    assert.deepEqual(round(`<r ${X}><a>1</a></r>`), { a: 1 });
    assert.deepEqual(round(`<r ${X}><b>1</b><c>2</c></r>`), { b: 1, c: 2 });
    assert.equal(faultOf(() => write('r', { a: 1, b: 2 })).code, 'choice');
    assert.equal(faultOf(() => write('r', {})).code, 'missing-argument');
    assert.equal(faultOf(read(`<r ${X}/>`)).code, 'missing-element');
    assert.equal(faultOf(read(`<r ${X}><c>1</c></r>`)).place.field, 'b');
  });

  it('a choice that repeats keeps its order: a list of a union', () => {
    const { round, read } =
      schemaOf(`<xs:element name="r"><xs:complexType><xs:choice minOccurs="0" maxOccurs="unbounded">
      <xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:string"/></xs:choice></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X}><b>x</b><a>1</a><b>y</b></r>`), {
      items: [
        { '@type': 'b', b: 'x' },
        { '@type': 'a', a: 1 },
        { '@type': 'b', b: 'y' },
      ],
    });
    assert.equal(faultOf(read(`<r ${X}><z/></r>`)).code, 'unexpected-element');
  });

  it('a sequence that repeats keeps together what belongs together', () => {
    const { round } = schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence maxOccurs="unbounded">
      <xs:element name="k" type="xs:string"/><xs:element name="v" type="xs:int" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X}><k>a</k><k>b</k><v>1</v><k>c</k><v>2</v></r>`), {
      items: [{ k: 'a' }, { k: 'b', v: 1 }, { k: 'c', v: 2 }],
    });
  });

  it('all takes its elements in any order, and a reply may too', () => {
    const { read } =
      schemaOf(`<xs:element name="r"><xs:complexType><xs:all><xs:element name="a" type="xs:int"/>
      <xs:element name="b" type="xs:int"/></xs:all></xs:complexType></xs:element>`);
    assert.deepEqual(read(`<r ${X}><b>2</b><a>1</a></r>`), { b: 2, a: 1 });
  });

  it('any holds elements as XML that stands by itself', () => {
    const { round, write } =
      schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="a" type="xs:int"/>
      <xs:any minOccurs="0" maxOccurs="unbounded" namespace="##other"/></xs:sequence></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X} xmlns:o="urn:o"><a>1</a><o:x k="1">y &amp; z</o:x><o:y/></r>`), {
      a: 1,
      any: ['<o:x xmlns:o="urn:o" k="1">y &amp; z</o:x>', '<o:y xmlns:o="urn:o"/>'],
    });
    for (const hostile of ['</r><r>', '<a>', '<!DOCTYPE a><a/>', 'text', '&x;']) {
      const fault = faultOf(() => write('r', { a: 1, any: [hostile] }));
      assert.deepEqual([fault.kind, fault.place.field], ['invalid', 'any[0]'], hostile);
    }
  });

  it('anyType and mixed content are XML', () => {
    const { round } = schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="a"/>
      <xs:element name="m"><xs:complexType mixed="true"><xs:sequence><xs:any processContents="lax" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>`);
    const value = round(
      `<r ${X} xmlns:xs="http://www.w3.org/2001/XMLSchema"><a xsi:type="xs:int">5</a><m>one <b>two</b> three</m></r>`,
    );
    assert.ok(typeof value === 'object' && value !== null && 'a' in value && 'm' in value);
    assert.match(String(value['a']), /^<n1:a .*xsi:type="xs:int">5<\/n1:a>$/);
    assert.equal(value['m'], 'one <n1:b xmlns:n1="urn:test">two</n1:b> three');
  });

  it('an element that others may stand in for is a choice of them', () => {
    const { round } = schemaOf(`<xs:element name="shape" type="xs:string" abstract="true"/>
      <xs:element name="circle" type="xs:string" substitutionGroup="t:shape"/>
      <xs:element name="square" type="xs:string" substitutionGroup="t:shape"/>
      <xs:element name="r"><xs:complexType><xs:sequence><xs:element ref="t:shape"/></xs:sequence></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X}><square>4</square></r>`), { square: '4' });
  });

  it('groups and attribute groups are what they lead to', () => {
    const { round } =
      schemaOf(`<xs:group name="G"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:group>
      <xs:attributeGroup name="A"><xs:attribute name="k" type="xs:string"/></xs:attributeGroup>
      <xs:element name="r"><xs:complexType><xs:sequence><xs:group ref="t:G"/><xs:element name="b" type="xs:int"/></xs:sequence>
      <xs:attributeGroup ref="t:A"/></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X} k="x"><a>1</a><b>2</b></r>`), { a: 1, b: 2, k: 'x' });
  });

  it('elements without a namespace are where elementFormDefault says so', () => {
    const { round, read } =
      schemaOf(`<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${NS}"><xs:element name="r">
      <xs:complexType><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:complexType></xs:element></xs:schema>`);
    assert.deepEqual(round(`<t:r xmlns:t="${NS}"><a>1</a></t:r>`), { a: 1 });
    const fault = faultOf(read(`<r ${X}><a>1</a></r>`));
    assert.equal(fault.code, 'unexpected-element');
    assert.match(fault.place.hint ?? '', /names: local/);
    assert.deepEqual(read(`<r ${X}><a>1</a></r>`, { names: 'local' }), { a: 1 });
  });

  it('what the schema does not know is refused, or left out if so told', () => {
    const { read } =
      schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="a" type="xs:int" minOccurs="0"/>
      </xs:sequence></xs:complexType></xs:element>`);
    assert.equal(faultOf(read(`<r ${X}><new/></r>`)).code, 'unexpected-element');
    assert.equal(faultOf(read(`<r ${X} k="1"/>`)).code, 'unexpected-attribute');
    assert.equal(faultOf(read(`<r ${X}>text</r>`)).code, 'unexpected-text');
    assert.equal(faultOf(read(`<r ${X}><a>1</a><a>2</a></r>`)).code, 'too-many-elements');
    assert.deepEqual(read(`<r ${X} k="1"><new/></r>`, { unknown: 'ignore' }), {});
  });

  it('lists of simple values, and values of a union of types', () => {
    const { round, write } =
      schemaOf(`<xs:simpleType name="Sizes"><xs:list itemType="xs:int"/></xs:simpleType>
      <xs:simpleType name="Size"><xs:union memberTypes="xs:int"><xs:simpleType><xs:restriction base="xs:string">
        <xs:enumeration value="small"/></xs:restriction></xs:simpleType></xs:union></xs:simpleType>
      <xs:element name="r"><xs:complexType><xs:sequence><xs:element name="a" type="t:Sizes"/><xs:element name="b" type="t:Size"/>
      </xs:sequence></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X}><a>1  2 3</a><b>small</b></r>`), { a: [1, 2, 3], b: 'small' });
    assert.equal(faultOf(() => write('r', { a: [1], b: 'large' })).place.field, 'b');
  });

  it('the arrays of SOAP encoding are lists, by reference too', () => {
    const { read, write } =
      schemaOf(`<xs:complexType name="Ids"><xs:complexContent><xs:restriction base="soapenc:Array">
      <xs:attribute ref="soapenc:arrayType" wsdl:arrayType="xs:long[]"/></xs:restriction></xs:complexContent></xs:complexType>
      <xs:element name="r" type="t:Ids"/>`);
    assert.deepEqual(read(`<r ${X}><x>1</x><y>2</y></r>`), [1n, 2n]);
    assert.match(write('r', [7n]), /soapenc:arrayType="xsd:long\[1\]".*<item>7<\/item>/);
    assert.equal(
      faultOf(
        read(
          `<r ${X} xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" soapenc:offset="[2]"><x>1</x></r>`,
        ),
      ).code,
      'sparse-array',
    );
  });

  it('references that lead back, to nothing, or on and on end in a fault', () => {
    const { read } =
      schemaOf(`<xs:complexType name="N"><xs:sequence><xs:element name="n" type="t:N" minOccurs="0" maxOccurs="unbounded"/></xs:sequence>
      </xs:complexType><xs:element name="r" type="t:N"/>`);
    const n = (id: string, ...hrefs: readonly string[]) =>
      [id, readXml(`<n xmlns="${NS}">${hrefs.map((href) => `<n href="#${href}"/>`).join('')}</n>`)] as const;
    const code = (...elements: readonly ReturnType<typeof n>[]) =>
      faultOf(read(`<r ${X}><n href="#a"/></r>`, { byId: new Map(elements) })).code;
    assert.equal(code(n('a', 'b'), n('b', 'a')), 'reference-cycle');
    assert.equal(code(n('a', 'gone')), 'unknown-reference');
    // Each level ten times the one before: a million million elements of a few hundred bytes.
    const tenfold = 'abcdefghijkl'
      .split('')
      .map((id, i, all) => n(id, ...Array.from({ length: 10 }, () => all[i + 1] ?? 'end')));
    assert.equal(code(...tenfold, n('end')), 'too-many-references');
    assert.deepEqual(read(`<r ${X}><n href="#a"/><n href="#a"/></r>`, { byId: new Map([n('a')]) }), {
      n: [{ n: [] }, { n: [] }],
    });
  });

  it('an argument that the type does not take is refused with its place, and nothing of it repeated', () => {
    const { write } =
      schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="a" maxOccurs="2"><xs:simpleType>
      <xs:restriction base="xs:string"><xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:element>
      <xs:element name="b" type="xs:short"/></xs:sequence></xs:complexType></xs:element>`);
    const refused = (value: Parameters<typeof write>[1]) => {
      const { kind, code, place, message } = faultOf(() => write('r', value));
      assert.equal(kind, 'invalid');
      assert.doesNotMatch(message, /SECRET/);
      return [code, place.field];
    };
    assert.deepEqual(refused({ a: ['SECRET'], b: 1 }), ['bad-value', 'a[0]']);
    assert.deepEqual(refused({ a: ['x', 'y', 'z'], b: 1 }), ['too-many-elements', 'a']);
    assert.deepEqual(refused({ a: [], b: 1 }), ['too-few-elements', 'a']);
    assert.deepEqual(refused({ a: ['x'], b: 70_000 }), ['bad-value', 'b']);
    assert.deepEqual(refused({ a: ['x'] }), ['missing-argument', 'b']);
    assert.deepEqual(refused({ a: ['x'], b: 1, c: 1 }), ['bad-value', 'c']);
    assert.deepEqual(refused({ a: ['\u0001'], b: 1 }), ['unwritable-character', 'a[0]']);
  });

  it('an element in three places of a sequence is one list', () => {
    const { round } =
      schemaOf(`<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="a" type="xs:int"/>
      <xs:element name="b" type="xs:int"/><xs:element name="a" type="xs:int" minOccurs="0" maxOccurs="unbounded"/>
      </xs:sequence></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X}><a>1</a><b>2</b><a>3</a><a>4</a></r>`), { a: [1, 3, 4], b: 2 });
  });

  it('an element without content says true by being there', () => {
    const { round } =
      schemaOf(`<xs:element name="r"><xs:complexType><xs:choice><xs:element name="ok"><xs:complexType/></xs:element>
      <xs:element name="error" type="xs:string"/></xs:choice></xs:complexType></xs:element>`);
    assert.deepEqual(round(`<r ${X}><ok/></r>`), { ok: true });
    assert.deepEqual(round(`<r ${X}><error>e</error></r>`), { error: 'e' });
  });

  it('a name that nothing has, and what has no form here, is unsupported with its place', () => {
    const unsupported = (text: string, message: RegExp) =>
      assert.throws(
        () => schemaOf(text).shape('r'),
        (error) =>
          error instanceof Unsupported && message.test(error.message) && /^test1\.xsd:\d+$/.test(error.place),
      );
    unsupported(`<xs:element name="r" type="t:Gone"/>`, /no type "\{urn:test\}Gone"/);
    unsupported(`<xs:element name="r" type="q:Gone"/>`, /prefix of "q:Gone"/);
    unsupported(
      `<xs:element name="r"><xs:complexType><xs:group ref="t:G"/></xs:complexType></xs:element>`,
      /no group "G"/,
    );
    unsupported(
      `<xs:complexType name="A"><xs:complexContent><xs:extension base="t:A"/></xs:complexContent></xs:complexType>
      <xs:element name="r" type="t:A"/>`,
      /derived from itself/,
    );
    unsupported(
      `<xs:complexType name="A"><xs:complexContent><xs:restriction base="soapenc:Array"><xs:attribute ref="soapenc:arrayType"
      wsdl:arrayType="xs:int[,]"/></xs:restriction></xs:complexContent></xs:complexType><xs:element name="r" type="t:A"/>`,
      /several dimensions/,
    );
  });
});
