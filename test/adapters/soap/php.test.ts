// Against a SOAP server that is not ours: PHP's.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Fault, settled } from '#spi';
import { hasPhp, type PhpServer, startPhp } from '../../fakes/php-server.ts';
import { skipUnless } from '../../skip.ts';
import { invoke, openSoap } from './opening.ts';

describe('PHP’s SoapServer', { skip: skipUnless(hasPhp(), 'php-cli and php-soap are not installed') }, () => {
  let php: PhpServer;
  before(async () => {
    php = await startPhp();
  });
  after(() => php?.[Symbol.asyncDispose]());

  const encoded = () => openSoap({ wsdl: 'test/fakes/php/encoded.wsdl', endpoint: `${php.url}/encoded.php` });
  const literal = (port: string) =>
    openSoap({
      wsdl: 'test/fakes/php/literal.wsdl',
      port,
      endpoint: `${php.url}/literal.php`,
      faults: [{ detail: 'NotFound', as: 'not-found' }],
    });

  it('rpc/encoded: arrays of structures, exact decimals, nil', async () => {
    await using source = await encoded();
    assert.deepEqual(
      settled(await invoke(source, 'getBookings', { ids: [1n, 2n, 9_007_199_254_740_993n] })),
      [
        {
          id: 1n,
          amount: '12345678901234567890.10',
          text: 'Zürich & <co> 1',
          bookedAt: '2026-03-01T09:30:00Z',
          open: false,
        },
        {
          id: 2n,
          amount: '12345678901234567890.10',
          text: null,
          bookedAt: '2026-03-01T09:30:00Z',
          open: true,
        },
        {
          id: 9_007_199_254_740_993n,
          amount: '12345678901234567890.10',
          text: 'Zürich & <co> 9007199254740993',
          bookedAt: '2026-03-01T09:30:00Z',
          open: false,
        },
      ],
    );
    assert.deepEqual(settled(await invoke(source, 'getBookings', { ids: [] })), []);
  });

  it('rpc/encoded: several parts out, the same structure there and back', async () => {
    await using source = await encoded();
    const booking = { id: 7n, amount: '0.10', text: '', bookedAt: '1582-10-10T00:00:00Z', open: true };
    assert.deepEqual(settled(await invoke(source, 'echo', { booking, note: ' <n> ' })), {
      booking,
      note: ' <n> ',
    });
  });

  it('rpc/encoded: a fault of the server is its own, and says which', async () => {
    await using source = await encoded();
    await assert.rejects(invoke(source, 'refuse', { code: 'Client' }), (error) => {
      assert.ok(error instanceof Fault);
      assert.deepEqual(
        [error.kind, error.sourceFault?.code, error.sourceFault?.reason],
        ['rejected', 'Client', 'The ledger is closed'],
      );
      return true;
    });
    await assert.rejects(invoke(source, 'refuse', { code: 'Server' }), { kind: 'upstream' });
  });

  for (const port of ['Customers11', 'Customers12']) {
    it(`document/literal, ${port}: values, an empty text beside nil, one tag as a list, headers both ways`, async () => {
      await using source = await literal(port);
      const answer = settled(
        await invoke(source, 'getCustomer', { id: 5n, session: { token: 'twelve chars' } }),
      );
      assert.deepEqual(answer, {
        result: { id: 5n, name: '', born: '0987-12-31', turnover: '0.10', tag: ['one'], address: null },
        usage: { calls: 12 },
      });
    });

    it(`document/literal, ${port}: attributes and lists there and back`, async () => {
      await using source = await literal(port);
      const customer = {
        id: 1n,
        name: 'Ünal & Söhne',
        turnover: '99999999999999999999.99',
        tag: ['a', '', 'c'],
        address: { street: 'Weg 1', zip: '0800', country: 'CH' },
      };
      assert.deepEqual(settled(await invoke(source, 'saveCustomer', { customer })), customer);
    });

    it(`document/literal, ${port}: a fault with typed detail, mapped by its element`, async () => {
      await using source = await literal(port);
      await assert.rejects(invoke(source, 'getCustomer', { id: -1n }), (error) => {
        assert.ok(error instanceof Fault);
        assert.equal(error.kind, 'not-found');
        assert.deepEqual(error.sourceFault?.detail, { notFound: { id: '-1' } });
        return true;
      });
    });
  }
});
