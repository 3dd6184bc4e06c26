// Knows: which media types a list or an item can be sent as, and how a client's Accept header chooses.
// Must not know: how any of them is written.

import { Fault } from '../fault.ts';

export type Representation = 'json' | 'ndjson' | 'csv';

/** Media types by representation, in our order of preference. */
export const MEDIA_TYPES: Record<Representation, string> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
};

const OFFERS: readonly (readonly [Representation, string])[] = [
  ['json', MEDIA_TYPES.json],
  ['ndjson', MEDIA_TYPES.ndjson],
  ['ndjson', 'application/ndjson'],
  ['csv', MEDIA_TYPES.csv],
];

interface Range {
  readonly type: string;
  readonly quality: number;
}

/**
 * RFC 9110, section 12.5.1: the quality of an offer is that of the most specific range that takes it in; 0 forbids it.
 * Among equals our own order decides. Throws a fault with code `not-acceptable` when nothing is left.
 */
export function negotiate(accept: string | undefined): Representation {
  if (accept === undefined || accept === '*/*' || accept === MEDIA_TYPES.json) return 'json';
  const ranges = accept.split(',').map(parseRange);
  let best: Representation | undefined;
  let bestQuality = 0;
  for (const [representation, type] of OFFERS) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) {
      best = representation;
      bestQuality = quality;
    }
  }
  if (best !== undefined) return best;
  throw new Fault('invalid', `Answers come as ${Object.values(MEDIA_TYPES).join(', ')}`, {
    code: 'not-acceptable',
    parameter: 'Accept',
  });
}

/** For what is answered in one form only. */
export function requireJson(accept: string | undefined): void {
  if (negotiate(accept) === 'json') return;
  throw new Fault('invalid', `This is answered as ${MEDIA_TYPES.json}`, {
    code: 'not-acceptable',
    parameter: 'Accept',
  });
}

function qualityOf(type: string, ranges: readonly Range[]): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`;
  for (const wanted of [type, family, '*/*']) {
    const range = ranges.find((candidate) => candidate.type === wanted);
    if (range !== undefined) return range.quality;
  }
  return 0;
}

/** `text/csv;q=0.5`; parameters other than `q` do not change what we would send. An unreadable quality forbids. */
function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  if (weight === undefined) return { type, quality: 1 };
  return {
    type,
    quality: /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight.slice(2)) : 0,
  };
}
