// Knows: how the body of an HTTP answer is unpacked (RFC 9110, section 8.4), never to more than a limit.
// Must not know: what stands in it.

import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { Fault } from '#spi';

type Unpack = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Uint8Array>;

const WAYS: Readonly<Record<string, Unpack>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  // "deflate" is zlib's format; some servers send it without the header of zlib.
  deflate: (bytes, options) =>
    ((bytes[0] ?? 0) % 16 === 8 ? promisify(inflate) : promisify(inflateRaw))(bytes, options),
  br: promisify(brotliDecompress),
};

/** Throws `upstream`: `bad-compression`, `reply-too-large`. */
export async function unpacked(
  bytes: Uint8Array,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Uint8Array> {
  const names = (encoding ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '' && name !== 'identity');
  if (bytes.length === 0) return bytes;
  let body = bytes;
  for (const name of names.toReversed()) {
    const unpack = Object.hasOwn(WAYS, name) ? WAYS[name] : undefined;
    if (unpack === undefined) throw broken(`in a way that is not known`);
    try {
      body = await unpack(body, { maxOutputLength: maxBytes });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
        throw new Fault('upstream', `The answer of the service unpacks to more than ${maxBytes} bytes`, {
          code: 'reply-too-large',
          hint: 'limits: { maxReplyBytes }',
        });
      }
      throw broken('and damaged');
    }
  }
  return body;
}

function broken(how: string): Fault {
  return new Fault('upstream', `The answer of the service is packed ${how}`, { code: 'bad-compression' });
}
