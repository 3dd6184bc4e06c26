// Knows: what a server answers about encryption before the login, and that nothing more is said to one that will not encrypt. The driver
// itself would go on and send the password for anyone to read.
// Must not know: statements, TLS itself. [MS-TDS] 2.2.6.5.

import { connect, type Socket } from 'node:net';

const HEADER = 8;
const ENCRYPTION = 1;
const TERMINATOR = 0xff;
const ENCRYPTED = new Set([1, 3]);

/** For the driver's option `connector`, which gives it the address that it found. */
export function encryptedSocket(...asked: readonly unknown[]): Promise<Socket> {
  const [address, , signal] = asked;
  const socket = connect(addressOf(address));
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  socket.once('error', reject);
  socket.once('connect', () => {
    socket.off('error', reject);
    resolve(socket);
  });
  if (signal instanceof AbortSignal) {
    signal.addEventListener('abort', () => {
      socket.destroy();
      reject(signal.reason);
    });
  }
  let answer = Buffer.alloc(0);
  const look = (chunk: Buffer): void => {
    answer = Buffer.concat([answer, chunk]);
    const encryption = encryptionOf(answer);
    if (encryption === undefined) return;
    socket.off('data', look);
    if (!ENCRYPTED.has(encryption)) socket.destroy(refusal());
  };
  socket.on('data', look);
  // Nobody reads yet: listening alone must not let the answer flow past the driver.
  socket.pause();
  return promise;
}

function addressOf(address: unknown): { readonly host: string; readonly port: number } {
  if (typeof address === 'object' && address !== null && 'host' in address && 'port' in address) {
    return { host: String(address.host), port: Number(address.port) };
  }
  throw new TypeError('the driver names no address');
}

/** What the server says of encryption; undefined while its answer is not all there. */
function encryptionOf(answer: Buffer): number | undefined {
  if (answer.length < HEADER || answer.length < answer.readUInt16BE(2)) return undefined;
  for (let at = HEADER; at + 5 <= answer.length && answer[at] !== TERMINATOR; at += 5) {
    if (answer[at] === ENCRYPTION) return answer[HEADER + answer.readUInt16BE(at + 1)] ?? 0;
  }
  return 0;
}

function refusal(): Error {
  return Object.assign(new Error('The server does not encrypt'), { code: 'ERR_TLS_REFUSED' });
}
