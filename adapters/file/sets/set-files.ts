// Knows: which files a set has at a moment, each opened as one version: what a read begins with, it ends with.
// Must not know: records, queries.

import { Fault, type Row, toFault, unlessAborted } from '#spi';
import type { ByteFile, ByteStore, OpenAsk, StoredFile } from '../store/byte-store.ts';
import type { Glob } from '../store/glob.ts';
import type { Handles } from '../store/handles.ts';
import { oneAtATime } from '../store/looks.ts';
import type { Keeper } from '../versions/keeper.ts';
import { nameOf } from '../versions/kept-file.ts';
import type { Gate } from '../versions/publication.ts';
import type { Versions } from '../versions/version.ts';
import { type MemberGate, memberGate } from './member-gate.ts';
import { matching } from './set-names.ts';
import { drop, type Held, leave, type State, sharedMember, type View, viewOf } from './set-state.ts';

export type { Member, View } from './set-state.ts';

/** How long a view of the set is given out, once it is complete, before the store is asked again. */
const LOOK_MS = 250;
/** A file that changed so recently may change again without its time of change telling. */
const SETTLED_MS = 2_000;
const OPENED_AT_ONCE = 32;

export interface SetFiles extends AsyncDisposable {
  /** `version`: the name of a view that is kept; where it is not kept any more, or was changed under its readers, the newest is opened. */
  open(ask: { readonly signal: AbortSignal; readonly version?: string | undefined }): Promise<View>;
  /** From now on somebody else looks: who opens takes the view that is there. */
  readonly followed: { byOthers: boolean };
  /** Looks now. Throws what keeps it from that, and what keeps a newer version of a member back. */
  look(): Promise<void>;
  /** What keeps newer versions of members back. */
  stale(): readonly Fault[];
  /** As of a stored file. */
  known(): string;
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
  /** Absent: no view is kept. */
  readonly keeper?: Keeper | undefined;
}

export function setFiles(of: SetFilesOf, now: () => number = Date.now): SetFiles {
  const closing = new AbortController();
  const { keeper } = of;
  const gate = memberGate(of);
  const followed = { byOthers: false };
  let current: State | undefined;
  /** Views that were replaced, by their names. */
  const kept = new Map<string, State>();
  let written = false;
  /** How often a file was written, and how many views there were of which nobody knows whether they were equal. */
  let writes = 0;
  let unsettled = 0;

  const refreshed = async (): Promise<State> => {
    const { signal } = closing;
    const before = current;
    written = false;
    for (let attempt = 1; ; attempt++) {
      try {
        const state = await stateOf(of, gate, before, now, { signal, now: followed.byOthers }, unkept);
        current = state;
        if (!state.settled) unsettled++;
        if (before !== undefined) await replaced(before, state);
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

  /** A view that was kept gives way. */
  const unkept = async (state: State): Promise<void> => {
    if (kept.get(state.name) !== state) return;
    kept.delete(state.name);
    keeper?.forget(state);
    await leave(state);
  };
  const replaced = async (before: State, by: State): Promise<void> => {
    const files = new Set(by.held.map(({ file }) => file));
    for (const { file } of before.held) if (!files.has(file)) file.thing.supersede();
    const again = kept.get(by.name);
    if (again !== undefined) await unkept(again);
    if (keeper === undefined || by.name === before.name) return leave(before);
    kept.set(before.name, before);
    keeper.keep(before);
  };
  const known = async (name: string, signal: AbortSignal): Promise<View | undefined> => {
    const state = kept.get(name) ?? (current?.name === name ? current : undefined);
    if (state === undefined || state.uses === 0) return undefined;
    const view = viewOf(state, true);
    try {
      if (await view.unchanged({ signal })) {
        keeper?.touch(state);
        return view;
      }
      state.settled = false;
      await unkept(state);
    } catch (error) {
      await view[Symbol.asyncDispose]();
      throw error;
    }
    await view[Symbol.asyncDispose]();
    return undefined;
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
    known() {
      const name = current?.settled === true ? current.name : `~${unsettled}`;
      return `${writes}.${name}`;
    },
    async open({ signal, version }) {
      signal.throwIfAborted();
      const asked = version === undefined || keeper === undefined ? undefined : await known(version, signal);
      if (asked !== undefined) return asked;
      for (;;) {
        const last = current;
        const fresh = last !== undefined && !written && (followed.byOthers || isFresh(last, now()));
        // What takes long is not waited for by who has an older view.
        const patient = gate.thorough && !written;
        if (!fresh && last !== undefined && patient) void looks.look();
        const there = last !== undefined && (fresh || patient);
        const state = there ? last : await unlessAborted(looks.look(), signal);
        if (state.uses > 0) return viewOf(state, keeper !== undefined);
      }
    },
    forget() {
      writes++;
      written = true;
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await looks.ended();
      const last = current;
      current = undefined;
      if (last !== undefined) await leave(last);
      for (const state of [...kept.values()]) await unkept(state);
    },
  };
}

/** A clock that was set back makes every age negative: then nobody knows how old the view is. */
function isFresh({ settled, completeAt }: State, at: number): boolean {
  return settled && at >= completeAt && at - completeAt < LOOK_MS;
}

async function stateOf(
  of: SetFilesOf,
  gate: MemberGate,
  before: State | undefined,
  now: () => number,
  ask: OpenAsk,
  unkept: (state: State) => Promise<void>,
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
  const version = JSON.stringify(held.map(({ member }) => [member.name, member.file.version]));
  const state: State = {
    held,
    completeAt: now(),
    version,
    name: version === before?.version ? before.name : nameOf(version),
    settled: held.every(({ member }) => isSettled(member.file, lookedAt)),
    uses: 1,
    gone: Promise.withResolvers<void>(),
    // At most: members that are the same in several views are open once.
    bytes: held.reduce((sum, { member }) => sum + member.file.size, 0),
    drop: () => unkept(state),
  };
  return state;
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
    if (known?.member.file.version === file.version) {
      // What was found out about it is still true.
      await file[Symbol.asyncDispose]();
      known.file.uses++;
      known.versions.uses++;
      return known;
    }
    await gate.pass(name, file, ask).catch(async (error: unknown) => {
      await file[Symbol.asyncDispose]();
      throw error;
    });
    const versions = known?.versions ?? { thing: of.versions(name, stored), uses: 0 };
    versions.uses++;
    const shared = sharedMember(file);
    return {
      member: { name, constants, file: shared.file, versions: versions.thing },
      file: shared,
      versions,
    };
  } catch (error) {
    throw toFault(error).at({ file: name });
  }
}

async function currentVersion(stored: StoredFile, ask: OpenAsk): Promise<string> {
  if (stored.version !== undefined) return stored.version(ask);
  await using file = await stored.open(ask);
  return file.version;
}
