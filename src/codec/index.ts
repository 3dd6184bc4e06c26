// Knows: what `overpunch/codec` offers as a library: legacy bytes ⇄ values without files, sockets or a clock.
// Must not know: the gateway and its adapters.

/**
 * The codec of Overpunch as a library.
 *
 *     import { ByteSink, compile, layoutOf, parseCopybook } from 'overpunch/codec';
 *
 *     const { records } = parseCopybook(`
 *            01 CUSTOMER.
 *               05 CUST-ID   PIC 9(5).
 *               05 NAME      PIC X(8).
 *               05 BALANCE   PIC S9(5)V99 COMP-3.
 *     `);
 *     const codec = compile(layoutOf(records[0], { charset: 'cp037' }));
 *     const record = codec.encode({ custId: 42, name: 'Ann', balance: '-12.50' });
 *     codec.decoder(['name', 'balance'])(record, 0, record.length, () => ({}));   // { name: 'Ann', balance: '-12.50' }
 *     const json = new ByteSink();
 *     codec.writer(['custId', 'name', 'balance'])(record, 0, record.length, json, () => ({}));
 *     new TextDecoder().decode(json.take());        // {"custId":42,"name":"Ann","balance":"-12.50"}
 *
 * - `parseCopybook` reads COBOL source, `layoutOf` gives every item its bytes, `compile` generates the code: `decoder` and `writer` for the
 *   fields asked for, `predicate` for a filter (`parseFilter`), `encode` for the way back.
 * - `framingOf`, `scanRecords` and `recordWriter` divide files into records and put them together again; where the bytes come
 *   from is a `ByteSource` of yours. `detect` and `diagnose` look at bytes that nobody knows anything about.
 * - Everything that goes wrong is a `Fault`: `corrupt` for bytes, `rejected` for values, `invalid` for copybooks and options; its
 *   `place` has record, field, offset and bytes.
 *
 * There is no I/O, no clock and no import of Node: it runs in a browser. It compiles by `new Function`, so a page's Content Security
 * Policy must allow 'unsafe-eval'. Charsets of the ASCII family come from iconv-lite, which needs Node's `Buffer`; bundlers for the
 * browser take what `TextDecoder` has instead (package.json, `browser`): most of one byte a character. EBCDIC is all there.
 */
export { Fault, type FaultKind, type FaultPlace } from '../fault.ts';
export { ByteSink } from '../model/byte-sink.ts';
export type { Field, ObjectType, Scalar, Type, UnionType } from '../model/type.ts';
export { type Cell, type Json, type Row, TAG, toJson, type Value } from '../model/value.ts';
export type { Filter } from '../query/filter.ts';
export { parseFilter } from '../query/filter-text.ts';
export * from './charset.ts';
export { layoutOf, layoutOfTypes } from './cobol-layout/copybook-layout.ts';
export { type DateSuggestion, suggestDates } from './cobol-layout/date-suggestions.ts';
export { layoutReport, type ReportLine } from './cobol-layout/layout-report.ts';
export * from './compile/compile.ts';
export { copyLibrary } from './copybook/library.ts';
export { type ParseCopybookOptions, parseCopybook } from './copybook/parse.ts';
export type * from './copybook/tree.ts';
export type { Block, ByteSource } from './framing/block.ts';
export * from './framing/damage.ts';
export * from './framing/detect.ts';
export * from './framing/enframe.ts';
export type * from './framing/framing.ts';
export * from './framing/framing-of.ts';
export * from './framing/scan.ts';
export * from './layout.ts';
