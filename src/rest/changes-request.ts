// Knows: how the query string and headers of `/api/{collection}/changes` become a request to watch.
// Must not know: HTTP servers, how a watch is carried out, how events are written.

import { Fault } from '../fault.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { shown } from '../query/literal.ts';
import { isPosition, type WatchRequest } from '../query/watching.ts';
import { type ChangesForm, negotiateChanges } from './negotiate.ts';
import { readParameters, splitQuery } from './parameters.ts';
import { queryOf } from './parse.ts';
import { readSelection } from './select.ts';

export interface ChangesRequest {
  readonly collection: CatalogCollection;
  readonly form: ChangesForm;
  readonly request: WatchRequest;
}

/** What changes are asked by; headers as they came. */
export interface ChangesAsked {
  readonly url: string;
  readonly accept: string | undefined;
  readonly lastEventId: string | undefined;
}

/**
 * The header `Last-Event-ID` goes before the parameters: a browser that reconnects asks the address that it was given, with the header
 * beside it. Throws `invalid` for anything that is not understood.
 */
export function parseChanges(
  collection: CatalogCollection,
  { url, accept, lastEventId }: ChangesAsked,
  catalog: Catalog,
): ChangesRequest {
  const form = negotiateChanges(accept);
  const { given } = readParameters(splitQuery(queryOf(url)), collection, 'changes');
  const selection = readSelection(catalog, collection, given.get('select'), given.get('include'));
  const named = readPosition(given.get('after'), 'after');
  const other = readPosition(given.get('lastEventId'), 'lastEventId');
  if (named !== undefined && other !== undefined) {
    throw new Fault('invalid', '"after" and "lastEventId" mean the same: only one can be given', {
      code: 'repeated-parameter',
      parameter: 'lastEventId',
    });
  }
  // A browser that has seen no id yet sends none; an empty one says the same.
  const resumed = lastEventId === '' ? undefined : readPosition(lastEventId, 'Last-Event-ID');
  const after = resumed ?? named ?? other;
  return {
    collection,
    form,
    request: {
      collection: collection.name,
      selection,
      live: form === 'events',
      ...(after === undefined ? {} : { after }),
    },
  };
}

function readPosition(text: string | undefined, parameter: string): string | undefined {
  if (text === undefined || isPosition(text)) return text;
  throw new Fault('invalid', `${shown(text)} is no position`, {
    code: 'bad-position',
    parameter,
    hint: 'The position of an earlier event, as it was told',
  });
}
