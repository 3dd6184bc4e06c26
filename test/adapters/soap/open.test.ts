// What is said at the start: what cannot be shown, and what is wrong with the configuration.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import { openSoap, wsdlFile } from './opening.ts';

const SCORING = readFileSync(resolve(import.meta.dirname, '../../../schemas/scoring/scoring.wsdl'), 'utf8');
const PHP = resolve(import.meta.dirname, '../../fakes/php/literal.wsdl');

async function refusal(options: Readonly<Record<string, unknown>>): Promise<string> {
  try {
    await using source = await openSoap(options);
    return assert.fail(`opened ${source.model.operations.length}`);
  } catch (error) {
    assert.ok(error instanceof Fault && error.misconfigured, String(error));
    return error.message;
  }
}

describe('a SOAP source at the start', () => {
  it('shows every operation as a write, until it is told which read', async () => {
    await using source = await openSoap({
      wsdl: wsdlFile(SCORING),
      operations: { GetScore: { effect: 'read' } },
    });
    assert.deepEqual(
      source.model.operations.map(({ name, legacyName, effect, idempotent }) => [
        name,
        legacyName,
        effect,
        idempotent,
      ]),
      [
        ['getScore', 'GetScore', 'read', true],
        ['getScores', 'GetScores', 'write', false],
        ['requestReview', 'RequestReview', 'write', false],
      ],
    );
    assert.equal(source.model.operations[0]?.doc, 'The current score of one customer.');
    await using listed = await openSoap({
      wsdl: wsdlFile(SCORING),
      expose: 'listed',
      operations: { GetScore: { name: 'scoreOf', doc: 'Ours' }, GetScores: { hidden: true } },
    });
    assert.deepEqual(
      listed.model.operations.map(({ name, doc }) => [name, doc]),
      [['scoreOf', 'Ours']],
    );
  });

  it('leaves out the operation that needs what there is not, says so with its place, and keeps the rest', async () => {
    const wsdl = wsdlFile(
      SCORING.replace(
        '<xs:element name="Reason"',
        '<xs:element name="Extra" type="tns:Gone"/><xs:element name="Reason"',
      ),
    );
    await using source = await openSoap({ wsdl });
    assert.deepEqual(
      source.model.operations.map(({ name }) => name),
      ['getScore', 'getScores'],
    );
    const [remark] = source.model.remarks ?? [];
    assert.equal(remark?.subject, 'operation RequestReview');
    assert.match(remark?.message ?? '', /no type "\{urn:example:credit-scoring\}Gone"/);
    assert.match(remark?.place ?? '', /^service\.wsdl:\d+$/);
  });

  it('names the nearest right word for everything that the WSDL does not have', async () => {
    const wsdl = wsdlFile(SCORING);
    assert.match(
      await refusal({ wsdl, operations: { GetScor: {} } }),
      /no operation "GetScor"\. Did you mean "GetScore"/,
    );
    assert.match(await refusal({ wsdl, service: 'CreditScorin' }), /Did you mean "CreditScoring"/);
    assert.match(await refusal({ wsdl: PHP, port: 'Customers13' }), /Did you mean "Customers11"/);
    assert.match(
      await refusal({ wsdl: PHP, headers: { Sesion: {} } }),
      /No operation declares a header "Sesion"\. Did you mean "Session"/,
    );
    assert.match(
      await refusal({ wsdl: PHP, headers: { Session: { tokn: 'x' } } }),
      /"Session\.tokn" is no field here/,
    );
    assert.match(await refusal({ wsdl, check: 'Ping' }), /There is no operation "Ping"/);
    assert.match(await refusal({ wsdl, check: 'GetScore' }), /not declared to read/);
    assert.match(
      await refusal({ wsdl: wsdlFile(SCORING.replace('http://127.0.0.1:4010/scoring', 'jms:queue')) }),
      /say by "endpoint" where it is/,
    );
    assert.match(await refusal({ wsdl: wsdlFile('<html/>') }), /html/);
    assert.match(await refusal({ wsdl: wsdlFile(`<!DOCTYPE x>${SCORING.slice(38)}`) }), /document type/);
  });

  it('of several ports takes the first of SOAP 1.1, unless it is told which', async () => {
    await using source = await openSoap({ wsdl: PHP });
    assert.equal(source.model.operations.length, 2);
    assert.deepEqual(
      source.model.operations[0]?.input.map(({ name, nullable }) => [name, nullable]),
      [
        ['id', undefined],
        ['session', true],
      ],
    );
    await using given = await openSoap({ wsdl: PHP, headers: { Session: { token: 'x' } } });
    assert.deepEqual(
      given.model.operations[0]?.input.map(({ name }) => name),
      ['id'],
    );
  });
});
