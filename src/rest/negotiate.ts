// Knows: which media types a list, an item or changes can be sent as, and how a client's Accept header chooses.
// Must not know: how any of them is written.

import { Fault } from '../fault.ts';

export type Representation = 'json' | 'ndjson' | 'csv';

/** Media types by representation, in our order of preference. */
export const MEDIA_TYPES: Record<Representation, string> = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  csv: 'text/csv',
};

/** Ways in which changes are told: as they happen, or those that have happened. */
export type ChangesForm = 'events' | 'ndjson';

export const CHANGES_TYPES: Record<ChangesForm, string> = {
  events: 'text/event-stream',
  ndjson: MEDIA_TYPES.ndjson,
};

const CHANGES_OFFERS: readonly Offer<ChangesForm>[] = [
  ['events', CHANGES_TYPES.events],
  ['ndjson', CHANGES_TYPES.ndjson],
  ['ndjson', 'application/ndjson'],
];

type Offer<Form> = readonly [form: Form, type: string];

const OFFERS: readonly Offer<Representation>[] = [
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
  return chosen(accept, OFFERS) ?? refuse(`Answers come as ${Object.values(MEDIA_TYPES).join(', ')}`);
}

/** The same for changes. */
export function negotiateChanges(accept = '*/*'): ChangesForm {
  return (
    chosen(accept, CHANGES_OFFERS) ??
    refuse(`Changes are told as ${Object.values(CHANGES_TYPES).join(' or ')}`)
  );
}

function chosen<Form>(accept: string, offers: readonly Offer<Form>[]): Form | undefined {
  const ranges = accept.split(',').map(parseRange);
  let best: Form | undefined;
  let bestQuality = 0;
  for (const [form, type] of offers) {
    const quality = qualityOf(type, ranges);
    if (quality > bestQuality) {
      best = form;
      bestQuality = quality;
    }
  }
  return best;
}

function refuse(message: string): never {
  throw new Fault('invalid', message, { code: 'not-acceptable', parameter: 'Accept' });
}

/** For what is answered in one form only. */
export function requireJson(accept: string | undefined): void {
  if (negotiate(accept) !== 'json') refuse(`This is answered as ${MEDIA_TYPES.json}`);
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
