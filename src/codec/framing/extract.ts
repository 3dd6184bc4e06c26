// Knows: how one record's bytes come out of the bytes that it takes in the file.
// Must not know: where the bytes are.

import { Fault } from '../../fault.ts';
import type { Block } from './block.ts';
import { blockOf, Found } from './found.ts';
import { framerOf } from './framer-of.ts';
import type { Framing, RdwFraming } from './framing.ts';
import { microFocusExtent } from './micro-focus.ts';
import type { Position } from './scan.ts';
import { withoutBlocks } from './spanned.ts';

/**
 * The record whose extent (see `Block.extent`) is `bytes[start, end)`, as a block of one record: of the same bytes, or of a copy
 * where segments had to be joined. `corrupt` Fault when there is no such record any more.
 */
export function extract(
  framing: Framing,
  bytes: Uint8Array,
  start: number,
  end: number,
  at: Position,
): Block {
  if (framing.kind === 'rdw' && framing.spanned) return extractSpanned(framing, bytes, start, end, at);
  const { record, offset } = at;
  const found = new Found();
  if (framing.kind === 'mf') {
    const { headerBytes, length } = microFocusExtent(bytes, start, end, at) ?? missing(at);
    found.add(start, start + headerBytes, start + headerBytes + length, end);
  } else {
    framerOf(alone(framing)).frame(bytes, start, end, { offset, record, last: true }, found);
  }
  if (found.length !== 1 || found.tails[0] !== end) missing(at);
  return blockOf(found, bytes, offset - start, record);
}

/** The framing of a piece of a file that is one record. */
function alone(framing: Exclude<Framing, { kind: 'mf' }>): Framing {
  switch (framing.kind) {
    case 'rdw':
      return { ...framing, blocks: false };
    case 'lines':
      return { ...framing, mark: false };
    case 'undefined':
      return { kind: 'undefined' };
    default:
      return framing;
  }
}

function extractSpanned(
  framing: RdwFraming,
  bytes: Uint8Array,
  start: number,
  end: number,
  at: Position,
): Block {
  const copy = withoutBlocks(bytes, start, end, framing);
  const found = new Found();
  const stretch = { offset: at.offset, record: at.record, last: true };
  framerOf({ ...framing, blocks: false }).frame(copy.bytes, 0, copy.bytes.length, stretch, found);
  if (found.length !== 1 || found.tails[0] !== copy.bytes.length) missing(at);
  const block = blockOf(found, copy.bytes, at.offset, at.record);
  /** From the place in the copy without BDWs to that in the file. */
  const inFile = (offset: number): number => {
    const inCopy = offset - at.offset;
    const piece = copy.pieces.findLast((one) => one.at <= inCopy);
    return at.offset + (piece === undefined ? inCopy : piece.offset + inCopy - piece.at);
  };
  return {
    ...block,
    offset: (i, inside) => inFile(block.offset(i, inside)),
    extent: () => ({ offset: at.offset, length: end - start }),
  };
}

function missing({ record, offset }: Position): never {
  throw new Fault(
    'corrupt',
    `At offset ${offset}, where record ${record + 1} stood, there is no such record any more`,
    { code: 'record-moved', record: record + 1, byteOffset: offset, hint: 'The file has changed since.' },
  );
}
