// Knows: which version of a file of a set is shown: the newest that passed the gates, else the one before it, else the file is no member yet.
// Must not know: which files a set has, how they are opened.

import { Fault } from '#spi';
import type { ByteFile, OpenAsk } from '../store/byte-store.ts';
import type { Gate } from '../versions/publication.ts';

export interface MemberGate {
  /** Requests that have an older view do not wait for a look. */
  readonly thorough: boolean;
  /** Throws the Fault for which the version is not shown; what was refused before is not looked at again. */
  pass(name: string, file: ByteFile, ask: OpenAsk): Promise<void>;
  /** Throws the Fault of a version that was refused before. */
  recall(name: string, version: string): void;
  /**
   * What `open` opens. Where that is not to be shown yet: what is known of the member; undefined where nothing is, so that it is no member
   * yet. A bad version is a fault where there is no older view at all (`first`).
   */
  kept<Held extends Counted>(
    name: string,
    before: { readonly known: Held | undefined; readonly first: boolean },
    open: () => Promise<Held>,
  ): Promise<Held | undefined>;
  /** What keeps versions back, in the order of the names. */
  held(): readonly Fault[];
  /** Forgets the files that are none of these. */
  only(names: ReadonlySet<string>): void;
}

/** Shared by views. */
export interface Counted {
  readonly file: { uses: number };
  readonly versions: { uses: number };
}

/** There is a version, but nobody knows yet whether it is all there. */
const WAITING: ReadonlySet<string> = new Set(['file-unsettled', 'trigger-missing', 'trigger-older']);

export function memberGate({ gates }: { readonly gates: readonly Gate[] }): MemberGate {
  const refused = new Map<string, { readonly version: string; readonly fault: Fault }>();
  const held = new Map<string, Fault>();

  const recall = (name: string, version: string): void => {
    const known = refused.get(name);
    if (known?.version === version) throw known.fault;
  };
  return {
    thorough: gates.some(({ thorough }) => thorough),
    recall,
    async pass(name, file, ask) {
      recall(name, file.version);
      try {
        for (const gate of gates) await gate.check(file, { ...ask, path: name });
      } catch (error) {
        if (error instanceof Fault && error.kind === 'corrupt') {
          refused.set(name, { version: file.version, fault: error });
        }
        throw error;
      }
    },
    async kept(name, { known, first }, open) {
      try {
        const opened = await open();
        held.delete(name);
        refused.delete(name);
        return opened;
      } catch (error) {
        const fault = error instanceof Fault ? error : undefined;
        const waits = WAITING.has(fault?.code ?? '');
        if (fault === undefined || fault.code === 'file-missing' || (gates.length === 0 && !waits))
          throw error;
        if (known === undefined && !waits && (first || fault.kind !== 'corrupt')) throw error;
        held.set(name, fault);
        if (known === undefined) return undefined;
        known.file.uses++;
        known.versions.uses++;
        return known;
      }
    },
    held: () => [...held].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, fault]) => fault),
    only(names) {
      for (const known of [refused, held]) {
        for (const name of known.keys()) if (!names.has(name)) known.delete(name);
      }
    },
  };
}
