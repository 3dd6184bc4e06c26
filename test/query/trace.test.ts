import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readTrace, traceIdOf, traceOf } from '../../src/query/trace.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const GOOD = `00-${TRACE}-${SPAN}-01`;

describe('W3C Trace Context', () => {
  it('a valid traceparent is taken, with the flag that is known', () => {
    assert.deepEqual(readTrace(GOOD, undefined), { traceparent: GOOD });
    assert.deepEqual(readTrace(`00-${TRACE}-${SPAN}-fe`, undefined), {
      traceparent: `00-${TRACE}-${SPAN}-00`,
    });
    assert.equal(traceIdOf({ traceparent: GOOD }), TRACE);
  });

  it('a later version may have more behind it, and is passed on as the version that we know', () => {
    assert.deepEqual(readTrace(`cc-${TRACE}-${SPAN}-01-what-comes`, undefined), { traceparent: GOOD });
  });

  it('anything else is ignored, its tracestate as well', () => {
    for (const bad of [
      undefined,
      '',
      'garbage',
      [GOOD, GOOD],
      `${GOOD}, ${GOOD}`,
      `${GOOD} `,
      `${GOOD}\n`,
      GOOD.toUpperCase(),
      GOOD.slice(0, -1),
      `${GOOD}-more`,
      `ff-${TRACE}-${SPAN}-01`,
      `00-${'0'.repeat(32)}-${SPAN}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE}${SPAN}-01`,
    ])
      assert.deepEqual(readTrace(bad, 'vendor=1'), {}, String(bad));
  });

  it('a tracestate is passed on whole, or not at all', () => {
    const state = (text: unknown) => readTrace(GOOD, text).tracestate;
    assert.equal(
      state('rojo=00f067aa0ba902b7, tenant@congo=t61rcWkgMzE'),
      'rojo=00f067aa0ba902b7,tenant@congo=t61rcWkgMzE',
    );
    for (const bad of [
      '',
      ',',
      'Upper=1',
      'a=',
      'a=b\u0001',
      'a=b=c',
      `a=${'x'.repeat(600)}`,
      ['a=1'],
      'a',
    ]) {
      assert.equal(state(bad), undefined, String(bad));
    }
    assert.equal(state(Array.from({ length: 33 }, (_, i) => `k${i}=v`).join(',')), undefined);
  });

  it('nothing is passed on of who has no trace', () => {
    assert.deepEqual(traceOf({ tracestate: 'a=1' }), {});
    assert.deepEqual(traceOf({ traceparent: GOOD, tracestate: 'a=1' }), {
      traceparent: GOOD,
      tracestate: 'a=1',
    });
  });
});
