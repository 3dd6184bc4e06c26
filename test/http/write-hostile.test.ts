import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { writable } from '../rest/writable.ts';
import { serve } from './serving.ts';
import { brief, problem, send } from './writing.ts';

const PATH = '/api/accounts/a%2Cb,1';
const BEFORE =
  '{"bank":"a,b","number":"1","owner":"Ann","balance":"10.00","status":"OPEN","opened":"2024-02-29","rate":0.5,"stamp":7}';

/** Sends bodies to one row; at the end it must be as it was. */
async function victim(t: TestContext) {
  const { url, port } = await serve(t, writable());
  return {
    url,
    port,
    patch: async (body: string, headers: Record<string, string> = {}) => {
      const reply = await send('PATCH', url + PATH, body, headers);
      return reply.status < 300 ? `${reply.status} ${reply.text}` : brief(reply);
    },
    unchanged: async () => assert.equal((await send('GET', url + PATH)).text, BEFORE),
  };
}

describe('hostile bodies', () => {
  it('values of other types are refused, whatever the field', async (t) => {
    const { patch, unchanged } = await victim(t);
    const values = [
      'true',
      '7',
      '"x"',
      'null',
      '[]',
      '{}',
      '[null]',
      '{"toString":1}',
      '1e400',
      '-1e400',
      '"NaN"',
      '"Infinity"',
      '""',
    ];
    const taken: Record<string, readonly string[]> = {
      owner: ['"x"', '"NaN"', '"Infinity"', '""'],
      balance: ['7'],
      status: ['null'],
      opened: ['null'],
      rate: ['7', 'null', '"Infinity"'],
    };
    const names = Object.keys(taken);
    for (const name of names) {
      for (const value of values) {
        if (taken[name]?.includes(value)) continue;
        assert.equal(await patch(`{"${name}":${value}}`), `400 bad-value ${name}`, `${name} ${value}`);
      }
    }
    await unchanged();
  });

  it('NaN is no JSON, and 1e400 no number', async (t) => {
    const { patch, unchanged } = await victim(t);
    for (const text of [
      '{"rate":NaN}',
      '{"rate":Infinity}',
      '{"rate":0x10}',
      "{'rate':1}",
      '{"rate":1,}',
      '{"rate":.5}',
      '{"rate":1',
      '"rate"',
      '7',
      'null',
      '\u0000',
    ]) {
      assert.equal(await patch(text), '400 bad-json', text);
    }
    await unchanged();
  });

  it('prototypes are members like others: not known', async (t) => {
    const { url, patch, unchanged } = await victim(t);
    for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      assert.equal(await patch(`{"${name}":{"balance":"0.00"}}`), `400 unknown-field ${name}`);
      assert.equal(await patch(`{"${name}":"x","balance":1}`), `400 unknown-field ${name}`);
      const batch = await send('POST', `${url}/api`, `{"changes":[{"insert":"${name}","values":{}}]}`);
      assert.equal(brief(batch), '400 unknown-collection changes[0].insert');
      const member = await send('POST', `${url}/api`, `{"changes":[],"${name}":1}`);
      assert.equal(brief(member), `400 unknown-member ${name}`);
    }
    assert.equal(
      brief(await send('POST', `${url}/api`, '{"__proto__":{"changes":[]}}')),
      '400 unknown-member __proto__',
    );
    assert.equal(Object.hasOwn(Object.prototype, 'balance'), false);
    await unchanged();
  });

  it('a document keeps what it is given, prototypes too', async (t) => {
    const { url } = await victim(t);
    const contact = `${url}/api/contacts/1?select=note`;
    const note = '{"note":{"__proto__":{"a":1},"constructor":null,"x":[1,"2",false]}}';
    assert.equal((await send('PATCH', contact, note)).text, note);
    assert.equal(brief(await send('PATCH', contact, '{"note":{"a":[1e999]}}')), '400 bad-value note');
    const long = await send('PATCH', contact, '{"note":{"a":[12345678901234567890]}}');
    assert.equal(brief(long), '400 bad-value note.a[0]');
  });

  it('a member that stands twice is refused, not decided', async (t) => {
    const { url, patch, unchanged } = await victim(t);
    assert.equal(await patch('{"balance":"1.00","balance":"2.00"}'), '400 repeated-member balance');
    assert.equal(await patch('{"balance":"1.00","b\\u0061lance":"2.00"}'), '400 repeated-member balance');
    const batch = await send(
      'POST',
      `${url}/api`,
      '{"changes":[{"delete":"accounts","key":{"bank":"a,b","number":1,"number":2}}]}',
    );
    assert.equal(brief(batch), '400 repeated-member changes[0].key.number');
    await unchanged();
  });

  it('nothing is no row whose values are all left out', async (t) => {
    const { url, patch, unchanged } = await victim(t);
    assert.equal(await patch(''), '400 bad-value');
    for (const path of ['/api/events', '/api/accounts', '/api']) {
      assert.equal(brief(await send('POST', url + path, '')), '400 bad-value', path);
      assert.equal(brief(await send('POST', url + path)), '400 bad-value', path);
    }
    await unchanged();
  });

  it('a text beyond every float is no infinity, and a number too long for JSON is asked for as text', async (t) => {
    const { url, patch, unchanged } = await victim(t);
    for (const rate of ['"1e400"', '"-1e400"', '"1e309"'])
      assert.equal(await patch(`{"rate":${rate}}`), '400 bad-value rate');
    const posting = await send(
      'POST',
      `${url}/api/postings`,
      '{"id":"Q","account":9007199254740993,"amount":1}',
    );
    assert.match(String(problem(posting)['hint']), /as text/);
    await unchanged();
  });

  it('numbers that JavaScript would change are refused', async (t) => {
    const { url, patch, unchanged } = await victim(t);
    assert.equal(await patch('{"balance":1.00000000000000000001}'), '400 bad-value balance');
    assert.equal(await patch('{"balance":123456789.12345678}'), '400 bad-value balance');
    assert.equal(await patch('{"balance":0.1e-7}'), '400 bad-value balance');
    const posting = (account: string) =>
      send('POST', `${url}/api/postings`, `{"id":"Q","account":${account},"amount":1}`);
    for (const account of [
      '9007199254740993',
      '9007199254740992',
      '-9007199254740993',
      '1e30',
      '1.5',
      '"1e3"',
      '"0x10"',
      '" 1"',
      '"9223372036854775808"',
    ]) {
      assert.equal(brief(await posting(account)), '400 bad-value account', account);
    }
    await unchanged();
  });

  it('text that is not text is refused: half characters, bytes that are no UTF-8', async (t) => {
    const { patch, unchanged, url } = await victim(t);
    assert.equal(await patch('{"owner":"\\ud800"}'), '400 bad-value owner');
    assert.equal(await patch('{"owner":"\\udc00\\ud800"}'), '400 bad-value owner');
    const bytes = await fetch(url + PATH, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from([...Buffer.from('{"owner":"'), 0xff, 0xc3, ...Buffer.from('"}')]),
    });
    assert.equal(bytes.status, 400);
    assert.equal(await patch('{"owner":"01234567890"}'), '400 too-long owner');
    assert.equal(await patch(`{"owner":"${'😀'.repeat(11)}"}`), '400 too-long owner');
    await unchanged();
    assert.match(await patch(`{"owner":"${'😀'.repeat(10)}"}`), /^200 /);
  });

  it('a body may be as large as the policy allows, and as deep', async (t) => {
    const { url, patch, unchanged } = await victim(t);
    assert.equal(await patch(`{"owner":"${'x'.repeat(1_048_576)}"}`), '422 body-limit');
    assert.equal(await patch(`{"owner":"${'x'.repeat(1_048_000)}"}`), '400 too-long owner');
    assert.equal(await patch(`{"owner":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), '422 body-depth');
    assert.equal(await patch(`{"${'y'.repeat(1_000_000)}":1}`), `400 unknown-field ${'y'.repeat(200)}`);
    const many = await send('POST', `${url}/api/events`, `[${'{"what":"x"},'.repeat(70_000)}{"what":"x"}]`);
    assert.equal(brief(many), '422 change-limit');
    const deep = `{"note":${'['.repeat(62)}${']'.repeat(62)}}`;
    assert.equal((await send('PATCH', `${url}/api/contacts/1?select=id`, deep)).status, 200);
    await unchanged();
  });

  it('whatever is sent, the answer tells no more than its problem document', async (t) => {
    const { url } = await victim(t);
    const reply = await send('PATCH', url + PATH, `{"owner":"${'secret'.repeat(9)}"}`);
    assert.doesNotMatch(reply.text, /secret/);
    assert.equal(problem(reply)['detail'], '"owner" is longer than string(10) holds');
  });

  it('a client that leaves in the middle of its body changes nothing', async (t) => {
    const { port, unchanged } = await victim(t);
    const socket = connect(port, '127.0.0.1');
    const head = `PATCH ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n`;
    await new Promise((resolve) => socket.write(`${head}{"owner":"Eve"}`, resolve));
    socket.destroy();
    await unchanged();
  });
});
