// TLS as TDS 7 has it: the handshake stands in PRELOGIN messages, what follows is plain TLS. [MS-TDS] 3.2.5.2.

import { Duplex } from 'node:stream';
import { createSecureContext, type SecureContextOptions, TLSSocket } from 'node:tls';
import { KIND, packet } from './packets.ts';

export interface Tunnel {
  /** Bytes of the client; in the handshake those inside of its packets. */
  feed(bytes: Buffer): void;
  readonly clear: TLSSocket;
  readonly shaken: Promise<void>;
}

export function tunnel(send: (bytes: Buffer) => void, credentials: SecureContextOptions): Tunnel {
  let shaking = true;
  let gathered: Buffer[] = [];
  // The client expects one message for each of its own.
  const flush = (): void => {
    if (gathered.length > 0) send(packet(KIND.prelogin, Buffer.concat(gathered), true));
    gathered = [];
  };
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      if (!shaking) send(chunk);
      else {
        if (gathered.length === 0) setImmediate(flush);
        gathered.push(chunk);
      }
      done();
    },
  });
  const clear = new TLSSocket(wire, {
    isServer: true,
    secureContext: createSecureContext({ minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ...credentials }),
  });
  const { promise: shaken, resolve } = Promise.withResolvers<void>();
  clear.once('secure', () => {
    setImmediate(() => {
      flush();
      shaking = false;
      resolve();
    });
  });
  clear.on('error', () => {});
  return { feed: (bytes) => void wire.push(bytes), clear, shaken };
}
