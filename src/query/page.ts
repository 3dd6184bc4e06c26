// Knows: pages: how many rows a client may ask for, and keyset cursors, opaque to clients and bound to collection,
// filter and order.
// Must not know: who pages.

import { Fault } from '../fault.ts';
import { parseScalar, scalarText, type Value } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import type { Filter } from './filter.ts';
import { shown } from './literal.ts';
import type { Order } from './order.ts';
import type { Sealing } from './sealing.ts';

/**
 * Rows of a page. Throws `invalid` (`bad-first`) for what is no number of rows, `too-costly` (`page-limit`) for more than
 * the policy allows. `asked`: what the client wrote.
 */
export function checkFirst(first: number, { maxRows }: Policy['page'], asked = String(first)): void {
  if (first > maxRows) {
    throw new Fault('too-costly', `"first" is ${first}; the limit is ${maxRows}`, {
      code: 'page-limit',
      parameter: 'first',
      hint: 'Read page by page with "after", or stream the list over REST as application/x-ndjson without "first".',
    });
  }
  if (!Number.isInteger(first) || first < 1) {
    throw new Fault('invalid', `"first" is a whole number from 1 to ${maxRows}, not ${shown(asked)}`, {
      code: 'bad-first',
      parameter: 'first',
    });
  }
}

/** Behind which row a page begins: its values under the total order, or (keyless) how many rows come before. */
export type Position = (
  | { readonly kind: 'values'; readonly values: readonly Value[] }
  | { readonly kind: 'offset'; readonly offset: number }
) & {
  /** The version of the data that the row is of, where its source tells one. */
  readonly version?: string;
};

/**
 * 53-bit text hash (a pair of multiply-xorshift rounds). It keeps honest mistakes apart, a cursor of another list
 * or a damaged one; it is no signature: a cursor grants nothing that its request does not.
 */
function checksum(text: string): string {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x27d4eb2f);
    b = Math.imul(b ^ unit, 0x165667b1);
  }
  a = Math.imul(a ^ (a >>> 16), 0x2c1b3c6d) ^ Math.imul(b ^ (b >>> 13), 0x297a2d39);
  b = Math.imul(b ^ (b >>> 16), 0x2c1b3c6d) ^ Math.imul(a ^ (a >>> 13), 0x297a2d39);
  return ((b >>> 0) * 0x200000 + (a >>> 11)).toString(36);
}

/** Text of data that holds values, bigints and bytes included: equal data give equal text. */
export function identity(data: unknown): string {
  return JSON.stringify(data, (_name, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? value.toBase64() : value,
  );
}

/** What a cursor is bound to: equal for equal collection, filter and order. */
export function fingerprint(collection: string, where: Filter, order: Order): string {
  return checksum(identity([collection, where, order]));
}

const utf8 = new TextEncoder();

/** Before a version in a cursor, and behind it: neither begins a position, and no version has a blank. */
const VERSION = /^@([\x21-\x7e]+) /;

/** `sealing`: for cursors whose values the client must neither read nor make up. */
export function writeCursor(boundTo: string, order: Order, position: Position, sealing?: Sealing): string {
  const { version } = position;
  const place =
    position.kind === 'offset'
      ? String(position.offset)
      : JSON.stringify(
          order.map(({ type }, i) => {
            const value = position.values[i] ?? null;
            return value === null ? null : scalarText(type, value);
          }),
        );
  const body = version === undefined ? place : `@${version} ${place}`;
  if (sealing !== undefined) return sealing.seal(body, boundTo);
  const text = `${checksum(boundTo + body)}.${body}`;
  return utf8.encode(text).toBase64({ alphabet: 'base64url', omitPadding: true });
}

/** Throws `invalid` for a cursor that was damaged, made up, or given out for another list, filter or order. */
export function readCursor(boundTo: string, order: Order, cursor: string, sealing?: Sealing): Position {
  const body = sealing === undefined ? bodyOf(boundTo, cursor) : sealing.open(cursor, boundTo);
  if (body === undefined) throw foreign();
  const [prefix = '', version] = VERSION.exec(body) ?? [];
  const of = version === undefined ? {} : { version };
  const place = body.slice(prefix.length);
  if (/^\d{1,15}$/.test(place)) return { kind: 'offset', offset: Number(place), ...of };
  const parsed = parsedOf(place);
  if (!Array.isArray(parsed) || parsed.length !== order.length) throw foreign();
  const values = order.map(({ type }, i): Value => {
    const item: unknown = parsed[i];
    if (item === null) return null;
    const value = typeof item === 'string' ? parseScalar(type, item) : undefined;
    if (value === undefined) throw foreign();
    return value;
  });
  return { kind: 'values', values, ...of };
}

/** Whoever knows how cursors are made can make one of anything. */
function parsedOf(place: string): unknown {
  try {
    return JSON.parse(place);
  } catch {
    throw foreign();
  }
}

function bodyOf(boundTo: string, cursor: string): string | undefined {
  const text = decode(cursor);
  const dot = text.indexOf('.');
  const body = text.slice(dot + 1);
  return dot < 0 || text.slice(0, dot) !== checksum(boundTo + body) ? undefined : body;
}

function decode(cursor: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(
      Uint8Array.fromBase64(cursor, { alphabet: 'base64url' }),
    );
  } catch {
    throw foreign();
  }
}

function foreign(): Fault {
  return new Fault('invalid', 'The cursor does not belong to this list, filter and order', {
    code: 'bad-cursor',
    parameter: 'after',
    hint: 'Use a cursor of an earlier page of the same request, or leave it out to begin at the first row.',
  });
}
