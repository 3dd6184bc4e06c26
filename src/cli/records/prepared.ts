// Knows: what a conversion does with each record, worked out of the flags; each thread works it out for itself.
// Must not know: files of data, threads.

import { openCharset } from '../../codec/charset.ts';
import { type Codec, compile, type Test } from '../../codec/compile/compile.ts';
import type { RecordWriter } from '../../codec/framing/enframe.ts';
import { framingOf } from '../../codec/framing/framing-of.ts';
import type { Layout } from '../../codec/layout.ts';
import { type Given, textOf, UsageError } from '../command.ts';
import type { Prepared } from './conversion.ts';
import { describedLayout } from './described.ts';
import { FORMAT_FLAGS, numberOf, oneOf } from './record-flags.ts';
import { formatFlags, framingFlags } from './record-format.ts';
import { reframed, renderingOf, type Target } from './renderings.ts';

export type Origin = 'record' | 'ndjson' | 'csv';

/** From what into what. Throws `UsageError` for what makes no sense. */
export function direction(given: Given): { readonly from: Origin; readonly to: Target } {
  const from = oneOf(given, 'from', ['record', 'ndjson', 'csv']) ?? 'record';
  const to =
    oneOf(given, 'to', ['ndjson', 'json', 'csv', 'record']) ?? (from === 'record' ? 'ndjson' : 'record');
  if (from !== 'record' && to !== 'record') throw new UsageError(`--from ${from} goes with --to record only`);
  for (const flag of ['select', 'where']) {
    if (given[flag] !== undefined && from !== 'record')
      throw new UsageError(`--${flag} goes with --from record only`);
  }
  if (given['select'] !== undefined && to === 'record') {
    throw new UsageError('--select does not go with --to record: a record has all of its fields');
  }
  const ofRecords = Object.keys(FORMAT_FLAGS).find((flag) => given[flag] !== undefined);
  if (ofRecords !== undefined && from !== 'record') {
    throw new UsageError(
      `--${ofRecords} is about the records of IN, and --from ${from} has none; the flags about those of OUT begin with --to-`,
    );
  }
  const foreign = Object.keys(given).find((flag) => flag.startsWith('to-'));
  if (foreign !== undefined && to !== 'record')
    throw new UsageError(`--${foreign} goes with --to record only`);
  return { from, to };
}

/** Reads the copybook. Throws `invalid` Faults with the place. */
export async function prepare(given: Given): Promise<Prepared> {
  const { from, to } = direction(given);
  const layout = describedLayout(given);
  const codec = compile(layout);
  if (from !== 'record') {
    const writer = await outputWriter(layout, given);
    const { linesToRecords, tableToRecords } = await import('./encoding-rows.ts');
    return from === 'ndjson' ? linesToRecords(codec, writer) : tableToRecords(codec, writer);
  }
  const where = textOf(given, 'where');
  const rendering =
    to === 'record'
      ? reframed(await outputWriter(layout, given))
      : await renderingOf(to, codec, shownPaths(codec, given));
  return {
    framing: framingFlags(layout, given),
    rendering,
    ...(where === undefined ? {} : { test: await testOf(codec, where) }),
  };
}

/** A command line may ask for more than a stranger on the network. */
const FILTER_LIMITS = { maxFilterChars: 65_536, maxFilterConditions: 1_000, maxFilterDepth: 50 };

export async function testOf(codec: Codec, where: string): Promise<Test> {
  const { parseFilter } = await import('../../query/filter-text.ts');
  return codec.predicate(parseFilter(where, codec.layout.fields, FILTER_LIMITS, '--where')).test;
}

/** `--select`, or every field but the alternate readings. */
function shownPaths({ layout }: Codec, given: Given): readonly string[] {
  const select = textOf(given, 'select');
  if (select === undefined) {
    return layout.fields.filter(({ alternate }) => alternate !== true).map(({ name }) => name);
  }
  const paths = select.split(',').map((path) => path.trim());
  if (paths.includes('')) throw new UsageError('A path of --select is empty');
  return paths;
}

async function outputWriter(layout: Layout, given: Given): Promise<RecordWriter> {
  const { recordWriter } = await import('../../codec/framing/enframe.ts');
  const options = formatFlags(given, 'to-');
  const blockSize = numberOf(given, 'to-block-size');
  const charset = openCharset(layout.charset);
  return recordWriter(framingOf(layout, options), {
    ...(options.format === 'F' || options.format === 'FB' ? { pad: charset.space } : {}),
    ...(options.format === 'mf' ? { longest: layout.length } : {}),
    ...(blockSize === undefined ? {} : { blockSize }),
  });
}
