// Knows: the members of a set at one moment, who has them open, and that the last to leave closes them.
// Must not know: which files there are, when somebody looks, records.

import type { Row } from '#spi';
import type { ByteFile } from '../store/byte-store.ts';
import type { HandledFile } from '../store/handles.ts';
import type { Keepable } from '../versions/keeper.ts';
import { nameOf } from '../versions/kept-file.ts';
import type { Versions } from '../versions/version.ts';

export interface Member {
  /** Path as the pattern is written. */
  readonly name: string;
  /** What the name says, by API names. */
  readonly constants: Row;
  readonly file: ByteFile;
  readonly versions: Versions;
}

/** The members of one moment, in the order of their names. Disposing of it frees what no other view has. */
export interface View extends AsyncDisposable {
  readonly members: readonly Member[];
  /** Equal for views of the same versions of the same files. */
  readonly version: string;
  /** Present where views are kept: by this name it can be opened again for a while. */
  readonly name?: string;
  /** The same view for somebody else, who disposes of it, too. */
  share(): View;
  /** Are the bytes of all members still those of their versions, and can they be read? */
  unchanged(ask: { readonly signal: AbortSignal }): Promise<boolean>;
  /** Settled when nobody has it and nobody can open it again. */
  readonly gone: Promise<void>;
}

/** Shared by views; the last to leave it closes it. */
export interface Shared<Thing> {
  readonly thing: Thing;
  uses: number;
  /** Called when it is closed. */
  readonly gone?: () => void;
}

export interface Held {
  readonly member: Member;
  readonly file: Shared<HandledFile>;
  readonly versions: Shared<Versions>;
}

export interface State extends Keepable {
  readonly held: readonly Held[];
  readonly version: string;
  readonly name: string;
  /** When the last file of it was opened. */
  readonly completeAt: number;
  /** Otherwise the store is asked at each opening. */
  settled: boolean;
  /** The views on it, and itself while it is current or kept. */
  uses: number;
  readonly gone: PromiseWithResolvers<void>;
}

export function viewOf(state: State, named: boolean): View {
  state.uses++;
  let held = true;
  return {
    members: state.held.map(({ member }) => member),
    version: state.version,
    ...(named ? { name: state.name } : {}),
    share: () => viewOf(state, named),
    async unchanged(ask) {
      const each = await Promise.all(state.held.map(({ file }) => file.thing.unchanged(ask)));
      return !each.includes(false);
    },
    gone: state.gone.promise,
    async [Symbol.asyncDispose]() {
      if (!held) return;
      held = false;
      await leave(state);
    },
  };
}

export async function leave(state: State): Promise<void> {
  if (--state.uses > 0) return;
  state.gone.resolve();
  for (const held of state.held) await drop(held);
}

export async function drop({ file, versions }: Held): Promise<void> {
  await close(file);
  if (--versions.uses === 0) await versions.thing[Symbol.asyncDispose]();
}

async function close(file: Shared<HandledFile>): Promise<void> {
  if (--file.uses > 0) return;
  file.gone?.();
  await file.thing[Symbol.asyncDispose]();
}

/** As members have it: shared with whoever finds something out about it. */
export function sharedMember(thing: HandledFile): Shared<HandledFile> & { readonly file: ByteFile } {
  const { size, version, modifiedAt } = thing;
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const lend = (dispose: () => Promise<void>): ByteFile => ({
    size,
    version,
    modifiedAt,
    read: (into, offset, ask) => thing.read(into, offset, ask),
    ...(thing.descriptor === undefined ? {} : { descriptor: thing.descriptor }),
    kept: { name: nameOf(version), gone, share },
    [Symbol.asyncDispose]: dispose,
  });
  const share = (): ByteFile => {
    shared.uses++;
    let held = true;
    return lend(async () => {
      if (!held) return;
      held = false;
      await close(shared);
    });
  };
  // The views close it.
  const shared = { thing, uses: 1, gone: resolve, file: lend(async () => {}) };
  return shared;
}
