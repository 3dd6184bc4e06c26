// Knows: entity tags (RFC 9110, section 8.8.3): that of an answer, and the lists of them that conditional requests bring.
// Must not know: what is answered, which requests have conditions.

import { hash } from 'node:crypto';
import { Fault } from '../fault.ts';

/** Strong: of exactly these bytes. */
export function etagOf(body: Uint8Array): string {
  return `"${hash('sha256', body, 'base64url').slice(0, 27)}"`;
}

/** RFC 9110, section 13.1.2: `*`, or a list of tags of which one is ours; weak and strong ones compare alike. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  return ifNoneMatch.match(/"[^"]*"/g)?.includes(etag) ?? false;
}

/** One tag, or nothing, of a list; behind it a comma or the end (RFC 9110, sections 5.6.1 and 8.8.3). */
const LISTED = /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y;

/**
 * The strong tags of an `If-Match`: a weak one never matches (RFC 9110, section 13.1.1). Throws `invalid` for what is no such list: a
 * condition that is not understood must not pass for one that does not hold.
 */
export function readIfMatch(text: string): '*' | readonly string[] {
  if (text.trim() === '*') return '*';
  const strong: string[] = [];
  LISTED.lastIndex = 0;
  let any = false;
  while (LISTED.lastIndex < text.length) {
    const found = LISTED.exec(text);
    if (found === null) throw noTags();
    const [, weak, tag] = found;
    any ||= tag !== undefined;
    if (weak === undefined && tag !== undefined) strong.push(tag);
  }
  if (!any) throw noTags();
  return strong;
}

function noTags(): Fault {
  return new Fault('invalid', 'If-Match is *, or entity tags with commas between them', {
    code: 'bad-header',
    parameter: 'If-Match',
    hint: 'The ETag of the GET as it came, with its quotes',
  });
}
