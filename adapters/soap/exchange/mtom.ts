// Knows: MTOM messages: an envelope and binary parts in multipart/related (XOP 1.0, section 4; RFC 2046, section 5.1; RFC 2387).
// Must not know: HTTP, envelopes.

import { Fault } from '#spi';
import type { Attachment, SoapVersion } from './message.ts';

export interface Multipart {
  readonly contentType: string;
  readonly body: Uint8Array;
}

const ROOT_ID = 'envelope@overpunch';
const MEDIA = { '1.1': 'text/xml', '1.2': 'application/soap+xml' } as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder('latin1');

/** `action`: of SOAP 1.2, where it is a parameter of the media type. */
export function writeMultipart(
  envelope: string,
  attachments: readonly Attachment[],
  version: SoapVersion,
  action: string,
): Multipart {
  const boundary = boundaryFor(envelope, attachments);
  const media = MEDIA[version];
  const own = version === '1.2' ? `; action=${quoted(action)}` : '';
  const pieces = [
    head(boundary, `application/xop+xml; charset=UTF-8; type="${media}"`, ROOT_ID, '8bit'),
    encoder.encode(envelope),
    ...attachments.flatMap(({ contentId, mediaType, bytes }) => [
      head(boundary, mediaType, contentId, 'binary'),
      bytes,
    ]),
    encoder.encode(`\r\n--${boundary}--\r\n`),
  ];
  return {
    contentType: `multipart/related; type="application/xop+xml"; start="<${ROOT_ID}>"; start-info="${media}"; boundary="${boundary}"${own}`,
    body: joined(pieces),
  };
}

function head(boundary: string, contentType: string, contentId: string, encoding: string): Uint8Array {
  return encoder.encode(
    `\r\n--${boundary}\r\nContent-Type: ${contentType}\r\nContent-Transfer-Encoding: ${encoding}\r\nContent-ID: <${contentId}>\r\n\r\n`,
  );
}

/** One that stands in no part. */
function boundaryFor(envelope: string, attachments: readonly Attachment[]): string {
  // Every number that stands behind the word anywhere, and every beginning of it, is taken.
  const taken = new Set<string>();
  for (const text of [envelope, ...attachments.map(({ bytes }) => decoder.decode(bytes))]) {
    for (const [, digits = ''] of text.matchAll(/overpunch-boundary-(\d{1,9})/g)) {
      for (let length = 1; length <= digits.length; length++) taken.add(digits.slice(0, length));
    }
  }
  let n = 0;
  while (taken.has(String(n))) n++;
  return `overpunch-boundary-${n}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, (character) => `\\${character}`)}"`;
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

export function isMultipart(contentType: string | undefined): contentType is string {
  return /^\s*multipart\//i.test(contentType ?? '');
}

interface PartOf {
  readonly contentId: string | undefined;
  readonly contentType: string | undefined;
  readonly bytes: Uint8Array;
}

export interface ReadMultipart {
  readonly root: PartOf;
  /** Content-ID without angle brackets → bytes. */
  readonly attachments: ReadonlyMap<string, Uint8Array>;
}

/** More parts than anybody needs are an attack. */
const MAX_PARTS = 1_000;
const MAX_HEAD_BYTES = 16_384;

/** Throws `upstream`, `bad-multipart`. */
export function readMultipart(bytes: Uint8Array, contentType: string): ReadMultipart {
  const boundary = parameterOf(contentType, 'boundary');
  if (boundary === undefined || boundary === '' || boundary.length > 200) throw broken('without a boundary');
  const parts = split(bytes, boundary).map(partOf);
  const start = parameterOf(contentType, 'start')?.replace(/^<|>$/g, '');
  const root = parts.find(({ contentId }) => start !== undefined && contentId === start) ?? parts[0];
  if (root === undefined) throw broken('without parts');
  const rest = parts.filter((part) => part !== root);
  return {
    root,
    attachments: new Map(
      rest.flatMap(({ contentId, bytes: own }) => (contentId === undefined ? [] : [[contentId, own]])),
    ),
  };
}

function parameterOf(contentType: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'i').exec(
    contentType,
  );
  return match === null ? undefined : (match[1]?.replace(/\\(.)/g, '$1') ?? match[2]);
}

/** The bytes of each part, between delimiter lines. */
function split(bytes: Uint8Array, boundary: string): readonly Uint8Array[] {
  const delimiter = encoder.encode(`--${boundary}`);
  const parts: Uint8Array[] = [];
  let from: number | undefined;
  // A delimiter stands at the beginning of a line; the line end before it belongs to it. No byte is looked at more than twice.
  for (let at = 0; at >= 0; at = nextLine(bytes, at)) {
    if (!delimiter.every((byte, i) => bytes[at + i] === byte)) continue;
    if (from !== undefined) parts.push(bytes.subarray(from, at - (bytes[at - 2] === CR ? 2 : 1)));
    if (parts.length > MAX_PARTS) throw broken(`of more than ${MAX_PARTS} parts`);
    const behind = at + delimiter.length;
    if (bytes[behind] === DASH && bytes[behind + 1] === DASH) return parts;
    const lineEnd = bytes.indexOf(LF, behind);
    if (lineEnd < 0) break;
    from = lineEnd + 1;
  }
  throw broken('that breaks off');
}

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;

/** Where the line after the one at `from` begins; -1 if there is none. */
function nextLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 ? -1 : end + 1;
}

function partOf(bytes: Uint8Array): PartOf {
  const { head: text, body } = headAndBody(bytes);
  const header = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]*((?:.*(?:\\r?\\n[ \\t].*)*))$`, 'im')
      .exec(text)?.[1]
      ?.replace(/\s+/g, ' ')
      .trim();
  return {
    contentId: header('Content-ID')?.replace(/^<|>$/g, ''),
    contentType: header('Content-Type'),
    bytes: transferDecoded(body, header('Content-Transfer-Encoding')?.toLowerCase()),
  };
}

/** An empty line ends the header fields; a part may begin with it. */
function headAndBody(bytes: Uint8Array): { readonly head: string; readonly body: Uint8Array } {
  const text = decoder.decode(bytes.subarray(0, MAX_HEAD_BYTES));
  const match = /^\r?\n|\r?\n\r?\n/.exec(text);
  if (match === null) throw broken('with a part without an end of its header');
  const from = match.index + match[0].length;
  return { head: text.slice(0, match.index), body: bytes.subarray(from) };
}

function transferDecoded(bytes: Uint8Array, encoding: string | undefined): Uint8Array {
  switch (encoding) {
    case undefined:
    case '7bit':
    case '8bit':
    case 'binary':
      return bytes;
    case 'base64':
      try {
        return Uint8Array.fromBase64(decoder.decode(bytes));
      } catch {
        throw broken('with a part that is no base64');
      }
    case 'quoted-printable':
      return quotedPrintable(bytes);
    default:
      throw broken('with a part in a transfer encoding that is not known');
  }
}

const BLANKS = [0x20, 0x09];
const EQUALS = 0x3d;

/** RFC 2045, section 6.7: line by line, because blanks at the end of a line do not count and an `=` there joins it with the next. */
function quotedPrintable(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let from = 0; from < bytes.length; ) {
    const lf = bytes.indexOf(LF, from);
    const next = lf < 0 ? bytes.length : lf + 1;
    const lineEnd = lf < 0 ? next : lf > from && bytes[lf - 1] === CR ? lf - 1 : lf;
    let end = lineEnd;
    while (end > from && BLANKS.includes(bytes[end - 1] ?? 0)) end--;
    const joined = lf >= 0 && end > from && bytes[end - 1] === EQUALS;
    if (joined) end--;
    for (let at = from; at < end; at++) {
      const high = bytes[at] === EQUALS && at + 2 < end ? digitOf(bytes[at + 1]) : -1;
      const low = high < 0 ? -1 : digitOf(bytes[at + 2]);
      out[length++] = low < 0 ? (bytes[at] ?? 0) : high * 16 + low;
      if (low >= 0) at += 2;
    }
    if (!joined) for (let at = lineEnd; at < next; at++) out[length++] = bytes[at] ?? 0;
    from = next;
  }
  return out.slice(0, length);
}

/** Value of a hexadecimal digit, -1 for anything else. */
function digitOf(byte: number | undefined): number {
  const character = String.fromCharCode(byte ?? 0);
  return /[0-9A-Fa-f]/.test(character) ? Number.parseInt(character, 16) : -1;
}

function broken(how: string): Fault {
  return new Fault('upstream', `The service answered with a multipart message ${how}`, {
    code: 'bad-multipart',
  });
}
