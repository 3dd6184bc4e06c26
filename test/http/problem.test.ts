import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FAULTS, Fault, type FaultKind, toFault } from '../../src/fault.ts';
import { problemOf, retryAfterOf } from '../../src/http/problem.ts';

describe('problem documents', () => {
  for (const [kind, row] of Object.entries(FAULTS)) {
    it(`a fault of kind ${kind} reads as its row of the table`, () => {
      const fault = toFault(new Fault(kindOf(kind), 'what happened', { code: 'some-code' }));
      const { type, title, status, requestId, instance } = problemOf(fault, '/api/customers', 'r1');
      assert.deepEqual(
        { type, title, status, requestId, instance },
        {
          type: `urn:overpunch:problem:${kind}`,
          title: row.title,
          status: row.status,
          requestId: 'r1',
          instance: '/api/customers',
        },
      );
    });
  }

  it('the place of a fault and its parts are members of the document', () => {
    const fault = new Fault('corrupt', 'Byte 3 is no digit', {
      code: 'bad-packed-digit',
      source: 'mainframe',
      collection: 'customers',
      record: 17,
      field: 'balance',
      byteOffset: 1_234,
      hex: '12AC',
      errors: [{ message: 'and another', field: 'limit' }],
      cause: new Error('secret'),
    });
    const problem = problemOf(fault, '/api/customers', 'r1');
    assert.deepEqual(problem, {
      type: 'urn:overpunch:problem:corrupt',
      title: FAULTS.corrupt.title,
      status: 502,
      detail: 'Byte 3 is no digit',
      instance: '/api/customers',
      code: 'bad-packed-digit',
      requestId: 'r1',
      source: 'mainframe',
      collection: 'customers',
      record: 17,
      field: 'balance',
      byteOffset: 1_234,
      hex: '12AC',
      errors: [{ message: 'and another', field: 'limit' }],
    });
  });

  it('what is behind an internal fault is told to nobody', () => {
    for (const fault of [
      toFault(new Error('password=hunter2')),
      new Fault('internal', 'password=hunter2', { code: 'hunter2', source: 'hunter2' }),
    ]) {
      const problem = problemOf(fault, '/', 'r1');
      assert.doesNotMatch(JSON.stringify(problem), /hunter2/);
      assert.deepEqual([problem.status, problem.code], [500, 'internal']);
    }
  });

  it('refusals of HTTP have their own status', () => {
    const statuses = { 'method-not-allowed': 405, 'not-acceptable': 406, 'unsupported-media-type': 415 };
    for (const [code, status] of Object.entries(statuses)) {
      const problem = problemOf(new Fault('invalid', 'no', { code }), '/', 'r1');
      assert.deepEqual([problem.status, problem.type], [status, `urn:overpunch:problem:${code}`]);
    }
  });

  it('says when to come back only where waiting helps', () => {
    const waits = Object.keys(FAULTS).filter(
      (kind) => retryAfterOf(new Fault(kindOf(kind), '')) !== undefined,
    );
    assert.deepEqual(waits, ['throttled', 'unavailable', 'timeout']);
  });
});

function kindOf(name: string): FaultKind {
  const kind = Object.keys(FAULTS).find((known): known is FaultKind => known === name);
  return kind ?? assert.fail(name);
}
