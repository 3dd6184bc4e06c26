// Knows: where the records of each row stand in a file, in pages: written once in the file's order, looked up by the row's number.
// Must not know: queries, keys, where pages are kept.

import type { Span } from '../tables/rows.ts';
import type { Pages, PageWriter } from './page-file.ts';

export interface RowPlaces {
  /** The records that a row is made of. */
  spans(row: number): Promise<readonly Span[]>;
}

export interface PlacesWriter {
  /** The next row. True: to be flushed before the next. */
  add(spans: readonly Span[]): boolean;
  flush(): Promise<void>;
  finish(facts: object): Promise<Pages>;
}

const ROWS_PER_PAGE = 256;

/**
 * For each row how many records it has, and for each of them by how much its number and its offset differ from those behind the record
 * before, and its length: mostly one byte a figure.
 */
export function placesWriter(writer: PageWriter): PlacesWriter {
  let page = new Uint8Array(ROWS_PER_PAGE * 8);
  let filled = 0;
  let rows = 0;
  let record = 0;
  let offset = 0;
  const put = (number: number): void => {
    if (filled + 8 > page.length) {
      const more = new Uint8Array(2 * page.length);
      more.set(page);
      page = more;
    }
    let rest = number;
    while (rest > 0x7f) {
      page[filled++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    page[filled++] = rest;
  };
  const flush = async (): Promise<void> => {
    if (rows === 0) return;
    await writer.append(page.subarray(0, filled));
    filled = 0;
    rows = 0;
    // Each page is read by itself.
    record = 0;
    offset = 0;
  };
  return {
    add(spans) {
      put(spans.length);
      for (const span of spans) {
        put(unsigned(span.record - record));
        put(unsigned(span.offset - offset));
        put(span.length);
        record = span.record + 1;
        offset = span.offset + span.length;
      }
      rows++;
      return rows === ROWS_PER_PAGE;
    },
    flush,
    async finish(facts) {
      await flush();
      return writer.finish({ facts, summary: new Uint8Array(0) });
    },
  };
}

/** Differences below zero are none of the common ones. */
function unsigned(difference: number): number {
  return difference < 0 ? -2 * difference - 1 : 2 * difference;
}

function signed(number: number): number {
  return number % 2 === 0 ? number / 2 : -(number + 1) / 2;
}

export function rowPlaces(pages: Pages): RowPlaces {
  let known: { readonly number: number; readonly rows: readonly (readonly Span[])[] } | undefined;
  return {
    async spans(row) {
      const number = Math.floor(row / ROWS_PER_PAGE);
      if (known?.number !== number) known = { number, rows: rowsOn(await pages.read(number)) };
      return known.rows[row % ROWS_PER_PAGE] ?? [];
    },
  };
}

function rowsOn(page: Uint8Array): readonly (readonly Span[])[] {
  const rows: (readonly Span[])[] = [];
  let at = 0;
  let record = 0;
  let offset = 0;
  const next = (): number => {
    let number = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = page[at++] ?? 0;
      number += (byte & 0x7f) * factor;
      if (byte < 0x80) return number;
    }
  };
  while (at < page.length) {
    const count = next();
    const spans: Span[] = [];
    for (let i = 0; i < count; i++) {
      record += signed(next());
      offset += signed(next());
      const length = next();
      spans.push({ record, offset, length });
      record++;
      offset += length;
    }
    rows.push(spans);
  }
  return rows;
}
