// TDS packets: a header of eight bytes, messages of several packets. [MS-TDS] 2.2.3.

/** What a message is. */
export const KIND = {
  batch: 0x01,
  rpc: 0x03,
  response: 0x04,
  attention: 0x06,
  transaction: 0x0e,
  login: 0x10,
  prelogin: 0x12,
} as const;

const HEADER = 8;
const LAST = 0x01;
const IGNORED = 0x02;

export interface Message {
  readonly kind: number;
  readonly data: Buffer;
  /** The client has changed its mind while it sent this. */
  readonly ignored: boolean;
  readonly packets: number;
}

/** Puts what comes from the socket together to messages. */
export function messageReader(take: (message: Message) => void): (chunk: Buffer) => void {
  let bytes = Buffer.alloc(0);
  let parts: Buffer[] = [];
  return (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= HEADER) {
      const length = bytes.readUInt16BE(2);
      if (bytes.length < length) return;
      const kind = bytes.readUInt8(0);
      const status = bytes.readUInt8(1);
      parts.push(bytes.subarray(HEADER, length));
      bytes = bytes.subarray(length);
      if ((status & LAST) === 0) continue;
      const message = {
        kind,
        data: Buffer.concat(parts),
        ignored: (status & IGNORED) !== 0,
        packets: parts.length,
      };
      parts = [];
      take(message);
    }
  };
}

export function packet(kind: number, data: Buffer, last: boolean, number = 1): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(kind, 0);
  header.writeUInt8(last ? LAST : 0, 1);
  header.writeUInt16BE(data.length + HEADER, 2);
  header.writeUInt8(number % 256, 6);
  return Buffer.concat([header, data]);
}

/** A response on its way: full packets leave as they fill, and the writer waits for a slow reader. */
export interface Response {
  write(bytes: Buffer): void;
  /** Resolved when the socket takes more. */
  ready(): Promise<void>;
  end(): void;
}

export function responseTo(
  send: (bytes: Buffer) => boolean,
  drained: () => Promise<void>,
  packetSize: number,
): Response {
  const room = packetSize - HEADER;
  let pending: Buffer[] = [];
  let length = 0;
  let number = 0;
  let full = false;
  const flush = (last: boolean): void => {
    let bytes = Buffer.concat(pending);
    while (bytes.length > room || (last && bytes.length >= 0)) {
      const part = bytes.subarray(0, room);
      const isLast = last && bytes.length <= room;
      number++;
      if (!send(packet(KIND.response, part, isLast, number))) full = true;
      bytes = bytes.subarray(room);
      if (isLast) break;
    }
    pending = [bytes];
    length = bytes.length;
  };
  return {
    write(bytes) {
      pending.push(bytes);
      length += bytes.length;
      if (length > room) flush(false);
    },
    async ready() {
      if (!full) return;
      await drained();
      full = false;
    },
    end: () => flush(true),
  };
}
