// Knows: which version of a file is shown: the newest that passed the gates. While a newer one is not good, or the place cannot be reached,
// the last good one is, for it is kept open.
// Must not know: what makes a version good, when somebody looks without being asked.

import { Fault, toFault, unlessAborted } from '#spi';
import { toldOf } from '../edit/edited.ts';
import type { ByteFile, OpenAsk, StoredFile } from '../store/byte-store.ts';
import { type Lent, lendable } from '../store/lent.ts';
import { oneAtATime } from '../store/looks.ts';

/** What a version has to pass before it is shown. */
export interface Gate {
  /** It reads the file, so requests that have an older version do not wait for it. */
  readonly thorough: boolean;
  /** Throws the Fault for which the version is not shown: `corrupt` is the last word on it, after anything else it is asked again. */
  check(file: ByteFile, ask: GateAsk): Promise<void>;
}

export interface GateAsk extends OpenAsk {
  /** Of the file, as messages show it. */
  readonly path: string;
}

export interface PublishedFile extends StoredFile, AsyncDisposable {
  /** One more gate; before the first look. */
  demand(gate: Gate): void;
  /** From now on somebody else looks: requests take the version that is there. */
  readonly followed: { byOthers: boolean };
  /** Looks now for a newer version and goes over to it if it is good. Throws what keeps it from that; then the last good one stays. */
  look(): Promise<void>;
  /** What the last look met while an older version is shown. */
  stale(): Fault | undefined;
}

export type Listener = (version: string) => void;

/** Disposing it closes what no reader is still on. */
export function published(stored: StoredFile): PublishedFile {
  const gates: Gate[] = [];
  const listeners = new Set<Listener>();
  const closing = new AbortController();
  const followed = { byOthers: false };
  let current: Lent | undefined;
  /** What is open was found damaged where it lies: it is opened anew, even as the same version. */
  let spoilt = false;
  let fault: Fault | undefined;
  let refused: { readonly version: string; readonly fault: Fault } | undefined;
  /** Changes that the gateway itself has made, and how many of them the last look came after. */
  let written = 0;
  let seen = 0;

  const goOver = async (file: ByteFile): Promise<void> => {
    const before = current;
    spoilt = false;
    const opened: ByteFile = {
      ...file,
      read: (into, offset, ask) =>
        file.read(into, offset, ask).catch((error: unknown) => {
          if (current?.file === opened && error instanceof Fault && error.code === 'copy-damaged')
            spoilt = true;
          throw error;
        }),
    };
    current = lendable(opened);
    // What was opened last is kept even of an equal version: the one before may have been damaged where it lay.
    await before?.release();
    if (before?.file.version === file.version) return;
    for (const listener of listeners) listener(file.version);
  };

  const asking = (): OpenAsk => ({ signal: closing.signal, now: followed.byOthers });

  const passGates = async (file: ByteFile, ask = asking()): Promise<void> => {
    for (const gate of gates) await gate.check(file, { ...ask, path: stored.path });
  };

  const pass = async (file: ByteFile): Promise<void> => {
    if (file.version === current?.file.version) return;
    if (file.version === refused?.version) throw refused.fault;
    try {
      await passGates(file);
    } catch (error) {
      closing.signal.throwIfAborted();
      const found = toFault(error);
      if (found.kind === 'corrupt') refused = { version: file.version, fault: found };
      throw found;
    }
  };

  /** Nothing good is known, as after a start: perhaps a version before this one is still there, and good. */
  const fallBack = async (bad: string): Promise<void> => {
    const { signal } = closing;
    const seen = new Set<string>();
    for (let version = bad; current === undefined && !seen.has(version); ) {
      seen.add(version);
      // What keeps the newest back is told; that an older one cannot be had either says nothing more.
      const file = await stored.openBefore?.(version, { signal }).catch(() => undefined);
      if (file === undefined) return;
      version = file.version;
      const good = await passGates(file).then(
        () => true,
        () => false,
      );
      if (good && !signal.aborted) await goOver(file);
      else await file[Symbol.asyncDispose]();
      signal.throwIfAborted();
    }
  };

  const lookOnce = async (): Promise<void> => {
    const { signal } = closing;
    signal.throwIfAborted();
    const before = written;
    try {
      if (current !== undefined && stored.version !== undefined) {
        const version = await stored.version(asking());
        if (version === current.file.version && !spoilt) {
          fault = undefined;
          return;
        }
        if (version === refused?.version) throw refused.fault;
      }
      const file = await stored.open(asking());
      try {
        await pass(file);
        signal.throwIfAborted();
      } catch (error) {
        await file[Symbol.asyncDispose]();
        await fallBack(file.version);
        throw error;
      }
      await goOver(file);
      fault = undefined;
    } catch (error) {
      signal.throwIfAborted();
      fault = toFault(error);
      throw error;
    } finally {
      seen = before;
    }
  };
  const looks = oneAtATime(lookOnce);

  return {
    path: stored.path,
    followed,
    demand: (gate) => gates.push(gate),
    look: looks.look,
    stale: () => (current === undefined ? undefined : fault),
    onPublished(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
    async open({ signal }) {
      signal.throwIfAborted();
      if (current === undefined) {
        const looked = looks.look().catch((error: unknown) => {
          if (current === undefined) throw error;
        });
        await unlessAborted(looked, signal);
      } else if (seen < written || !followed.byOthers) {
        const waits = seen < written || !gates.some(({ thorough }) => thorough);
        const looked = looks.look().catch(() => {});
        if (waits) await unlessAborted(looked, signal);
      }
      if (current === undefined) throw closed();
      return current.lend();
    },
    ...(stored.edit === undefined
      ? {}
      : {
          async edit(ask) {
            const edit = await stored.edit?.(ask);
            if (edit === undefined)
              throw new TypeError('a place that can be written has become one that cannot');
            try {
              // What is not shown is not written to: of its records, nobody knows whether they are good.
              const { file } = edit;
              if (file !== undefined && file.version !== current?.file.version)
                await passGates(file, { ...ask, now: true });
            } catch (error) {
              await edit[Symbol.asyncDispose]();
              throw error;
            }
            return toldOf(edit, () => {
              written++;
            });
          },
        }),
    async [Symbol.asyncDispose]() {
      closing.abort(closed());
      await looks.ended();
      const last = current;
      current = undefined;
      await last?.release();
    },
  };
}

function closed(): Fault {
  return new Fault('unavailable', 'The source is being closed', { code: 'closing' });
}
