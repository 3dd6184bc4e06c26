// Knows: the command `convert`: its flags, its exit codes, and what it says.
// Must not know: how records are read and written.

import { Fault } from '../fault.ts';
import { type Command, type Given, textOf, UsageError } from './command.ts';
import { convertAlone, type Totals } from './records/convert-alone.ts';
import { openInput } from './records/input.ts';
import { BrokenPipe, isSamePath, type Output, openOutput } from './records/output.ts';
import { direction, prepare } from './records/prepared.ts';
import { showProgress } from './records/progress.ts';
import { blocksOf } from './records/record-blocks.ts';
import { COPYBOOK_FLAGS, FORMAT_FLAGS, numberOf } from './records/record-flags.ts';
import { told } from './records/told.ts';
import { divisible } from './records/whole-blocks.ts';

const DONE = 0;
const FAILED = 1;
const REJECTS = 3;

export const convert: Command = {
  doc: [
    'Streams, whatever the size: a file or standard input, packed by gzip or not. The output file gets its name when it is complete.',
    '',
    'Exit code 0: every record was converted.',
    'Exit code 1: it failed; there is no output file. A record that cannot be decoded is named with field, offset and bytes.',
    'Exit code 2: the command line makes no sense.',
    'Exit code 3: it is finished, but some records were bad; they stand in the file of --rejects.',
  ].join('\n'),
  operands: { in: { value: 'IN', doc: 'The file; - for standard input', required: true } },
  flags: {
    ...COPYBOOK_FLAGS,
    ...FORMAT_FLAGS,
    from: { type: 'string', value: 'FORM', doc: 'What IN holds: record (the default), ndjson, csv' },
    to: {
      type: 'string',
      value: 'FORM',
      doc: 'What comes out: ndjson (the default), json, csv, record (the default behind --from ndjson and csv)',
    },
    output: {
      type: 'string',
      short: 'o',
      value: 'OUT',
      doc: 'The file to write; standard output by default',
    },
    select: {
      type: 'string',
      value: 'PATHS',
      doc: 'Fields to show, as in custId,address.city; by default all',
    },
    where: {
      type: 'string',
      value: 'FILTER',
      doc: 'Records to convert, as in "status eq \'A\' and balance gt 100"',
    },
    limit: { type: 'string', value: 'N', doc: 'Most records to write' },
    rejects: {
      type: 'string',
      value: 'FILE',
      doc: 'Go on behind bad records and write them here, one line of JSON each',
    },
    jobs: {
      type: 'string',
      value: 'N',
      doc: 'Threads; the order stays. Only for files that are not packed, and not with --to record, --limit or spanned records',
    },
    'to-format': { type: 'string', value: 'FORMAT', doc: '--to record: format of the output, as --format' },
    'to-length': { type: 'string', value: 'N', doc: '--to record: as --length' },
    'to-slack': { type: 'boolean', doc: '--to record: as --slack' },
    'to-rdw': { type: 'string', value: 'ORDER', doc: '--to record: as --rdw' },
    'to-rdw-exclusive': { type: 'boolean', doc: '--to record: as --rdw-exclusive' },
    'to-rdw-adjust': { type: 'string', value: 'N', doc: '--to record: as --rdw-adjust' },
    'to-ends': { type: 'string', value: 'WORD', doc: '--to record: as --ends' },
    'to-varseq': { type: 'string', value: 'N', doc: '--to record: as --varseq' },
    'to-block-size': {
      type: 'string',
      value: 'N',
      doc: '--to record: most bytes of a block of VB and VBS; 27998 by default',
    },
  },
  async run(given, { complain }) {
    const path = textOf(given, 'in') ?? '-';
    try {
      const { rejected } = await converted(given, path);
      if (rejected === 0) return DONE;
      const records = rejected === 1 ? '1 record is' : `${rejected} records are`;
      complain(`${records} bad and ${rejected === 1 ? 'stands' : 'stand'} in ${textOf(given, 'rejects')}`);
      return REJECTS;
    } catch (error) {
      // Who closed the pipe has what it wanted.
      if (error instanceof BrokenPipe) return DONE;
      if (!(error instanceof Fault)) throw error;
      const word = direction(given).from === 'record' ? 'record' : 'line';
      complain(told(error, error.place.record === undefined ? undefined : named(path), word));
      return FAILED;
    }
  },
};

async function converted(given: Given, path: string): Promise<Totals> {
  const limit = positive(given, 'limit') ?? Number.POSITIVE_INFINITY;
  const jobs = positive(given, 'jobs') ?? 1;
  const { to } = direction(given);
  const rejectsPath = textOf(given, 'rejects');
  const outPath = textOf(given, 'output');
  if (rejectsPath !== undefined) ownFile(rejectsPath, [path, outPath ?? '-']);
  const prepared = await prepare(given);
  const input = await openInput(path);
  const out = openOutput(outPath);
  const rejects = rejectsPath === undefined ? undefined : openRejects(rejectsPath, out);
  const outputs = { out, ...(rejects === undefined ? {} : { rejects }) };
  let consumed = (): number => 0;
  const progress = showProgress(() => consumed(), input.size);
  const counting = (count: () => number): void => {
    consumed = count;
  };
  try {
    const lanes = jobs > 1 && to !== 'record' && limit === Number.POSITIVE_INFINITY ? jobs : 1;
    let totals: Totals;
    if (lanes > 1 && input.kind === 'file' && divisible(prepared.framing)) {
      const { convertTogether } = await import('./records/lanes.ts');
      totals = await convertTogether(lanes, given, input, prepared, outputs, counting);
    } else {
      const { blocks, consumed: count } = await blocksOf(input, prepared.framing, prepared.lines);
      counting(count);
      totals = await convertAlone(blocks, prepared, outputs, limit);
    }
    out.commit();
    rejects?.commit();
    return totals;
  } catch (error) {
    out.abandon();
    rejects?.abandon();
    throw error;
  } finally {
    progress.stop();
    input.close();
  }
}

/** Two streams of bytes in one file would destroy each other, and rejects that take the place of the input the records themselves. */
function ownFile(rejects: string, others: readonly string[]): void {
  if (rejects === '/dev/null') return;
  if (others.some((other) => isSamePath(other, rejects)))
    throw new UsageError(`--rejects ${rejects} needs a file of its own`);
}

/** Where the rejects cannot be written, nothing is. */
function openRejects(path: string, out: Output): Output {
  try {
    return openOutput(path);
  } catch (error) {
    out.abandon();
    throw error;
  }
}

function named(path: string): string {
  return path === '-' ? 'standard input' : path;
}

function positive(given: Given, flag: string): number | undefined {
  const number = numberOf(given, flag);
  if (number !== undefined && number < 1) throw new UsageError(`--${flag} must be at least 1`);
  return number;
}
