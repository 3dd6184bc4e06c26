// Knows: what `overpunch/codec` offers as a library: legacy bytes ⇄ values without files, sockets or a clock.
// Must not know: the gateway and its adapters.

export { Fault } from '../fault.ts';
export { ByteSink } from '../model/byte-sink.ts';
export type { Cell, Row, Value } from '../model/value.ts';
export { type Charset, openCharset } from './charset.ts';
export * from './compile/compile.ts';
export { type ParseCopybookOptions, parseCopybook } from './copybook/parse.ts';
export type { Copybook, Item } from './copybook/tree.ts';
export { layoutOf } from './copybook-layout.ts';
export * from './framing.ts';
export * from './layout.ts';
