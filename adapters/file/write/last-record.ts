// Knows: whether a new record may stand behind the last one of a file in which collections are told apart by rules.
// Must not know: changes, how a file is written.

import { recordCount } from '#codec/framing/fixed';
import type { Framing } from '#codec/framing/framing';
import { Fault } from '#spi';
import type { ByteFile } from '../store/byte-store.ts';
import { fixedSpan, scanFile } from '../tables/fetch.ts';
import { readPart } from './content.ts';
import type { Writable } from './writable.ts';

interface Ask {
  readonly signal: AbortSignal;
}

/**
 * Throws `rejected` (`foreign-last-record`) where the last record belongs to none of the collections that are written: it may be a trailer,
 * behind which nothing may stand. `insert: append` says that it is none.
 */
export async function checkLast(
  file: ByteFile,
  writables: readonly Writable[],
  behind: readonly Writable[],
  ask: Ask,
): Promise<void> {
  const strict = behind.find(({ insert, member }) => insert !== 'append' && member !== undefined);
  if (strict === undefined) return;
  const last = await lastRecord(file, strict.framing, ask);
  if (last === undefined) return;
  const isKnown = writables.some(({ member, form }) => {
    const record = form.read(last);
    return member?.test(record, 0, record.length, () => ({})) === true;
  });
  if (isKnown) return;
  const { name } = strict.collection;
  throw new Fault(
    'rejected',
    `"${strict.shared.path}" ends with a record that belongs to no collection that is written: a new one of "${name}" would stand behind it`,
    {
      code: 'foreign-last-record',
      collection: name,
      hint: 'If it is no trailer, say "insert: append".',
    },
  );
}

/** Its bytes without descriptor words and line end; absent in an empty file. Formats without a fixed length have to be read to their end. */
async function lastRecord(file: ByteFile, framing: Framing, ask: Ask): Promise<Uint8Array | undefined> {
  if (framing.kind === 'fixed') {
    const count = recordCount(file.size, framing);
    return count === 0
      ? undefined
      : readPart(file, fixedSpan(framing, count - 1).offset, framing.length, ask);
  }
  let last: Uint8Array | undefined;
  for await (const block of scanFile(file, framing, ask)) {
    if (block.length === 0) continue;
    last = block.bytes.slice(block.start(block.length - 1), block.end(block.length - 1));
  }
  return last;
}
