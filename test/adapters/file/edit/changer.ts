// A process that changes a file again and again, in three ways, until it is killed: `node changer.ts FOLDER`. It says `ready` before it
// opens the file for the first time, `begin` before it changes it, and the number of each version that is complete.

import { writeSync } from 'node:fs';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import { Fault } from '../../../../src/fault.ts';
import { appended, generationOf, replaced, updated } from './generations.ts';

const ask = { signal: new AbortController().signal };
const stored = diskStore(process.argv[2] ?? '').file('data');

writeSync(1, 'ready\n');
for (;;) {
  await using edit = await stored.edit?.(ask).catch((error: unknown) => {
    // By another one that is as busy.
    if (error instanceof Fault && error.code === 'file-locked') return undefined;
    throw error;
  });
  if (edit === undefined) continue;
  if (edit.file === undefined || edit.patch === undefined) throw new Error('there is nothing to change');
  const bytes = new Uint8Array(edit.file.size);
  await edit.file.read(bytes, 0, ask);
  const before = generationOf(bytes);
  writeSync(1, 'begin\n');
  switch (before.number % 3) {
    case 0:
      await edit.patch(updated(before), ask);
      break;
    case 1:
      await edit.patch([appended(before)], ask);
      break;
    default:
      await edit.replace(pieces(replaced(before).bytes), ask);
  }
  writeSync(1, `${before.number + 1}\n`);
}

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384);
}
