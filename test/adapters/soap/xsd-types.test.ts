// Every built-in type of XML Schema goes to a service and comes back, over a socket, without loss.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cell, settled, type Value } from '#spi';
import { builtInNames } from '../../../adapters/soap/xsd/built-in.ts';
import { startEcho } from '../../fakes/echo-service.ts';
import { invoke, literalWsdl, openSoap, wsdlFile } from './opening.ts';

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;

/** Type → values that must come back as they went. */
const VALUES: Readonly<Record<string, readonly Value[]>> = {
  string: ['', ' two  blanks ', 'tab\tline\nreturn\r', '<&>"\'', 'Zürich 😀', ']]>'],
  anySimpleType: ['', 'x'],
  anyAtomicType: ['x'],
  untypedAtomic: ['x'],
  normalizedString: ['', ' a  b '],
  token: ['', 'a b'],
  language: ['de-CH'],
  NMTOKEN: ['1-a'],
  Name: ['a:b'],
  NCName: ['a-b'],
  ID: ['a1'],
  IDREF: ['a1'],
  ENTITY: ['e'],
  anyURI: ['https://example.com/?a=1&b=2', ''],
  QName: ['{urn:other}name', 'name'],
  NOTATION: ['{urn:other}gif'],
  boolean: [true, false],
  decimal: ['123456789012345678901234567890', '-0.000000000000000000000000000001', '12.50', '0', '0.00'],
  precisionDecimal: ['1.50E3'],
  integer: ['123456789012345678901234567890', '-1'],
  nonPositiveInteger: ['0', '-99999999999999999999'],
  negativeInteger: ['-1'],
  nonNegativeInteger: ['0', '99999999999999999999'],
  positiveInteger: ['1'],
  long: [LONG_MIN, LONG_MAX, 0n, 9_007_199_254_740_993n],
  int: [-2_147_483_648, 2_147_483_647],
  short: [-32_768, 32_767],
  byte: [-128, 127],
  unsignedLong: ['18446744073709551615', '0'],
  unsignedInt: [4_294_967_295n],
  unsignedShort: [65_535],
  unsignedByte: [255],
  float: [0.1, -3.4e38, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, -0],
  double: [5e-324, 1.7976931348623157e308, Number.NaN, Number.POSITIVE_INFINITY],
  hexBinary: [new Uint8Array([0, 255, 16]), new Uint8Array()],
  base64Binary: [new Uint8Array([0, 255, 16, 1]), new Uint8Array()],
  dateTime: [
    '2024-02-29T23:59:59.123456789Z',
    '0001-01-01T00:00:00Z',
    '-000044-03-15T12:00:00Z',
    '+012024-01-01T00:00:00Z',
  ],
  dateTimeStamp: ['2024-02-29T23:59:59Z'],
  date: ['1582-10-10', '0001-01-01', '2024-02-29', '-000044-03-15', '+012024-12-31'],
  time: ['00:00:00', '23:59:59.5', '12:30:00'],
  duration: ['P1Y2M3DT4H5M6.7S', '-P1D', 'PT0S'],
  dayTimeDuration: ['P1DT2H'],
  yearMonthDuration: ['P1Y6M'],
  gYear: ['2024', '-0044', '2024+01:00'],
  gYearMonth: ['2024-02'],
  gMonth: ['--02'],
  gMonthDay: ['--02-29'],
  gDay: ['---31Z'],
};

const types = [...builtInNames].filter((name) => name in VALUES);
const schema = ['Echo', 'EchoResponse']
  .map(
    (name) =>
      `<xs:element name="${name}"><xs:complexType><xs:sequence>${types
        .map(
          (type) =>
            `<xs:element name="e${type}" type="xs:${type}" minOccurs="0" nillable="true" maxOccurs="unbounded"/>`,
        )
        .join('')}</xs:sequence></xs:complexType></xs:element>`,
  )
  .join('');

describe('every built-in type of XML Schema', () => {
  for (const version of ['1.1', '1.2'] as const) {
    it(`goes to a service of SOAP ${version} and comes back without loss, nil and empty text apart`, async () => {
      await using service = await startEcho();
      await using source = await openSoap({
        wsdl: wsdlFile(literalWsdl(schema, ['Echo'], { version })),
        endpoint: service.url,
      });
      const names = new Map(
        source.model.operations[0]?.input.map(({ name, legacyName }) => [legacyName, name]),
      );
      for (const [type, values] of Object.entries(VALUES)) {
        const field = names.get(`e${type}`) ?? assert.fail(type);
        const sent = [...values, null];
        const back: Cell = await invoke(source, 'echo', { [field]: sent });
        const value = settled(back);
        assert.ok(typeof value === 'object' && value !== null && field in value, type);
        assert.deepEqual(Object.entries(value).find(([name]) => name === field)?.[1], sent, type);
      }
    });
  }

  it('is in this test', () => {
    assert.deepEqual(Object.keys(VALUES).toSorted(), [...builtInNames].toSorted());
  });

  it('with times as local times or as texts keeps zones and their absence', async () => {
    await using service = await startEcho();
    const wsdl = wsdlFile(literalWsdl(schema, ['Echo']));
    const open = (times: unknown) => openSoap({ wsdl, endpoint: service.url, times });
    const sent = async (times: unknown, field: string, value: Value): Promise<Value> => {
      await using source = await open(times);
      const back = settled(await invoke(source, 'echo', { [field]: [value] }));
      return typeof back === 'object' && back !== null
        ? (Object.entries(back).find(([name]) => name === field)?.[1] ?? null)
        : back;
    };
    assert.deepEqual(await sent({ dateTimes: 'local' }, 'edateTime', '2024-02-29T12:00:00'), [
      '2024-02-29T12:00:00',
    ]);
    for (const text of ['2024-02-29T12:00:00', '2024-02-29T12:00:00+01:00'])
      assert.deepEqual(await sent({ dateTimes: 'text' }, 'edateTime', text), [text]);
    for (const text of ['2024-02-29', '2024-02-29+01:00', '-0044-03-15Z'])
      assert.deepEqual(await sent({ dates: 'text' }, 'edate', text), [text]);
    assert.deepEqual(await sent({ times: 'text' }, 'etime', '12:00:00-05:00'), ['12:00:00-05:00']);
    assert.deepEqual(
      await sent({ elements: { edateTime: { dateTimes: 'local' } } }, 'edateTime', '1999-01-01T00:00:00'),
      ['1999-01-01T00:00:00'],
    );
  });
});
