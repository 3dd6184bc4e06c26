// Knows: what a writing request's headers ask beside the change itself: conditions (RFC 9110, section 13) and preferences (RFC 7240).
// Must not know: how a condition is checked, how a preference is met.

import { Fault } from '../fault.ts';
import { readIfMatch } from './etag.ts';

/** The headers that make a request conditional, as they came. */
interface ConditionHeaders {
  readonly 'if-match'?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
}

export interface Conditions {
  /** `If-Match`: the row is there and, unless `*`, its answer has one of these strong tags. */
  readonly match?: '*' | readonly string[];
  /** `If-None-Match: *`: the row is not there. */
  readonly absent: boolean;
}

const NONE: Conditions = { absent: false };

/** Throws `unsupported` for a condition that could only be passed over, `invalid` for one that is none. */
export function readConditions(
  method: string,
  on: 'item' | 'list' | 'batch',
  { 'if-match': match, 'if-none-match': noneMatch }: ConditionHeaders,
): Conditions {
  if (match === undefined && noneMatch === undefined) return NONE;
  if (on !== 'item') {
    throw unsupportedCondition(
      match === undefined ? 'If-None-Match' : 'If-Match',
      on === 'batch'
        ? 'Give the values that a row still has as "expected" of its change'
        : 'Send it with a PUT, PATCH or DELETE of one row',
    );
  }
  if (noneMatch !== undefined && (method !== 'PUT' || noneMatch.trim() !== '*')) {
    throw unsupportedCondition(
      'If-None-Match',
      'If-None-Match: * with a PUT; If-Match for rows that are there',
    );
  }
  if (match === undefined) return { absent: true };
  if (noneMatch === undefined) return { absent: false, match: readIfMatch(match) };
  throw new Fault('invalid', 'If-Match wants the row to be there, If-None-Match: * wants it not to be', {
    code: 'bad-header',
    parameter: 'If-Match',
  });
}

function unsupportedCondition(header: string, hint: string): Fault {
  return new Fault('unsupported', `${header} cannot be checked here`, {
    code: 'unsupported-condition',
    parameter: header,
    hint,
  });
}

/** What the client wants to be told of its change; undefined: it does not say. Of several the first counts (RFC 7240, section 2). */
export function readPreferred(
  prefer: string | readonly string[] | undefined,
): 'minimal' | 'representation' | undefined {
  const wanted = preferenceOf(prefer, 'return')?.toLowerCase();
  return wanted === 'minimal' || wanted === 'representation' ? wanted : undefined;
}

/** `wait`: how long the client wants to wait for its answer, in seconds (RFC 7240, section 4.3). What makes no sense is passed over. */
export function readWait(prefer: string | readonly string[] | undefined): number | undefined {
  const wanted = preferenceOf(prefer, 'wait') ?? '';
  return /^[1-9]\d{0,8}$/.test(wanted) ? Number(wanted) : undefined;
}

/** Of a preference that is told several times, the first. */
function preferenceOf(prefer: string | readonly string[] | undefined, wanted: string): string | undefined {
  if (prefer === undefined) return undefined;
  for (const preference of [prefer].flat().flatMap((header) => header.split(','))) {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=').map((part) => part.trim());
    if (name.toLowerCase() === wanted) return value.replaceAll('"', '');
  }
  return undefined;
}
