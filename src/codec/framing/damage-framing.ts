// Knows: how record formats suffer in transfers, and how it shows.
// Must not know: where the bytes come from.

import type { Layout } from '../layout.ts';
import { familyOf, histogramOf } from './evidence/bytes.ts';
import { type Chain, certainty, chainOf } from './evidence/chain.ts';
import { fieldShare } from './evidence/fields.ts';
import { evidenceOf, firstRecords } from './evidence/fixed-length.ts';
import { divisors, periodOf } from './evidence/period.ts';
import type { DiagnoseOptions, Finding } from './finding.ts';
import type { FixedFraming, Framing, RdwFraming } from './framing.ts';

interface Case extends DiagnoseOptions {
  readonly sample: Uint8Array;
  /** The sample is the whole file. */
  readonly whole: boolean;
}

export function framingDamage(sample: Uint8Array, options: DiagnoseOptions): readonly Finding[] {
  const { framing, fileSize } = options;
  if (framing === undefined) return [];
  const of: Case = { ...options, sample, whole: fileSize !== undefined && fileSize <= sample.length };
  const findings =
    framing.kind === 'rdw'
      ? [...inDescriptors(of, framing)]
      : [rdwsPresent(of, framing), ...(framing.kind === 'fixed' ? inFixed(of, framing) : [])];
  return findings.filter((finding) => finding !== undefined);
}

const RDW: RdwFraming = {
  kind: 'rdw',
  order: 'big',
  inclusive: true,
  adjust: 0,
  blocks: false,
  spanned: false,
};

/** Descriptor words as other systems and programs leave them, with the options that read them. */
const DESCRIPTORS: readonly { readonly framing: RdwFraming; readonly options: string }[] = [
  { framing: { ...RDW, blocks: true }, options: 'format: VB' },
  { framing: { ...RDW, blocks: true, spanned: true }, options: 'format: VBS' },
  { framing: RDW, options: 'format: V' },
  { framing: { ...RDW, inclusive: false }, options: 'format: V, inclusive: false' },
  { framing: { ...RDW, order: 'little', inclusive: false }, options: 'format: V, rdw: little' },
  {
    framing: { ...RDW, order: 'little', inclusive: true },
    options: 'format: V, rdw: little, inclusive: true',
  },
];

/** The descriptor words that chain through the sample, if any do. */
function chained({ sample, whole }: Case, header: Framing) {
  for (const { framing, options } of DESCRIPTORS) {
    const chain = chainOf(sample, { ...framing, ...marginsOf(header) }, whole);
    if (certainty(chain, 16) > 0.9) return { framing, options, chain };
  }
  return undefined;
}

function marginsOf({ header, trailer }: Framing) {
  return {
    ...(header === undefined ? {} : { header }),
    ...(trailer === undefined ? {} : { trailer }),
  };
}

function lengthsOf({ records, shortest, longest }: Chain): string {
  return `${records} records of ${shortest === longest ? longest : `${shortest} to ${longest}`} bytes`;
}

/** RDWs in a file that is read as if there were none. */
function rdwsPresent(of: Case, framing: Framing): Finding | undefined {
  if (framing.kind === 'gnucobol' || framing.kind === 'mf') return undefined;
  const found = chained(of, framing);
  if (found === undefined) return undefined;
  return {
    code: 'rdws-present',
    message: 'There are record descriptor words in the file, and its record format has none',
    hint: `Set ${found.options} under "records".`,
    evidence: `descriptor words chain through ${lengthsOf(found.chain)}`,
  };
}

function* inDescriptors(of: Case, framing: RdwFraming): Iterable<Finding | undefined> {
  const { sample, whole, layout, fileSize } = of;
  const chain = chainOf(sample, framing, whole);
  if (chain.broken === undefined) {
    yield blocksPresent(of, framing);
    yield padded(chain, layout);
    return;
  }
  const { message, code } = chain.broken;
  if (chain.records > 2 && ['cut-off-record', 'block-beyond-file'].includes(code)) {
    yield {
      code: 'file-cut',
      message: 'The file ends within a record or block',
      hint: 'Transfer the file again.',
      evidence: `${chain.records} records are whole; then: ${message}`,
    };
    return;
  }
  const found = chained(of, framing);
  if (found !== undefined) {
    const missing = framing.blocks && !found.framing.blocks;
    yield {
      code: missing ? 'blocks-missing' : found.framing.blocks ? 'blocks-present' : 'rdws-present',
      message: missing
        ? 'The file has record descriptor words, but no block descriptor words: transfers leave them out'
        : 'The descriptor words of the file are of another kind than configured',
      hint: `Set ${found.options} under "records".`,
      evidence: `those chain through ${lengthsOf(found.chain)}; as configured: ${message}`,
    };
    return;
  }
  yield stripped(of, framing, chain, fileSize);
}

/** No descriptor words where the records should begin: were they taken away? */
function stripped(
  { sample, layout }: Case,
  { header = 0, trailer = 0 }: RdwFraming,
  chain: Chain,
  fileSize: number | undefined,
): Finding | undefined {
  if (chain.records > 3) return undefined;
  const bytes = sample.subarray(header);
  const hint = 'Transfer the file again with its RDWs (FTP: "quote site rdw"), or';
  const why = `the descriptor words end after ${chain.records} records`;
  if (layout !== undefined && bytes.length >= layout.length) {
    const { share } = fieldShare(firstRecords(bytes, layout.length), layout);
    if (share > 0.9) {
      return {
        code: 'rdws-stripped',
        message: 'There are no record descriptor words in the file: a transfer has taken them away',
        hint: `${hint} set format: F, as all records have the layout's length here.`,
        evidence: `${why}, but records of the layout's ${layout.length} bytes follow one another (${Math.round(share * 100)} % of the fields decode)`,
      };
    }
  }
  const size = (fileSize ?? sample.length) - header - trailer;
  const period = periodOf(bytes, divisors(size, 2, 32_760));
  const leaning = familyOf(histogramOf(bytes)).leaning;
  if (period === undefined && Math.abs(leaning - 0.5) < 0.2) return undefined;
  return {
    code: 'rdws-stripped',
    message:
      'There are no record descriptor words where records should begin: a transfer has probably taken them away',
    hint:
      period === undefined
        ? `${hint} set format: length with the field that says how long a record is.`
        : `${hint} set format: F and length: ${period.length}.`,
    evidence: period === undefined ? why : `${why}; ${evidenceOf(period)}`,
  };
}

/** A BDW has the shape of an RDW: read as V, each block of a VB file is one record. */
function blocksPresent(of: Case, framing: RdwFraming): Finding | undefined {
  if (framing.blocks) return undefined;
  const options = { ...framing, blocks: true };
  const chain = chainOf(of.sample, options, of.whole);
  if (certainty(chain, 16) <= 0.9) return undefined;
  return {
    code: 'blocks-present',
    message: 'The file has block descriptor words: what is read as one record is a block of records',
    hint: `Set format: ${framing.spanned ? 'VBS' : 'VB'} under "records".`,
    evidence: `BDWs and RDWs chain through ${lengthsOf(chain)}`,
  };
}

/** Records that were all made as long as the longest. */
function padded(chain: Chain, layout: Layout | undefined): Finding | undefined {
  if (layout === undefined || layout.slack === true || layout.minLength === layout.length) return undefined;
  if (chain.records < 5 || chain.shortest !== chain.longest || chain.longest < layout.length)
    return undefined;
  return {
    code: 'records-padded',
    message: `All records were padded to the longest, ${chain.longest} bytes, though the layout's have ${layout.minLength} to ${layout.length}`,
    hint: 'Set "slack" under "records": then what stands behind the last field is not looked at.',
    evidence: `${lengthsOf(chain)} each`,
  };
}

function inFixed(of: Case, framing: FixedFraming): readonly (Finding | undefined)[] {
  const { sample, layout, fileSize, whole } = of;
  const { length, header = 0, trailer = 0 } = framing;
  const bytes = sample.subarray(header);
  const size = fileSize === undefined ? undefined : fileSize - header - trailer;
  const inserted = endsInserted(bytes, length, size) ?? carriageReturns(bytes);
  const cut =
    inserted === undefined && size !== undefined && size % length !== 0
      ? {
          code: 'file-cut',
          message: `The file has ${size} bytes of records, which is no multiple of the record length ${length}`,
          hint: 'It was cut in its transfer, or the record length is another: compare it with LRECL, and the size with that on the host.',
          evidence: `${Math.floor(size / length)} whole records and ${size % length} bytes`,
        }
      : undefined;
  const chain = chainOf(sample, framing, whole && cut === undefined);
  return [inserted, cut, padded(chain, layout)];
}

/** What text transfers put behind each record. */
const INSERTED = [[0x0d, 0x0a], [0x0d, 0x25], [0x0d, 0x15], [0x0a], [0x15], [0x25]] as const;

function endsInserted(bytes: Uint8Array, length: number, size: number | undefined): Finding | undefined {
  for (const end of INSERTED) {
    const step = length + end.length;
    const records = Math.floor(bytes.length / step);
    if (records < 2 || (size !== undefined && size % step !== 0 && (size + end.length) % step !== 0))
      continue;
    const all = Array.from({ length: records }, (_, i) => i * step + length);
    if (!all.every((at) => end.every((byte, i) => bytes[at + i] === byte))) continue;
    const hex = Uint8Array.from(end).toHex().toUpperCase();
    return {
      code: 'line-ends-inserted',
      message: `A line end (${hex}) was put behind each record of ${length} bytes`,
      hint: `Transfer the file again in binary mode, or set length: ${step} and "slack" under "records" (text alone: format: text).`,
      evidence: `${hex} behind each of the first ${records} records`,
    };
  }
  return undefined;
}

/** A transfer in text mode put a CR before every LF, those in binary numbers too. */
function carriageReturns(bytes: Uint8Array): Finding | undefined {
  let all = 0;
  let behind = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) {
    all++;
    if (at > 0 && bytes[at - 1] === 0x0d) behind++;
  }
  if (all < 6 || behind < all) return undefined;
  return {
    code: 'line-ends-inserted',
    message:
      'Every byte 0A has a 0D before it: a transfer in text mode has put them there, into binary data too',
    hint: 'Transfer the file again in binary mode.',
    evidence: `${behind} × 0D0A, and no 0A alone`,
  };
}
