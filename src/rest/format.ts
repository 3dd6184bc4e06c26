// Knows: how the rows of a result are written in each representation.
// Must not know: HTTP: where the bytes go, headers, back pressure.

import type { ByteSink } from '../model/byte-sink.ts';
import type { Catalog } from '../model/catalog.ts';
import type { ResultBatch } from '../query/request.ts';
import { columnsOf, csvCells, csvLines } from './csv.ts';
import { itemJson, type Outline, outlineOf } from './json.ts';
import type { RestRequest } from './parse.ts';

/** What stands behind the rows of a list. */
export interface Ending {
  readonly nextLink?: string;
  readonly totalCount?: number;
}

/** Writes one answer in parts. What throws may leave half a row in `out`: the answer is then given up. */
export interface Format {
  begin(out: ByteSink): void;
  /** Rows `from` up to but without `to` of a batch; `before`: rows written so far. */
  rows(batch: ResultBatch, from: number, to: number, before: number, out: ByteSink): void;
  end(out: ByteSink, ending: Ending): void;
}

const nothing = (): void => {};

export function formatOf(parsed: RestRequest, catalog: Catalog): Format {
  const { collection, request, representation } = parsed;
  if (representation === 'csv') return csv(columnsOf(collection.fields, request.selection.fields));
  const outline = outlineOf(catalog, collection, request.selection);
  if (representation === 'ndjson')
    return { begin: nothing, rows: rowWriter(outline, '', '\n'), end: nothing };
  if (request.kind === 'item') return { begin: nothing, rows: rowWriter(outline, '', ''), end: nothing };
  return {
    begin: (out) => out.text('{"value":['),
    rows: rowWriter(outline, ',', ''),
    end: (out, { nextLink, totalCount }) => {
      out.text(']');
      if (nextLink !== undefined) out.text(`,"nextLink":${JSON.stringify(nextLink)}`);
      if (totalCount !== undefined) out.text(`,"totalCount":${totalCount}`);
      out.text('}');
    },
  };
}

/** JSON rows: straight from the source's bytes where the batch can, else by way of values. */
function rowWriter(outline: Outline, between: string, behind: string): Format['rows'] {
  const separator = between === '' ? 0 : between.charCodeAt(0);
  const terminator = behind === '' ? 0 : behind.charCodeAt(0);
  return (batch, from, to, before, out) => {
    if (batch.json === undefined || outline.includes.length > 0) {
      let text = '';
      for (let i = from; i < to; i++) {
        if (before + i > from) text += between;
        text += JSON.stringify(itemJson(outline, batch.row(i), batch.related?.(i))) + behind;
      }
      // All rows become bytes at once.
      out.text(text);
      return;
    }
    for (let i = from; i < to; i++) {
      if (separator !== 0 && before + i > from) byte(out, separator);
      batch.json(i, out);
      if (terminator !== 0) byte(out, terminator);
    }
  };
}

function byte(out: ByteSink, value: number): void {
  out.reserve(1);
  out.bytes[out.length++] = value;
}

function csv(columns: ReturnType<typeof columnsOf>): Format {
  return {
    begin: (out) => out.text(csvLines([columns.map(({ path }) => path)])),
    rows: (batch, from, to, _before, out) => {
      const lines = Array.from({ length: to - from }, (_, i) => csvCells(columns, batch.row(from + i)));
      out.text(csvLines(lines));
    },
    end: nothing,
  };
}
