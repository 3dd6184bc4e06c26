// What a service may answer, and what comes of it: every XML here is hostile input.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { inspect } from 'node:util';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { Fault, settled } from '#spi';
import { replyOf } from '../../../../adapters/soap/exchange/reply.ts';
import { XML_LIMITS } from '../../../../adapters/soap/xml/limits.ts';
import { answering, ENVELOPE12, envelope, type Script, startScripted } from '../../../fakes/scripted-http.ts';
import { answered, ask, openAsk } from './service.ts';

const GOOD = envelope(answered('Zürich €'));

async function outcome(script: Script, options: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  await using server = await startScripted(script);
  await using source = await openAsk(server.url, options);
  return settled(await ask(source));
}

const textOf = async (script: Script, options = {}): Promise<unknown> => {
  const value = await outcome(script, options);
  return typeof value === 'object' && value !== null && 'text' in value ? value.text : value;
};

/** The fault that an answer ends in; nothing of what was answered stands in it. */
async function faultOf(script: Script, options: Readonly<Record<string, unknown>> = {}): Promise<Fault> {
  try {
    const value = await outcome(script, options);
    return assert.fail(`answered ${inspect(value)}`);
  } catch (error) {
    assert.ok(error instanceof Fault, inspect(error));
    assert.doesNotMatch(inspect(error, { depth: 9 }), /CANARY/);
    return error;
  }
}

const code = async (script: Script, options = {}): Promise<string> => {
  const fault = await faultOf(script, options);
  return `${fault.kind} ${fault.code}`;
};

describe('answers of a service', () => {
  it('come in any charset: by byte order mark, HTTP header, XML declaration, in this order', async () => {
    const latin = (text: string): Buffer => Buffer.from(text, 'latin1');
    const answer = envelope(answered('Zürich'));
    const cases: readonly Script[] = [
      answering(latin(answer), { 'content-type': 'text/xml; charset=ISO-8859-1' }),
      answering(latin(`<?xml version="1.0" encoding="windows-1252"?>${answer}`), {
        'content-type': 'text/xml',
      }),
      answering(Buffer.from(`\ufeff<?xml version="1.0" encoding="utf-16"?>${answer}`, 'utf16le'), {
        'content-type': 'text/xml',
      }),
      answering(Buffer.from(`<?xml version="1.0" encoding="UTF-16"?>${answer}`, 'utf16le').swap16(), {
        'content-type': 'text/xml',
      }),
      answering(`\ufeff<?xml version="1.0" encoding="ISO-8859-1"?>${answer}`, { 'content-type': 'text/xml' }),
      answering(`<?xml version="1.0" encoding="ISO-8859-1"?>${answer}`, {
        'content-type': 'text/xml; charset=utf-8',
      }),
    ];
    for (const script of cases) assert.equal(await textOf(script), 'Zürich');
    const euro = Buffer.concat([
      latin(envelope(answered('@')).split('@')[0] ?? ''),
      Buffer.from([0x80]),
      latin(envelope(answered('@')).split('@')[1] ?? ''),
    ]);
    assert.equal(await textOf(answering(euro, { 'content-type': 'text/xml; charset=windows-1252' })), '€');
  });

  it('may leave out an element that would hold nothing', async () => {
    assert.deepEqual(await outcome(answering(envelope(''))), { bytes: [] });
  });

  it('in a charset that is not known, or with bytes that are no character, are faults', async () => {
    assert.equal(
      await code(answering(GOOD, { 'content-type': 'text/xml; charset=klingon' })),
      'upstream unknown-charset',
    );
    assert.equal(
      await code(answering(Buffer.from([0x3c, 0x61, 0xff, 0xfe, 0x41]))),
      'upstream bad-characters',
    );
  });

  it('are unpacked: gzip, deflate with and without its header, br', async () => {
    const packed = [
      ['gzip', gzipSync(GOOD)],
      ['deflate', deflateSync(GOOD)],
      ['deflate', deflateRawSync(GOOD)],
      ['br', brotliCompressSync(GOOD)],
    ] as const;
    for (const [encoding, bytes] of packed) {
      assert.equal(await textOf(answering(bytes, { 'content-encoding': encoding })), 'Zürich €', encoding);
    }
    assert.equal(
      await code(answering(gzipSync(GOOD).subarray(0, 40), { 'content-encoding': 'gzip' })),
      'upstream bad-compression',
    );
    assert.equal(await code(answering(GOOD, { 'content-encoding': 'lzma' })), 'upstream bad-compression');
  });

  it('larger than the limit are refused, on the wire and unpacked', async () => {
    const limits = { limits: { maxReplyBytes: 100_000 } };
    assert.equal(
      await code(answering(envelope(answered('x'.repeat(200_000)))), limits),
      'upstream reply-too-large',
    );
    assert.equal(
      await code(answering(gzipSync('x'.repeat(50_000_000)), { 'content-encoding': 'gzip' }), limits),
      'upstream reply-too-large',
    );
  });

  it('with a document type, deep nesting or attributes without end are refused', async () => {
    const bomb = `<!DOCTYPE x [<!ENTITY a "CANARY"><!ENTITY b "&a;&a;">]>${envelope(answered('&b;'))}`;
    assert.equal(await code(answering(bomb)), 'upstream xml-doctype');
    assert.equal(
      await code(answering(envelope('<a>'.repeat(50_000) + '</a>'.repeat(50_000)))),
      'upstream xml-limit',
    );
    const attributes = Array.from({ length: 600_000 }, (_, i) => ` a${i}="CANARY"`).join('');
    assert.ok(attributes.length > 10_000_000);
    assert.equal(
      await code(answering(envelope(`<AskResponse xmlns="urn:test"${attributes}/>`))),
      'upstream xml-limit',
    );
    assert.equal(
      await code(answering(envelope(answered('x')), {}), { limits: { maxElements: 100 } }).catch(
        () => 'fine',
      ),
      'fine',
    );
    assert.equal(
      await code(answering(envelope('<b/>'.repeat(200))), { limits: { maxElements: 100 } }),
      'upstream xml-limit',
    );
  });

  it('that are not well-formed are refused', async () => {
    for (const text of [
      '<CANARY',
      '<a></CANARY>',
      `${GOOD}<CANARY/>`,
      '<a>&CANARY;</a>',
      '<a CANARY="1" CANARY="2"/>',
      '<p:CANARY/>',
    ]) {
      assert.equal(await code(answering(text)), 'upstream bad-xml', text);
    }
  });

  it('that are no SOAP say what they are, and nothing of what stands in them', async () => {
    const html = '<html><body>CANARY at /srv/CANARY.php</body></html>';
    const cases: readonly (readonly [Script, string, RegExp])[] = [
      [answering(html, { 'content-type': 'text/html' }), 'upstream not-soap', /200 with text\/html/],
      [answering(html, { 'content-type': 'text/html' }, 500), 'upstream not-soap', /500 with text\/html/],
      [
        answering('{"CANARY":1}', { 'content-type': 'application/json' }),
        'upstream not-soap',
        /application\/json/,
      ],
      [answering('CANARY', { 'content-type': 'CANARY; x' }), 'upstream not-soap', /unknown type/],
      [answering(''), 'upstream not-soap', /an empty body/],
      [
        answering('<CANARYx/>'.replace('CANARYx', 'root')),
        'upstream not-soap',
        /<root> instead of an envelope/,
      ],
      [answering(`<e:Envelope xmlns:e="urn:other"/>`), 'upstream not-soap', /Envelope/],
      [answering(GOOD.replace('</e:Body>', '</e:Body><e:Body/>')), 'upstream not-soap', /2 bodies/],
      [answering(GOOD, {}, 500), 'upstream not-soap', /500 with an envelope without a fault/],
      [answering('CANARY', { 'content-type': 'text/plain' }, 401), 'upstream credentials-refused', /401/],
      [answering('CANARY', { 'content-type': 'text/plain' }, 403), 'upstream credentials-refused', /403/],
      [answering(html, { 'content-type': 'text/html' }, 404), 'upstream no-such-endpoint', /404/],
      [answering('', { 'content-type': 'text/plain' }, 415), 'upstream wrong-version', /415/],
      [answering('', { 'content-type': 'text/plain' }, 429), 'throttled throttled', /429/],
      [answering(html, { 'content-type': 'text/html' }, 503), 'unavailable unavailable', /503/],
      [answering(html, { 'content-type': 'text/html' }, 502), 'unavailable bad-gateway', /502/],
    ];
    for (const [script, expected, message] of cases) {
      const fault = await faultOf(script);
      assert.equal(`${fault.kind} ${fault.code}`, expected);
      assert.match(fault.message, message);
    }
  });

  it('that lead elsewhere are not followed', async () => {
    await using other = await startScripted(answering(GOOD));
    const fault = await faultOf(
      answering('', { location: `${other.url}/CANARY`, 'content-type': 'text/html' }, 307),
    );
    assert.equal(fault.code, 'redirect');
    assert.equal(other.seen.length, 0);
  });

  it('that break off are told from those that are whole', async () => {
    const cut: Script = (_seen, res) => {
      res.writeHead(200, { 'content-type': 'text/xml', 'content-length': GOOD.length + 100 });
      res.write(GOOD);
      setImmediate(() => res.destroy());
    };
    const cutChunk: Script = (_seen, res) => {
      res.writeHead(200, { 'content-type': 'text/xml' });
      res.write(GOOD.slice(0, 50));
      setImmediate(() => res.destroy());
    };
    assert.equal(await code(cut), 'upstream reply-cut');
    assert.equal(await code(cutChunk), 'upstream reply-cut');
  });

  it('that switch to another protocol are a fault at once, and the connection is closed', async () => {
    const switching: Script = ({ socket }) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    };
    await using server = await startScripted(switching);
    await using source = await openAsk(server.url);
    await assert.rejects(ask(source), { kind: 'upstream', code: 'bad-http' });
    const [socket] = server.connections;
    if (socket !== undefined && !socket.destroyed) await once(socket, 'close');
  });

  it('to a one-way call may be anything that is accepted, but not a Fault', async () => {
    const reply = (text: string, type = 'text/xml') =>
      replyOf(
        { status: 200, headers: { 'content-type': type }, body: new TextEncoder().encode(text) },
        true,
        XML_LIMITS,
        () => undefined,
      );
    assert.equal((await reply('')).kind, 'answer');
    assert.equal((await reply('<html>', 'text/html')).kind, 'answer');
    assert.equal((await reply(GOOD)).kind, 'answer');
    const fault = envelope('<e:Fault><faultcode>e:Server</faultcode></e:Fault>');
    assert.equal((await reply(fault)).kind, 'fault');
  });

  it('of the other version of SOAP are understood', async () => {
    assert.equal(await textOf(answering(envelope(answered('x'), { version: ENVELOPE12 }))), 'x');
  });

  it('a fault is told by its code: that of the sender is rejected, any other upstream; its reason is cut and cleaned', async () => {
    const fault11 = (faultcode: string) =>
      envelope(`<e:Fault><faultcode>e:${faultcode}</faultcode><faultstring>a\u0085b${'c'.repeat(900)}</faultstring>
        <detail><trace xmlns="urn:x">CANARY at line 1</trace></detail></e:Fault>`);
    const client = await faultOf(answering(fault11('Client.Limit'), {}, 500));
    assert.deepEqual(
      [client.kind, client.code, client.sourceFault?.code],
      ['rejected', 'soap-fault', 'Client.Limit'],
    );
    assert.equal(client.sourceFault?.detail, undefined);
    assert.equal(client.sourceFault?.reason?.length, 501);
    assert.match(client.sourceFault?.reason ?? '', /^a bc+…$/);
    assert.equal((await faultOf(answering(fault11('Server'), {}, 500))).kind, 'upstream');
    assert.equal((await faultOf(answering(fault11('Server')))).kind, 'upstream', 'with status 200, too');
    const fault12 = envelope(
      `<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value xmlns:m="urn:m">m:NoMoney</e:Value></e:Subcode></e:Code>
      <e:Reason><e:Text xml:lang="en">No money</e:Text></e:Reason></e:Fault>`,
      { version: ENVELOPE12 },
    );
    const sender = await faultOf(answering(fault12, {}, 400));
    assert.deepEqual(
      [sender.kind, sender.sourceFault],
      ['rejected', { code: 'Sender', subcode: 'NoMoney', reason: 'No money' }],
    );
  });

  it('a fault means what the configuration says: by code with what is below it, by subcode, by an element of its detail', async () => {
    const fault = (faultcode: string, detail = '') =>
      answering(
        envelope(
          `<e:Fault><faultcode>${faultcode}</faultcode><faultstring>no</faultstring><detail>${detail}</detail></e:Fault>`,
        ),
        {},
        500,
      );
    const rules = (...faults: readonly unknown[]) => ({ faults });
    assert.equal(
      (await faultOf(fault('Client.Busy.Now'), rules({ code: 'Client.Busy', as: 'throttled' }))).kind,
      'throttled',
    );
    assert.equal(
      (await faultOf(fault('Client.Busyness'), rules({ code: 'Client.Busy', as: 'throttled' }))).kind,
      'rejected',
    );
    assert.equal(
      (await faultOf(fault('Server', '<Duplicate/>'), rules({ detail: 'Duplicate', as: 'conflict' }))).kind,
      'conflict',
    );
    assert.equal(
      (
        await faultOf(
          fault('Server', '<Other/>'),
          rules({ code: 'Server', detail: 'Duplicate', as: 'conflict' }),
        )
      ).kind,
      'upstream',
    );
    assert.equal(
      await outcome(fault('Server', '<Nothing/>'), rules({ detail: 'Nothing', as: 'null' })),
      null,
    );
    const own = {
      operations: { Ask: { faults: [{ code: 'Server', as: 'invalid' }] } },
      faults: [{ code: 'Server', as: 'conflict' }],
    };
    assert.equal((await faultOf(fault('Server'), own)).kind, 'invalid');
  });
});
