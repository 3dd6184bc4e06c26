// The wire between the gateway and a host: it can be cut, and it can go silent, as behind a firewall that forgets its connections.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Wire extends AsyncDisposable {
  readonly port: number;
  /** Connections that are there break, and no new one comes about. */
  cut(): void;
  /** Connections that are there stay open and nothing comes through them any more, ever; new ones are as silent. */
  silence(): void;
  /** New connections are as they should be. Those that went silent stay so. */
  mend(): void;
}

/** `to`: the port of the host on the loopback. */
export async function wireTo(to: number): Promise<Wire> {
  const open = new Set<Socket>();
  let silent = false;
  const hold = (socket: Socket): void => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  };
  const server = createServer((near) => {
    hold(near);
    if (silent) return;
    const far = connect(to, '127.0.0.1');
    hold(far);
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const closed = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of open) socket.destroy();
    await once(server, 'close');
  };
  return {
    port,
    cut: () => void closed(),
    silence() {
      silent = true;
      for (const socket of open) {
        socket.unpipe();
        socket.removeAllListeners('data');
        // Read, so that its end is seen; what comes is dropped.
        socket.resume();
      }
    },
    mend() {
      silent = false;
      if (!server.listening) server.listen(port, '127.0.0.1');
    },
    [Symbol.asyncDispose]: closed,
  };
}
