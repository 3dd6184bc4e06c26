import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  camelCase,
  distinct,
  isApiName,
  nearest,
  pascalCase,
  singular,
  upperSnake,
} from '../../src/model/naming.ts';

describe('naming', () => {
  it('legacy names become camelCase by one rule', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['CUST-ID', 'custId'],
      ['ACCT_NO', 'acctNo'],
      ['AcctNo', 'acctNo'],
      ['XMLData', 'xmlData'],
      ['CUST-DOB-YYYY-MM-DD', 'custDobYyyyMmDd'],
      ['1ST-NAME', 'n1stName'],
      ['Straßen Größe', 'straEnGroE'],
      ['__proto__', 'proto'],
      ['"; DROP', 'drop'],
      ['`', 'field'],
      ['', 'field'],
    ];
    for (const [legacy, api] of cases) {
      assert.equal(camelCase(legacy), api, legacy);
      assert.ok(isApiName(api));
    }
    assert.equal(pascalCase('cust-address'), 'CustAddress');
    assert.equal(upperSnake('STATUS-ACTIVE'), 'STATUS_ACTIVE');
    assert.equal(upperSnake('88-X'), 'N88_X');
  });

  it('one of many is named in the singular', () => {
    const cases = {
      accounts: 'account',
      branches: 'branch',
      entries: 'entry',
      addresses: 'address',
      taxes: 'tax',
      status: 'status',
      data: 'data',
      class: 'class',
    };
    for (const [many, one] of Object.entries(cases)) assert.equal(singular(many), one);
  });

  it('siblings that fall together are told apart, always the same way', () => {
    assert.deepEqual(distinct(['a', 'a', 'b', 'a']), ['a', 'a2', 'b', 'a3']);
    assert.deepEqual(
      distinct(['a', 'a', 'a2']),
      ['a', 'a3', 'a2'],
      'a name that is really there is not taken away',
    );
  });

  it('the nearest word is offered only when it is near', () => {
    assert.equal(nearest('custID', ['custId', 'name']), 'custId');
    assert.equal(nearest('blance', ['balance', 'branch']), 'balance');
    assert.equal(nearest('xyz', ['balance', 'branch']), undefined);
    assert.equal(nearest('x'.repeat(10_000), ['balance']), undefined);
  });
});
