// Knows: whether an index is kept on disk or in memory, and that a disk on which nothing can be kept only means memory.
// Must not know: what is in an index, and how it is built.

import { Fault } from '#spi';
import { factsOf, type IndexDraft, type IndexFolder, type IndexName, NoRoom } from './index-folder.ts';
import { pageCache } from './page-cache.ts';
import { DamagedPages, type Pages, type PageWriter, pagesInMemory } from './page-file.ts';

/** Of one version of a file. */
export interface Subject {
  /** Of the file, in bytes. */
  readonly size: number;
  /** The file may not change any more without its version telling: an index of it may be kept for the next start. */
  readonly settled: boolean;
  name(id: string): IndexName;
}

/** Where indexes that are being built go. */
export interface Drafts {
  facts(id: string): object;
  draft(id: string): Promise<PageWriter>;
  spill(): Promise<PageWriter>;
}

export type Made = ReadonlyMap<string, Pages | Fault>;

export interface IndexKeeper {
  /** The index as it was kept, if there is one. */
  find(subject: Subject, id: string): Promise<Pages | undefined>;
  /** `build` may be called twice: where the disk fails on the way, it has to begin again in memory. */
  make(subject: Subject, build: (drafts: Drafts) => Promise<Made>): Promise<Kept>;
}

export interface Kept {
  readonly made: Made;
  /** For people: why indexes are in memory that belong on disk. */
  readonly trouble?: string;
}

export interface KeeperOf {
  readonly folder: IndexFolder;
  /** Files with fewer bytes have their indexes in memory. */
  readonly fromBytes: number;
}

/** Of all indexes on disk, what was read last is held. */
const CACHED_BYTES = 67_108_864;

export function indexKeeper({ folder, fromBytes }: KeeperOf): IndexKeeper {
  const cache = pageCache(CACHED_BYTES);
  const onDisk = async (
    { settled, name }: Subject,
    build: (drafts: Drafts) => Promise<Made>,
  ): Promise<Kept> => {
    const drafts = new Map<string, IndexDraft>();
    const made = await build({
      facts: (id) => factsOf(name(id)),
      async draft(id) {
        const draft = await folder.draft();
        drafts.set(id, draft);
        return draft;
      },
      spill: () => folder.draft(),
    });
    const kept = new Map<string, Pages | Fault>();
    let trouble: string | undefined;
    for (const [id, pages] of made) {
      if (settled && !(pages instanceof Fault)) {
        // It can be used all the same, as long as it is open.
        await drafts
          .get(id)
          ?.keep(name(id))
          .catch((error: unknown) => {
            trouble = whyNot(error);
          });
      }
      kept.set(id, pages instanceof Fault ? pages : cache.over(pages));
    }
    return { made: kept, ...(trouble === undefined ? {} : { trouble }) };
  };

  return {
    async find({ size, name }, id) {
      if (size < fromBytes) return undefined;
      const pages = await folder.open(name(id));
      return pages === undefined ? undefined : cache.over(pages);
    },
    async make(subject, build) {
      const draft = async () => pagesInMemory();
      const inMemory = () => build({ facts: () => ({}), draft, spill: draft });
      if (subject.size < fromBytes) return { made: await inMemory() };
      try {
        return await onDisk(subject, build);
      } catch (error) {
        if (!isOfDisk(error)) throw error;
        return { made: await inMemory(), trouble: whyNot(error) };
      }
    },
  };
}

/** Faults are about the data, everything else that the operating system says here is about the folder. */
function isOfDisk(error: unknown): boolean {
  if (error instanceof NoRoom || error instanceof DamagedPages) return true;
  return !(error instanceof Fault) && systemCode(error) !== undefined;
}

function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EFBIG: 'a file may not become so large',
  EROFS: 'the disk is read-only',
  EACCES: 'the gateway may not write there',
  EPERM: 'the gateway may not write there',
};

function whyNot(error: unknown): string {
  if (error instanceof NoRoom) return '"maxBytes" of the cache leaves no room';
  const code = systemCode(error);
  return REASONS[code ?? ''] ?? `the disk fails (${code ?? 'unreadable'})`;
}
