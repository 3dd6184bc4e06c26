// Knows: how each request becomes one new file of a set: its name, its records, and that nobody else makes the same.
// Must not know: how a file is kept, how records are encoded.

import { type Change, Fault, type Outcome, type Row, type Value, valueAt } from '#spi';
import { misconfigured } from '../misconfigured.ts';
import type { FileSet } from '../sets/file-set.ts';
import { named } from '../sets/file-set.ts';
import type { View } from '../sets/set-files.ts';
import type { ByteStore } from '../store/byte-store.ts';
import { parseGlob } from '../store/glob.ts';
import type { VersionIndex } from '../versions/version.ts';
import { keyValue } from './key-values.ts';
import { outboxName } from './outbox-name.ts';
import { recordsOf, wholeFile } from './replace.ts';
import type { Recording } from './writable.ts';
import { unclaimed, type Writer } from './write.ts';

export interface OutboxOf {
  readonly recording: Recording;
  readonly set: FileSet;
  readonly store: ByteStore;
  readonly pattern: string;
  readonly sliceMs: number;
}

interface Ask {
  readonly signal: AbortSignal;
}

/** Names that others may take while one is looked for. */
const ATTEMPTS = 1_000;

/** Throws a misconfigured Fault for a pattern whose files the set would not show. */
export function outboxWriter(of: OutboxOf, now: () => number = Date.now): Writer {
  const { pattern, set, store } = of;
  const name = outboxName(pattern);
  checkShown(of, name.path(0, 1));
  if (store.file(name.path(0, 1)).edit === undefined) {
    throw misconfigured('bad-writes', `"${pattern}" cannot be an outbox: its place is only read`);
  }
  let turn: Promise<unknown> = Promise.resolve();
  /** The greatest number that was given, and the moment that it belongs to, as far as names tell moments apart. */
  let last = { moment: '', number: 0 };

  const write = async (changes: readonly Change[], ask: Ask): Promise<readonly Outcome[]> => {
    ask.signal.throwIfAborted();
    const values = changes.map((change) => {
      if (change.verb !== 'insert') throw unclaimed(change);
      return change.values;
    });
    const { key } = set.table;
    const records = await recordsOf(of.recording, { key, sliceMs: of.sliceMs }, values, ask.signal);
    const at = now();
    await using view = await set.files.open(ask);
    const numbers = view.members.flatMap((member) => name.numberIn(member.name, at) ?? []);
    const moment = name.path(at, 0);
    const from = Math.max(0, ...numbers, last.moment === moment ? last.number : 0) + 1;
    const keys = values.map((row) => key.map(({ field }) => keyValue(row, field)));
    let constants: Row | undefined;
    for (let number = from; constants === undefined; number++) {
      if (number >= from + ATTEMPTS) throw noName(name.path(at, from));
      const path = name.path(at, number);
      const shown = checkShown(of, path);
      await checkNew(set, view, shown, keys, ask);
      if (!(await made(path, records, ask))) continue;
      last = { moment, number };
      constants = shown;
    }
    const found = constants;
    return values.map((row) => ({
      key: set.key.map(({ field }) =>
        set.constants.has(field) ? valueAt(found, field) : keyValue(row, field),
      ),
      created: true,
    }));
  };

  /** False where there is a file of this name, perhaps since a moment ago. */
  const made = async (path: string, records: readonly Uint8Array[], ask: Ask): Promise<boolean> => {
    await using edit = await store.file(path).edit?.(ask);
    if (edit === undefined || edit.file !== undefined) return false;
    try {
      await edit.replace(await wholeFile(of.recording, records, undefined, ask), ask);
      return true;
    } catch (error) {
      if (error instanceof Fault && error.code === 'file-exists') return false;
      throw error;
    } finally {
      set.files.forget();
    }
  };

  return {
    path: pattern,
    write(changes, ask) {
      // One after the other: the key of each has to be new among those before.
      const writing = turn.then(() => write(changes, ask));
      turn = writing.catch(() => {});
      return writing;
    },
  };
}

function noName(path: string): Fault {
  return new Fault('unavailable', `No free name was found for a new file like "${path}"`, {
    code: 'outbox-full',
  });
}

/** What the set will say of the file; throws where it would not show it. */
function checkShown({ set, pattern }: OutboxOf, path: string): Row {
  const { absolute, steps, text } = parseGlob(set.table.path);
  const parts = path.slice(path.startsWith('/') ? 1 : 0).split('/');
  const shown =
    absolute === path.startsWith('/') &&
    parts.length === steps.length &&
    steps.every((step, i) => step.matches(parts[i] ?? ''));
  if (!shown) {
    throw misconfigured(
      'bad-outbox',
      `"${path}", a file of the outbox "${pattern}", does not match "${text}": it could not be read back`,
      'Let "files" have a pattern that matches the names of the outbox.',
    );
  }
  return set.constantsOf(path);
}

/** The number of the first of the keys that the index has, or -1. */
async function firstFound(
  { keys: known, bytes }: VersionIndex,
  keys: readonly (readonly Value[])[],
): Promise<number> {
  for (const [i, key] of keys.entries()) if ((await known.find(bytes.of(key))) >= 0) return i;
  return -1;
}

async function checkNew(
  set: FileSet,
  view: View,
  constants: Row,
  keys: readonly (readonly Value[])[],
  { signal }: Ask,
): Promise<void> {
  if (set.key.length === 0) return;
  const naming = set.key.filter(({ field }) => set.constants.has(field));
  for (const member of view.members) {
    if (naming.some(({ field }) => valueAt(member.constants, field) !== valueAt(constants, field))) continue;
    await using index = await named(member, () => member.versions.index(member.file, { signal }));
    const found = await firstFound(index, keys);
    if (found < 0) continue;
    throw new Fault('conflict', 'There is such a row already', {
      code: 'duplicate',
      collection: set.collection.name,
      ...(keys.length === 1 ? {} : { record: found + 1 }),
    });
  }
}
