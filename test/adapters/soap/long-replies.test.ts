// A reply that has been read already, and what calling the operation makes of it: only the decoding counts here.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type Cell, Fault } from '#spi';
import { choosePort } from '../../../adapters/soap/contract/port.ts';
import type { Exchange } from '../../../adapters/soap/exchange/message.ts';
import { serviceOf } from '../../../adapters/soap/service.ts';
import { adapter } from '../../../adapters/soap/soap.ts';
import { loadSaved } from '../../../adapters/soap/wsdl/disk.ts';
import { readWsdl } from '../../../adapters/soap/wsdl/read-wsdl.ts';
import { readXml } from '../../../adapters/soap/xml/read-xml.ts';
import { literalWsdl, wsdlFile } from './opening.ts';

const SCHEMA = `
  <xs:element name="Ask"><xs:complexType><xs:sequence/></xs:complexType></xs:element>
  <xs:element name="AskResponse"><xs:complexType><xs:sequence>
    <xs:element name="group" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="n" type="xs:int" maxOccurs="unbounded"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="end" type="xs:string"/></xs:sequence></xs:complexType></xs:element>`;

async function callOf(groups: number, each: number, wrong = -1) {
  const group = (g: number): string =>
    `<group>${Array.from({ length: each }, (_, n) => `<n>${g === wrong && n === 0 ? 'x' : g * each + n}</n>`).join('')}</group>`;
  const body = readXml(
    `<AskResponse xmlns="urn:test">${Array.from({ length: groups }, (_, g) => group(g)).join('')}<end>END</end></AskResponse>`,
  );
  const exchange: Exchange = async () => ({
    kind: 'answer',
    headers: [],
    attachments: new Map(),
    body: [body],
  });
  const options = adapter.options.parse({ wsdl: 'service.wsdl' });
  const wsdl = readWsdl(await loadSaved(wsdlFile(literalWsdl(SCHEMA, ['Ask']))));
  const { operations } = serviceOf({
    wsdl,
    chosen: choosePort(wsdl, options),
    options,
    endpoint: 'http://127.0.0.1:9/',
    headers: {},
    exchange,
    sliceMs: 0,
  });
  const [ask] = operations;
  assert.ok(ask);
  return (signal = new AbortController().signal) => ask.call({}, { signal });
}

function groupsOf(cell: Cell): readonly { readonly n: readonly Cell[] }[] {
  assert.ok(typeof cell === 'object' && cell !== null && 'group' in cell && Array.isArray(cell.group));
  assert.ok('end' in cell && cell.end === 'END');
  return cell.group;
}

describe('a long reply', () => {
  it('holds every item of its lists in its place, also of lists in lists', async () => {
    for (const [groups, each] of [
      [1, 1],
      [64, 2],
      [200, 3],
      [3, 500],
      [70, 70],
    ] as const) {
      const numbers = groupsOf(await (await callOf(groups, each))()).flatMap(({ n }) => n);
      assert.deepEqual(
        numbers,
        Array.from({ length: groups * each }, (_, i) => i),
      );
    }
  });

  it('is decoded in portions: others have their turn meanwhile', async () => {
    const call = await callOf(2_000, 1);
    let turns = 0;
    let ended = false;
    const answered = call().finally(() => {
      ended = true;
    });
    while (!ended) {
      await turn();
      turns++;
    }
    await answered;
    assert.ok(turns > 1_000, `${turns} turns`);
  });

  it('has a fault in the place of an item that does not decode', async () => {
    const groups = groupsOf(await (await callOf(100, 1, 99))());
    const fault = groups[99]?.n[0];
    assert.ok(fault instanceof Fault && fault.place.field === 'group[99].n[0]', String(fault));
    assert.deepEqual(groups[98]?.n, [98]);
  });

  it('is not decoded to its end for one who has left', async () => {
    const call = await callOf(5_000, 1);
    const leaving = new AbortController();
    let turns = 0;
    let ended = false;
    const answered = assert.rejects(call(leaving.signal), /left/).finally(() => {
      ended = true;
    });
    while (!ended) {
      await turn();
      if (++turns === 10) leaving.abort(new Error('left'));
    }
    await answered;
    assert.ok(turns < 1_000, `${turns} turns`);
  });
});
