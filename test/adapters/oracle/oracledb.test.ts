// The real driver as far as it goes without a server: that it takes what it is given, and what it says when nobody answers.

import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { after, describe, it } from 'node:test';
import { Fault } from '#spi';
import { adapter } from '../../../adapters/oracle/oracle.ts';
import { access, fault, host } from './server.ts';

/** A server that listens; `answer` is what it does with who comes. */
async function listening(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    answer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const open = (given: object) =>
  adapter.open(
    adapter.options.parse({
      ...access,
      host: '127.0.0.1',
      pool: { waitMs: 1_000 },
      collections: {},
      ...given,
    }),
    host,
  );

/** TNS: a refusal of the listener with the error of its own for an unknown service. */
function refuse(socket: Socket): void {
  const text = '(DESCRIPTION=(ERR=12514)(VSNNUM=0)(ERROR_STACK=(ERROR=(CODE=12514)(EMFI=4))))';
  const packet = Buffer.alloc(12 + text.length);
  packet.writeUInt16BE(packet.length, 0);
  packet.writeUInt8(4, 4);
  packet.writeUInt16BE(text.length, 10);
  packet.write(text, 12, 'latin1');
  socket.once('data', () => socket.end(packet));
}

describe('the driver oracledb', () => {
  it('takes the settings of a pool, and a port where nobody listens is a database that cannot be reached', async () => {
    await assert.rejects(open({ port: 1 }), fault('unavailable', 'cannot-connect'));
  });

  it('a server that does not answer is not waited for longer than the pool allows', async () => {
    const port = await listening(() => {});
    await assert.rejects(open({ port }), (error) => {
      assert.ok(error instanceof Fault);
      // Two timers of the driver end at the same time.
      assert.match(error.code, /^(?:no-connection|cannot-connect)$/);
      return true;
    });
  });

  it('a server that speaks no TLS is not spoken to without', async () => {
    const port = await listening((socket) => socket.once('data', () => socket.end('no TLS here')));
    await assert.rejects(open({ port, tls: {} }), fault('unavailable', 'tls'));
  });

  it('a service that the listener does not know is no database', async () => {
    const port = await listening(refuse);
    await assert.rejects(open({ port }), fault('unavailable', 'no-database'));
  });

  it('a name that tnsnames.ora does not have is a mistake in the configuration', async () => {
    const given = {
      host: undefined,
      service: undefined,
      connectString: 'NOWHERE',
      configDir: import.meta.dirname,
    };
    await assert.rejects(open(given), fault('invalid', 'bad-connection', true));
  });
});
