import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createLog, logThreshold } from '../../src/cli/log.ts';
import { createSecrets } from '../../src/config/secrets.ts';
import { Fault, toFault } from '../../src/fault.ts';
import type { Observation } from '../../src/observe.ts';

const CANARY = 'hunter2"canary';

async function logged(
  observations: readonly Observation[],
  { terminal = false, from = 'debug' }: { terminal?: boolean; from?: string } = {},
): Promise<string> {
  const secrets = createSecrets('/', { KEY: CANARY });
  await secrets.read({ env: 'KEY' });
  let text = '';
  const target = {
    terminal,
    write: (line: string) => {
      text += line;
    },
  };
  const observe = await createLog(target, logThreshold(from), secrets);
  for (const observation of observations) observe(observation);
  return text;
}

const REQUEST: Observation = {
  kind: 'request',
  requestId: 'r1',
  method: 'GET',
  path: '/api/customers',
  status: 200,
  durationMs: 1.2345,
};

function fault(fault: Fault): Observation {
  return { kind: 'fault', fault, requestId: 'r1' };
}

describe('the log', () => {
  it('is one JSON object on each line', async () => {
    const text = await logged([REQUEST, { kind: 'stopped', reason: 'SIGTERM' }]);
    const [first, second] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(first.level, 'info');
    assert.equal(first.event, 'request');
    assert.equal(first.requestId, 'r1');
    assert.equal(first.durationMs, 1.2);
    assert.equal(first.msg, 'GET /api/customers 200 1.2 ms');
    assert.match(first.time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.equal(second.event, 'stopped');
  });

  it('is short lines on a terminal, which no path can break', async () => {
    const text = await logged([{ ...REQUEST, path: '/x\n\u001b[2J' }], { terminal: true });
    assert.match(
      text.replace(/\u001b\[\d+m/g, ''),
      /^\d\d:\d\d:\d\d info {2}GET \/x\\u000a\\u001b\[2J 200 1\.2 ms\n$/,
    );
  });

  it('holds nothing below its level, and nothing at all when it is silent', async () => {
    const bad = fault(new Fault('invalid', 'no such field'));
    const grave = fault(new Fault('upstream', 'the host refused'));
    assert.match(await logged([bad]), /"level":"debug".*"msg":"The request is not valid: invalid"/);
    assert.equal(await logged([REQUEST, bad], { from: 'warn' }), '');
    assert.match(await logged([REQUEST, bad, grave], { from: 'warn' }), /^[^\n]*the host refused[^\n]*\n$/);
    assert.equal(await logged([grave], { from: 'silent' }), '');
    assert.equal(logThreshold('verbose'), 'info');
    assert.equal(logThreshold(undefined, 'warn'), 'warn');
    assert.equal(logThreshold('error', 'debug'), 'error');
  });

  it('says of a request its route, never its path, and of what is wrong with it no word of the client', async () => {
    const text = await logged([
      { ...REQUEST, path: '/api/customers/4711', route: '/api/customers/{key}' },
      fault(
        new Fault('invalid', 'There is no field "4711"', {
          code: 'bad-filter',
          parameter: '4711',
          hint: '4711',
        }),
      ),
    ]);
    assert.match(text, /"msg":"GET \/api\/customers\/\{key\} 200 1\.2 ms"/);
    assert.match(text, /"code":"bad-filter"/);
    assert.doesNotMatch(text, /4711/);
  });

  it('never holds a secret, wherever it comes from', async () => {
    for (const terminal of [true, false]) {
      const text = await logged(
        [
          fault(new Fault('upstream', `login with ${CANARY} failed`)),
          fault(toFault(new Error(`bug with ${CANARY}`))),
          { ...REQUEST, path: `/api/${encodeURIComponent(CANARY)}` },
        ],
        { terminal },
      );
      assert.ok(!text.includes('canary'), text);
      assert.match(text, /\[secret\]/);
    }
  });

  it('says where a fault was, but repeats neither the bytes nor what a driver said', async () => {
    const driver = Object.assign(new Error("select * from t where name = 'Smith'"), { code: 'ER_42' });
    const text = await logged([
      fault(
        new Fault('corrupt', 'a digit is bad', {
          source: 'm',
          record: 7,
          field: 'amount',
          hex: 'C1C2',
          cause: driver,
        }),
      ),
    ]);
    const line = JSON.parse(text);
    assert.deepEqual(
      [line.fault, line.source, line.record, line.field, line.hex],
      ['corrupt', 'm', 7, 'amount', undefined],
    );
    assert.deepEqual(line.cause, { name: 'Error', code: 'ER_42' });
    assert.ok(!text.includes('Smith'));
  });

  it('keeps the stack of our own bugs', async () => {
    const text = await logged([fault(toFault(new TypeError('oops')))]);
    assert.match(JSON.parse(text).cause.stack, /^TypeError: oops\n/);
  });
});
