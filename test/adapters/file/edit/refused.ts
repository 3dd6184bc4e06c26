// A process that tries to make a file too large, in both ways, and says what it was told: `node refused.ts FOLDER`.

import type { FileEdit } from '../../../../adapters/file/store/byte-store.ts';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import { toFault } from '../../../../src/fault.ts';

const ask = { signal: new AbortController().signal };
const stored = diskStore(process.argv[2] ?? '').file('data');
const told = async (change: (edit: FileEdit) => Promise<unknown> | undefined): Promise<string> => {
  try {
    await using edit = await stored.edit?.(ask);
    if (edit !== undefined) await change(edit);
    return 'changed';
  } catch (error) {
    const { kind, code } = toFault(error);
    return `${kind} ${code}`;
  }
};

async function* large(): AsyncIterable<Uint8Array> {
  for (let i = 0; i < 30; i++) yield new Uint8Array(10_000);
}

const outcomes = [
  await told((edit) => edit.patch?.([{ offset: edit.file?.size ?? 0, bytes: new Uint8Array(300_000) }], ask)),
  await told((edit) => edit.replace(large(), ask)),
];
process.stdout.write(JSON.stringify(outcomes));
