import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, settled } from '#spi';
import { readMultipart, writeMultipart } from '../../../../adapters/soap/exchange/mtom.ts';
import { ENVELOPE12, envelope, startScripted } from '../../../fakes/scripted-http.ts';
import { random } from '../../../random.ts';
import { ask, openAsk } from './service.ts';

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const broken = (text: string, contentType: string): void => {
  assert.throws(
    () => readMultipart(bytes(text), contentType),
    (error) => error instanceof Fault && error.code === 'bad-multipart',
  );
};

describe('multipart messages', () => {
  it('come back as they went, whatever bytes the parts have', () => {
    const dice = random(7);
    for (let i = 0; i < 200; i++) {
      const attachments = Array.from({ length: dice.int(4) }, (_, part) => ({
        contentId: `part${part}@x`,
        mediaType: 'application/octet-stream',
        bytes: Uint8Array.from({ length: dice.int(60) }, () =>
          dice.pick([0x0d, 0x0a, 0x2d, 0x2d, 0x6f, dice.int(256)]),
        ),
      }));
      const { body, contentType } = writeMultipart(
        '<e/>',
        attachments,
        dice.pick(['1.1', '1.2'] as const),
        'urn:"a',
      );
      const { root, attachments: back } = readMultipart(body, contentType);
      assert.equal(Buffer.from(root.bytes).toString(), '<e/>');
      assert.match(root.contentType ?? '', /^application\/xop\+xml/);
      assert.deepEqual(
        [...back],
        attachments.map((one) => [one.contentId, one.bytes]),
      );
    }
  });

  it('have a boundary that stands in no part', () => {
    const hostile = {
      contentId: 'a@x',
      mediaType: 'x/y',
      bytes: bytes('\r\n--overpunch-boundary-0\r\n\r\nx\r\n--overpunch-boundary-0--'),
    };
    const { body, contentType } = writeMultipart('<e>overpunch-boundary-1</e>', [hostile], '1.1', '');
    assert.match(contentType, /boundary="overpunch-boundary-2"/);
    assert.deepEqual(readMultipart(body, contentType).attachments.get('a@x'), hostile.bytes);
  });

  it('are read in every transfer encoding; the root is the one that start names', () => {
    const text = [
      'a preamble',
      '--b',
      'Content-ID: <one@x>',
      'Content-Transfer-Encoding: base64',
      '',
      'AP8Q',
      '--b',
      'content-id:',
      ' <two@x>',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'a=3Db=',
      'c  ',
      '--b  ',
      'Content-Type: text/xml',
      'Content-ID: <root@x>',
      '',
      '<e/>',
      '--b--',
      'an epilogue',
    ].join('\r\n');
    for (const own of [text, text.replaceAll('\r\n', '\n')]) {
      const { root, attachments } = readMultipart(
        bytes(own),
        'Multipart/Related; start="<root@x>"; boundary=b',
      );
      assert.equal(Buffer.from(root.bytes).toString(), '<e/>');
      assert.deepEqual(attachments.get('one@x'), new Uint8Array([0, 255, 16]));
      assert.equal(Buffer.from(attachments.get('two@x') ?? []).toString(), 'a=bc');
    }
  });

  it('are read byte for byte and in one pass, however large and however much like a boundary their parts are', () => {
    const quoted = (body: Uint8Array): Uint8Array => {
      const head = bytes('--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n');
      return readMultipart(Buffer.concat([head, body, bytes('\r\n--b--')]), 'multipart/related; boundary=b')
        .root.bytes;
    };
    const blanks = bytes(`${' '.repeat(8_000_000)}x`);
    assert.ok(Buffer.from(quoted(blanks)).equals(blanks));
    const high = Uint8Array.from({ length: 128 }, (_, i) => i + 128);
    assert.deepEqual(Uint8Array.from(quoted(high)), high);
    const dashes = bytes(`${'-'.repeat(4_000_000)}\n${`--${'-'.repeat(60)}\n`.repeat(40_000)}`);
    const boundary = `${'-'.repeat(69)}x`;
    const whole = Buffer.concat([bytes(`--${boundary}\r\n\r\n`), dashes, bytes(`\r\n--${boundary}--`)]);
    const { root } = readMultipart(whole, `multipart/related; boundary="${boundary}"`);
    assert.ok(Buffer.from(root.bytes).equals(dashes));
    const names = bytes(Array.from({ length: 100_000 }, (_, n) => `overpunch-boundary-${n}`).join(' '));
    const part = { contentId: 'a@x', mediaType: 'x/y', bytes: names };
    assert.match(writeMultipart('<e/>', [part], '1.1', '').contentType, /boundary-100000"/);
  });

  it('that are broken are refused', () => {
    broken('--b\r\n\r\n<e/>\r\n--b--', 'multipart/related');
    broken('--b\r\n\r\n<e/>', 'multipart/related; boundary=b');
    broken('nothing', 'multipart/related; boundary=b');
    broken('--b--', 'multipart/related; boundary=b');
    broken('--b\r\nContent-ID: x\r\n--b--', 'multipart/related; boundary=b');
    broken('--b\r\nContent-Transfer-Encoding: base64\r\n\r\n*\r\n--b--', 'multipart/related; boundary=b');
    broken('--b\r\nContent-Transfer-Encoding: uuencode\r\n\r\nx\r\n--b--', 'multipart/related; boundary=b');
    broken(`${'--b\r\n\r\nx\r\n'.repeat(2_000)}--b--`, 'multipart/related; boundary=b');
  });
});

describe('MTOM', () => {
  const DATA = new Uint8Array([0, 13, 10, 255, 45, 45]);

  for (const version of ['1.1', '1.2'] as const) {
    it(`SOAP ${version}: bytes go out and come back as parts of their own`, async () => {
      await using server = await startScripted(({ body, headers }, res) => {
        const type = headers['content-type'] ?? '';
        const { root, attachments } = readMultipart(new Uint8Array(body), type);
        const xml = Buffer.from(root.bytes).toString();
        assert.match(
          type,
          version === '1.1'
            ? /start-info="text\/xml"/
            : /start-info="application\/soap\+xml".*action="urn:test\/Ask"/,
        );
        assert.match(
          root.contentType ?? '',
          version === '1.1' ? /type="text\/xml"/ : /type="application\/soap\+xml"/,
        );
        const [id = ''] = /cid:([^"]+)/.exec(xml)?.slice(1) ?? [];
        assert.deepEqual(attachments.get(id), DATA);
        assert.doesNotMatch(xml, new RegExp(DATA.toBase64().slice(0, 6)));
        // What came goes back under another name that has to be decoded.
        const answer = writeMultipart(
          envelope(
            `<AskResponse xmlns="urn:test"><bytes><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:a%20b@x"/></bytes><bytes>AQ==</bytes></AskResponse>`,
            version === '1.1' ? {} : { version: ENVELOPE12 },
          ),
          [{ contentId: 'a b@x', mediaType: 'image/png', bytes: attachments.get(id) ?? new Uint8Array() }],
          version,
          '',
        );
        res.setHeader('content-type', answer.contentType);
        res.end(answer.body);
      });
      await using source = await openAsk(server.url, { mtom: true }, { version });
      assert.deepEqual(settled(await ask(source, { bytes: [DATA] })), { bytes: [DATA, new Uint8Array([1])] });
    });
  }

  it('is only sent where told, and a message without bytes is a plain one', async () => {
    await using server = await startScripted((_seen, res) => {
      res.setHeader('content-type', 'text/xml');
      res.end(envelope('<AskResponse xmlns="urn:test"/>'));
    });
    await using plain = await openAsk(server.url);
    await ask(plain, { bytes: [DATA] });
    await using mtom = await openAsk(server.url, { mtom: true });
    await ask(mtom, { text: 'x' });
    for (const { headers } of server.seen) assert.match(headers['content-type'] ?? '', /^text\/xml/);
    assert.match(server.seen[0]?.body.toString() ?? '', new RegExp(DATA.toBase64()));
  });

  it('a reference to a part that is not there is a fault in its place', async () => {
    await using server = await startScripted((_seen, res) => {
      const answer = writeMultipart(
        envelope(
          '<AskResponse xmlns="urn:test"><bytes><x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:gone"/></bytes></AskResponse>',
        ),
        [],
        '1.1',
        '',
      );
      res.setHeader('content-type', answer.contentType);
      res.end(answer.body);
    });
    await using source = await openAsk(server.url);
    const value = await ask(source);
    assert.throws(() => settled(value), { code: 'unexpected-element' });
  });
});
