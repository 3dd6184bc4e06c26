// Knows: which files a set has at a moment, each opened as one version: what a read begins with, it ends with.
// Must not know: records, queries.

import { Fault, type Row, toFault, unlessAborted } from '#spi';
import type { ByteFile, ByteStore, OpenAsk, StoredFile } from './byte-store.ts';
import type { Glob } from './glob.ts';
import type { Handles } from './handles.ts';
import { linkOutside } from './link-outside.ts';
import { oneAtATime } from './looks.ts';
import { type MemberGate, memberGate } from './member-gate.ts';
import type { Gate } from './publication.ts';
import type { Versions } from './version.ts';

/** How long a view of the set is given out, once it is complete, before the store is asked again. */
const LOOK_MS = 250;
/** A file that changed so recently may change again without its time of change telling. */
const SETTLED_MS = 2_000;
const OPENED_AT_ONCE = 32;
/** Names that a pattern may meet before it is taken for a mistake. */
const MOST_NAMES = 100_000;

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
  /** The same view for somebody else, who disposes of it, too. */
  share(): View;
}

export interface SetFiles extends AsyncDisposable {
  open(ask: { readonly signal: AbortSignal }): Promise<View>;
  /** From now on somebody else looks: who opens takes the view that is there. */
  readonly followed: { byOthers: boolean };
  /** Looks now. Throws what keeps it from that, and what keeps a newer version of a member back. */
  look(): Promise<void>;
  /** What keeps newer versions of members back. */
  stale(): readonly Fault[];
  /** A file of the set was written: whoever opens it from now on gets what the store has. */
  forget(): void;
}

export interface SetFilesOf {
  readonly store: ByteStore;
  readonly glob: Glob;
  readonly handles: Handles;
  /** All names that match → the members among them, in order. */
  choose(names: readonly string[]): readonly string[];
  constants(name: string): Row;
  stored(name: string): StoredFile;
  versions(name: string, stored: StoredFile): Versions;
  /** What a version of a member has to pass before it is shown. */
  readonly gates: readonly Gate[];
}

/** Shared by views; the last to leave it closes it. */
interface Shared<Thing> {
  readonly thing: Thing;
  uses: number;
}

interface Held {
  readonly member: Member;
  readonly file: Shared<ByteFile>;
  readonly versions: Shared<Versions>;
}

interface State {
  readonly held: readonly Held[];
  readonly version: string;
  /** When the last file of it was opened. */
  readonly completeAt: number;
  readonly settled: boolean;
  /** The views on it, and itself while it is current. */
  uses: number;
}

export function setFiles(of: SetFilesOf, now: () => number = Date.now): SetFiles {
  const closing = new AbortController();
  const gate = memberGate(of);
  const followed = { byOthers: false };
  let current: State | undefined;
  let written = false;
  const refreshed = async (): Promise<State> => {
    const { signal } = closing;
    const before = current;
    written = false;
    for (let attempt = 1; ; attempt++) {
      try {
        const state = await stateOf(of, gate, before, now, { signal, now: followed.byOthers });
        current = state;
        if (before !== undefined) await leave(before);
        return state;
      } catch (error) {
        signal.throwIfAborted();
        // It was listed and is gone: the next list tells.
        const vanished =
          error instanceof Fault && error.code === 'file-missing' && error.place.file !== undefined;
        if (!vanished || attempt === 3) throw error;
      }
    }
  };

  const looks = oneAtATime(refreshed);

  return {
    followed,
    async look() {
      await looks.look();
      const [held] = gate.held();
      if (held !== undefined) throw held;
    },
    stale: gate.held,
    async open({ signal }) {
      signal.throwIfAborted();
      for (;;) {
        const known = current;
        const fresh = known !== undefined && !written && (followed.byOthers || isFresh(known, now()));
        // What takes long is not waited for by who has an older view.
        const patient = gate.thorough && !written;
        if (!fresh && known !== undefined && patient) void looks.look();
        const there = known !== undefined && (fresh || patient);
        const state = there ? known : await unlessAborted(looks.look(), signal);
        if (state.uses > 0) return viewOf(state);
      }
    },
    forget() {
      written = true;
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await looks.ended();
      const last = current;
      current = undefined;
      if (last !== undefined) await leave(last);
    },
  };
}

/** A clock that was set back makes every age negative: then nobody knows how old the view is. */
function isFresh({ settled, completeAt }: State, at: number): boolean {
  return settled && at >= completeAt && at - completeAt < LOOK_MS;
}

function viewOf(state: State): View {
  state.uses++;
  let held = true;
  return {
    members: state.held.map(({ member }) => member),
    version: state.version,
    share: () => viewOf(state),
    async [Symbol.asyncDispose]() {
      if (!held) return;
      held = false;
      await leave(state);
    },
  };
}

async function leave(state: State): Promise<void> {
  if (--state.uses > 0) return;
  for (const held of state.held) await drop(held);
}

async function drop({ file, versions }: Held): Promise<void> {
  if (--file.uses === 0) await file.thing[Symbol.asyncDispose]();
  if (--versions.uses === 0) await versions.thing[Symbol.asyncDispose]();
}

async function stateOf(
  of: SetFilesOf,
  gate: MemberGate,
  before: State | undefined,
  now: () => number,
  ask: OpenAsk,
): Promise<State> {
  const { signal } = ask;
  const lookedAt = now();
  const names = of.choose(await matching(of.store, of.glob, signal));
  gate.only(new Set(names));
  const known = new Map((before?.held ?? []).map((held) => [held.member.name, held]));
  const held: Held[] = [];
  try {
    for (let i = 0; i < names.length; i += OPENED_AT_ONCE) {
      const opened = await Promise.allSettled(
        names
          .slice(i, i + OPENED_AT_ONCE)
          .map((name) =>
            gate.kept(name, { known: known.get(name), first: before === undefined }, () =>
              opening(of, gate, name, known.get(name), lookedAt, ask),
            ),
          ),
      );
      for (const one of opened)
        if (one.status === 'fulfilled' && one.value !== undefined) held.push(one.value);
      const failed = opened.find((one) => one.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    }
  } catch (error) {
    for (const one of held) await drop(one);
    throw error;
  }
  return {
    held,
    completeAt: now(),
    version: JSON.stringify(held.map(({ member }) => [member.name, member.file.version])),
    settled: held.every(({ member }) => isSettled(member.file, lookedAt)),
    uses: 1,
  };
}

function isSettled({ modifiedAt }: ByteFile, at: number): boolean {
  return at - Date.parse(modifiedAt) >= SETTLED_MS;
}

/** A version that is open already is not opened again; what was found out about the one before is kept for whom it concerns. */
async function opening(
  of: SetFilesOf,
  gate: MemberGate,
  name: string,
  known: Held | undefined,
  lookedAt: number,
  ask: OpenAsk,
): Promise<Held> {
  try {
    const stored = of.stored(name);
    if (known !== undefined && isSettled(known.member.file, lookedAt)) {
      const version = await currentVersion(of.store.file(name), ask);
      if (version === known.member.file.version) {
        known.file.uses++;
        known.versions.uses++;
        return known;
      }
      gate.recall(name, version);
    }
    const constants = of.constants(name);
    const file = await of.handles.open(stored, ask);
    if (file.version !== known?.member.file.version) {
      await gate.pass(name, file, ask).catch(async (error: unknown) => {
        await file[Symbol.asyncDispose]();
        throw error;
      });
    }
    const versions = known?.versions ?? { thing: of.versions(name, stored), uses: 0 };
    versions.uses++;
    const member: Member = { name, constants, file, versions: versions.thing };
    return { member, file: { thing: file, uses: 1 }, versions };
  } catch (error) {
    throw toFault(error).at({ file: name });
  }
}

async function currentVersion(stored: StoredFile, ask: OpenAsk): Promise<string> {
  if (stored.version !== undefined) return stored.version(ask);
  await using file = await stored.open(ask);
  return file.version;
}

/** The files whose paths match. Throws `unavailable` for a folder that cannot be listed, and for what matches and is no file. */
async function matching(store: ByteStore, glob: Glob, signal: AbortSignal): Promise<readonly string[]> {
  let found: readonly string[] = [glob.absolute ? '/' : ''];
  for (const [i, step] of glob.steps.entries()) {
    const last = i === glob.steps.length - 1;
    const next: string[] = [];
    for (const folder of found) {
      signal.throwIfAborted();
      // A folder that is named outright need not be listed to be found, and may not allow it.
      if (step.literal !== undefined && !last) {
        next.push(below(folder, step.literal));
        continue;
      }
      for (const { name, kind } of await store.list(folder, { signal })) {
        if (!step.matches(name)) continue;
        const path = below(folder, name);
        if (kind === 'outside') throw linkOutside(path);
        if (last && kind === 'other') throw noFile(path);
        if (kind === (last ? 'file' : 'folder')) next.push(path);
      }
      if (next.length > MOST_NAMES) throw tooMany(glob);
    }
    found = next;
  }
  return found;
}

function below(folder: string, name: string): string {
  return folder === '' || folder === '/' ? folder + name : `${folder}/${name}`;
}

function noFile(path: string): Fault {
  return new Fault('unavailable', `"${path}" is no regular file, or a link into nothing`, {
    code: 'not-a-file',
    file: path,
  });
}

function tooMany({ text }: Glob): Fault {
  return new Fault('too-costly', `More than ${MOST_NAMES} names match "${text}"`, {
    code: 'too-many-files',
    hint: 'Narrow the pattern.',
  });
}
