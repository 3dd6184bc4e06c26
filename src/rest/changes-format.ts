// Knows: how an event is written: as a line of NDJSON, and as a block of an event stream (HTML Living Standard, section 9.2).
// Must not know: HTTP: where the text goes, and how events come about.

import { Fault } from '../fault.ts';
import type { Catalog } from '../model/catalog.ts';
import type { Json } from '../model/value.ts';
import type { Happening } from '../query/watching.ts';
import { keyJson } from './batch.ts';
import type { ChangesRequest } from './changes-request.ts';
import { itemJson, outlineOf } from './json.ts';

/** A fault as a client is told of it. */
export type ProblemOf = (fault: Fault) => object;

/** The one JSON form of what happened, in one line without its end. */
export type EventText = (event: Happening) => string;

/**
 * `{"kind":"update","key":{"custId":"7"},"row":{…},"changed":["name"],"asOf":"…","position":"…"}`. A row that cannot be told, because it does
 * not decode, has its `fault` instead: what happened after it must not wait for it for ever.
 */
export function eventText(
  { collection, request }: ChangesRequest,
  catalog: Catalog,
  problemOf: ProblemOf,
): EventText {
  const outline = outlineOf(catalog, collection, request.selection);
  const rowOf = ({ item }: Happening): { readonly row?: Json; readonly fault?: object } => {
    if (item === undefined) return {};
    try {
      return { row: itemJson(outline, item.row, item.related) };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { fault: problemOf(error.at({ source: collection.source, collection: collection.name })) };
    }
  };
  return (event) => {
    const { kind, key, changed, asOf, position } = event;
    return JSON.stringify({
      kind,
      ...(key === undefined ? {} : { key: keyJson(collection, key) }),
      ...rowOf(event),
      ...(changed === undefined ? {} : { changed }),
      ...(asOf === undefined ? {} : { asOf }),
      position,
    });
  };
}

/** JSON text has no line ends, so it is one line of data. */
export function eventBlock({ kind, position }: Pick<Happening, 'kind' | 'position'>, text: string): string {
  return `event: ${kind}\nid: ${position}\ndata: ${text}\n\n`;
}

/** A comment, which clients pass over. */
export const SIGN_OF_LIFE = ':\n\n';

export function retryBlock(retryMs: number): string {
  return `retry: ${retryMs}\n\n`;
}

/** The last block: the stream has failed. It has no id, so that the client goes on behind the last event. */
export function faultBlock(problem: object): string {
  return `event: fault\ndata: ${JSON.stringify(problem)}\n\n`;
}
