// Knows: which files a set has at a moment, each opened as one version: what a read begins with, it ends with.
// Must not know: records, queries.

import { Fault, type Row, toFault, unlessAborted } from '#spi';
import type { ByteFile, ByteStore, StoredFile } from './byte-store.ts';
import type { Glob } from './glob.ts';
import type { Handles } from './handles.ts';
import type { Keeper } from './keeper.ts';
import { nameOf } from './kept-file.ts';
import { drop, type Held, leave, type State, sharedMember, type View, viewOf } from './set-state.ts';
import type { Versions } from './version.ts';

export type { Member, View } from './set-state.ts';

/** How long a view of the set is given out, once it is complete, before the store is asked again. */
const LOOK_MS = 250;
/** A file that changed so recently may change again without its time of change telling. */
const SETTLED_MS = 2_000;
const OPENED_AT_ONCE = 32;
/** Names that a pattern may meet before it is taken for a mistake. */
const MOST_NAMES = 100_000;

export interface SetFiles extends AsyncDisposable {
  /** `version`: the name of a view that is kept; where it is not kept any more, or was changed under its readers, the newest is opened. */
  open(ask: { readonly signal: AbortSignal; readonly version?: string | undefined }): Promise<View>;
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
  /** Absent: no view is kept. */
  readonly keeper?: Keeper | undefined;
}

export function setFiles(of: SetFilesOf, now: () => number = Date.now): SetFiles {
  const closing = new AbortController();
  const { keeper } = of;
  let current: State | undefined;
  /** Views that were replaced, by their names. */
  const kept = new Map<string, State>();
  let running: Promise<State> | undefined;
  let next: Promise<State> | undefined;

  /** Who comes while somebody looks waits for the look after that: his own change may have come too late for this one. */
  const look = (): Promise<State> => {
    if (running === undefined) return start();
    next ??= running
      .catch(() => {})
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
  const start = (): Promise<State> => {
    const looking = refreshed().finally(() => {
      if (running === looking) running = undefined;
    });
    running = looking;
    return looking;
  };
  const refreshed = async (): Promise<State> => {
    const { signal } = closing;
    const before = current;
    for (let attempt = 1; ; attempt++) {
      try {
        const state = await stateOf(of, before, now, signal, unkept);
        current = state;
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

  return {
    async open({ signal, version }) {
      signal.throwIfAborted();
      const asked = version === undefined || keeper === undefined ? undefined : await known(version, signal);
      if (asked !== undefined) return asked;
      for (;;) {
        const last = current;
        const fresh = last !== undefined && isFresh(last, now());
        const state = fresh ? last : await unlessAborted(look(), signal);
        if (state.uses > 0) return viewOf(state, keeper !== undefined);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Fault('unavailable', 'The source is being closed', { code: 'closing' }));
      await running?.catch(() => {});
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
  before: State | undefined,
  now: () => number,
  signal: AbortSignal,
  unkept: (state: State) => Promise<void>,
): Promise<State> {
  const lookedAt = now();
  const names = of.choose(await matching(of.store, of.glob, signal));
  const known = new Map((before?.held ?? []).map((held) => [held.member.name, held]));
  const held: Held[] = [];
  try {
    for (let i = 0; i < names.length; i += OPENED_AT_ONCE) {
      const opened = await Promise.allSettled(
        names
          .slice(i, i + OPENED_AT_ONCE)
          .map((name) => opening(of, name, known.get(name), lookedAt, signal)),
      );
      for (const one of opened) if (one.status === 'fulfilled') held.push(one.value);
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
  name: string,
  known: Held | undefined,
  lookedAt: number,
  signal: AbortSignal,
): Promise<Held> {
  try {
    const stored = of.stored(name);
    if (known !== undefined && isSettled(known.member.file, lookedAt)) {
      if ((await currentVersion(of.store.file(name), signal)) === known.member.file.version) {
        known.file.uses++;
        known.versions.uses++;
        return known;
      }
    }
    const constants = of.constants(name);
    const file = await of.handles.open(stored, { signal });
    if (known?.member.file.version === file.version) {
      // What was found out about it is still true.
      await file[Symbol.asyncDispose]();
      known.file.uses++;
      known.versions.uses++;
      return known;
    }
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

async function currentVersion(stored: StoredFile, signal: AbortSignal): Promise<string> {
  if (stored.version !== undefined) return stored.version({ signal });
  await using file = await stored.open({ signal });
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
        if (kind === 'outside') throw notFollowed(path);
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

function notFollowed(path: string): Fault {
  return new Fault('unavailable', `"${path}" is a link that leads out of the source's root folder`, {
    code: 'link-outside-root',
    file: path,
    hint: 'Copy the file, or set "root" to a folder above both.',
  });
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
