// Shapes of a schema that stands in a test, and what goes there and back through them.

import assert from 'node:assert/strict';
import { type Cell, Fault, type Remark, settled, type Value } from '#spi';
import { decode } from '../../../../adapters/soap/shape/decode.ts';
import type { Decoding } from '../../../../adapters/soap/shape/decoding.ts';
import { encode } from '../../../../adapters/soap/shape/encode.ts';
import { prefixes } from '../../../../adapters/soap/shape/encoding.ts';
import type { Shape } from '../../../../adapters/soap/shape/shape.ts';
import { type Shapes, shapesOf } from '../../../../adapters/soap/shape/shapes.ts';
import { simpleShapes } from '../../../../adapters/soap/shape/simple-shapes.ts';
import { attributeOf } from '../../../../adapters/soap/xml/element.ts';
import { readXml } from '../../../../adapters/soap/xml/read-xml.ts';
import { TIME_READING, type TimeReading } from '../../../../adapters/soap/xsd/lexical.ts';
import { schemaSet } from '../../../../adapters/soap/xsd/schema-set.ts';

export const NS = 'urn:test';

export interface Schema {
  readonly shapes: Shapes;
  readonly remarks: readonly Remark[];
  /** The shape of a global element. */
  shape(element: string): Shape;
  /** The value of an element written as XML; its faults are cells. */
  read(xml: string, how?: Partial<Decoding>): Cell;
  /** The XML of a value of a global element. */
  write(element: string, value: Value): string;
  /** There and back: the XML is read, written again, and must read as the same value. Returns the value. */
  round(xml: string): Value;
}

/** `schemas`: what stands inside each `xs:schema`, of namespace urn:test, or whole documents. */
export function schemaOf(...schemas: readonly string[]): Schema {
  return schemaReading(TIME_READING, ...schemas);
}

export function schemaReading(reading: TimeReading, ...schemas: readonly string[]): Schema {
  const documents = schemas.map((text, i) => {
    const root = readXml(
      text.startsWith('<xs:schema')
        ? text
        : `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="${NS}" targetNamespace="${NS}" elementFormDefault="qualified"
            xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/">${text}</xs:schema>`,
    );
    return { root, targetNamespace: attributeOf(root, 'targetNamespace') ?? '', shown: `test${i + 1}.xsd` };
  });
  const set = schemaSet(documents);
  const remarks: Remark[] = [];
  const names: { typeName(wanted: string): string } = { typeName: (wanted) => shapes.typeName(wanted) };
  const shapes = shapesOf(
    set,
    simpleShapes(
      () => reading,
      (wanted) => names.typeName(wanted),
    ),
    (remark) => remarks.push(remark),
  );
  const shape = (element: string) => shapes.ofElement(set.element({ uri: NS, local: element }), '');
  const read = (xml: string, how: Partial<Decoding> = {}): Cell => {
    const element = readXml(xml);
    return decode(shape(element.local), element, '', {
      names: 'exact',
      unknown: 'fail',
      attachments: new Map(),
      budget: { elements: 10_000 },
      following: new Set(),
      hint: () => undefined,
      ...how,
    });
  };
  const write = (element: string, value: Value): string => {
    const own = prefixes();
    const text = encode({ uri: NS, local: element }, shape(element), value, '', {
      version: '1.1',
      encoded: false,
      qname: own.qname,
    });
    const end = /^<[^\s/>]+/.exec(text)?.[0].length ?? 0;
    return text.slice(0, end) + own.declarations() + text.slice(end);
  };
  return {
    shapes,
    remarks,
    shape,
    read,
    write,
    round(xml) {
      const value = settled(read(xml));
      const written = write(readXml(xml).local, value);
      assert.deepEqual(read(written), value, written);
      return value;
    },
  };
}

/** The fault that a value is or holds, or that a call throws. */
export function faultOf(cell: Cell | (() => unknown)): Fault {
  if (typeof cell === 'function') {
    try {
      cell();
    } catch (error) {
      assert.ok(error instanceof Fault, String(error));
      return error;
    }
    assert.fail('nothing was thrown');
  }
  try {
    settled(cell);
  } catch (error) {
    assert.ok(error instanceof Fault, String(error));
    return error;
  }
  return assert.fail(`no fault in ${JSON.stringify(cell)}`);
}
