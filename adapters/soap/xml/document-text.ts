// Knows: which charset the bytes of an XML document have (RFC 7303, section 3).
// Must not know: XML beyond its declaration.

import { type Charset, openCharset } from '#codec/charset';
import { Fault } from '#spi';

/**
 * Bytes → text: by the byte order mark, else the `charset` of the HTTP content type, else the XML declaration, else UTF-8. Throws
 * `upstream`: `unknown-charset`, or `bad-characters` for bytes that the charset does not have.
 */
export function documentText(bytes: Uint8Array, contentType?: string): string {
  const mark = byteOrderMark(bytes);
  const name = mark?.charset ?? charsetOf(contentType) ?? declaredCharset(bytes) ?? 'utf-8';
  const from = mark?.length ?? 0;
  if (/^utf-?8$/i.test(name)) return utf8Text(bytes.subarray(from));
  const charset = charsetNamed(name, bytes);
  try {
    return charset.decode(bytes, from, bytes.length);
  } catch (cause) {
    throw undecodable(charset.name, cause);
  }
}

interface Mark {
  readonly charset: string;
  readonly length: number;
}

function byteOrderMark(bytes: Uint8Array): Mark | undefined {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { charset: 'utf-8', length: 3 };
  if (a === 0xfe && b === 0xff) return { charset: 'utf-16be', length: 2 };
  if (a === 0xff && b === 0xfe) return { charset: 'utf-16le', length: 2 };
  return undefined;
}

/** The `charset` parameter of a media type. */
function charsetOf(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)"?/i.exec(contentType ?? '')?.[1];
}

const DECLARATION_BYTES = 200;

/** By the first bytes of `<?xml` (XML 1.0, appendix F), then by what the declaration says. */
function declaredCharset(bytes: Uint8Array): string | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0 && b === 0x3c && c === 0 && d === 0x3f) return 'utf-16be';
  if (a === 0x3c && b === 0 && c === 0x3f && d === 0) return 'utf-16le';
  const ebcdic = a === 0x4c && b === 0x6f && c === 0xa7;
  const head = bytes.subarray(0, DECLARATION_BYTES);
  const text = ebcdic ? openCharset('cp037').decode(head, 0, head.length) : String.fromCharCode(...head);
  return /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(text)?.[1] ?? (ebcdic ? 'cp037' : undefined);
}

/** A document that calls itself UTF-16 says by its first character which of the two it is. */
function charsetNamed(name: string, bytes: Uint8Array): Charset {
  const exact = /^utf-?16$/i.test(name) ? (bytes[0] === 0 ? 'utf-16be' : 'utf-16le') : name;
  try {
    return openCharset(exact);
  } catch (cause) {
    throw new Fault(
      'upstream',
      `The XML is in the charset ${JSON.stringify(name.slice(0, 40))}, which is not known`,
      {
        code: 'unknown-charset',
        cause,
      },
    );
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Text(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch (cause) {
    throw undecodable('utf-8', cause);
  }
}

function undecodable(charset: string, cause: unknown): Fault {
  return new Fault('upstream', `The XML has bytes that are no character of ${charset}`, {
    code: 'bad-characters',
    cause,
  });
}
