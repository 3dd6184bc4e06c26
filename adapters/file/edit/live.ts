// Knows: who has which version of a file open while it is patched in place, and the bytes that patches have taken away, so that a
// reader of an older version reads it as it was.
// Must not know: the disk. A file that is replaced is another one: who has the old one open keeps it without any help.

import { Fault } from '#spi';
import type { ByteFile } from '../store/byte-store.ts';

/** What a version says of itself. */
export type About = Pick<ByteFile, 'size' | 'version' | 'modifiedAt'>;

/** Bytes as they were, and where. */
export interface Image {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Bytes kept for the readers of older versions of one file. Where patches take more, the oldest versions are given up. */
const KEPT_BYTES = 33_554_432;

/** What one patch has taken away. */
interface Layer {
  /** Number of the patch: versions up to it need the layer. */
  readonly number: number;
  readonly images: readonly Image[];
  readonly bytes: number;
}

interface Live {
  /** Patches so far: the number of the present version. */
  number: number;
  /** In their order, without gaps, up to the present. */
  layers: readonly Layer[];
  /** While a patch is being made: the version before it, which is the present one until the patch is complete. */
  patching: About | undefined;
  /** What the last patch has made of the file. */
  present: string | undefined;
  /** Of patches, how many have begun and ended. */
  moments: number;
  readonly holds: Set<{ readonly number: number }>;
}

/** One version of a file that somebody is on, from the moment on at which this was made. */
export interface Hold {
  /** What the version says of itself, if a patch is being made of it. */
  before(): About | undefined;
  /** A patch is being made, of this version or a later one. */
  changing(): boolean;
  /** A patch has been completed since. */
  moved(): boolean;
  /** Grows whenever a patch begins or ends. */
  moment(): number;
  /** The version that the file has become by patches, `opened` where there was none since; nothing where that is not known. */
  present(opened: string): string | undefined;
  /**
   * Puts back what patches have changed in bytes that were read from `offset`, be it before, while or after they were made. Throws
   * `unavailable` (`file-changed`) where too much has been changed meanwhile.
   */
  restore(path: string, into: Uint8Array, offset: number): void;
  release(): void;
}

export interface Patching {
  /** The file is complete again, and has this version: from now on it is opened as what it is. */
  done(version: string | undefined): void;
}

export interface LiveFiles {
  hold(file: string): Hold;
  /** Before the first byte is written. `images` is all that will be overwritten. The caller holds the file. */
  patch(file: string, before: About, images: readonly Image[]): Patching;
}

/** Files are told apart by a text that is theirs as long as they are open. */
export function liveFiles(keptBytes = KEPT_BYTES): LiveFiles {
  const files = new Map<string, Live>();
  const liveOf = (file: string): Live => {
    const known = files.get(file);
    if (known !== undefined) return known;
    const fresh: Live = {
      number: 0,
      layers: [],
      patching: undefined,
      present: undefined,
      moments: 0,
      holds: new Set(),
    };
    files.set(file, fresh);
    return fresh;
  };
  const trim = (live: Live): void => {
    const oldest = Math.min(...[...live.holds].map(({ number }) => number));
    live.layers = live.layers.filter(({ number }) => number >= oldest);
    let bytes = live.layers.reduce((sum, layer) => sum + layer.bytes, 0);
    while (bytes > keptBytes) {
      const [first, ...others] = live.layers;
      bytes -= first?.bytes ?? bytes;
      live.layers = others;
    }
  };
  return {
    hold(file) {
      const live = liveOf(file);
      const own = { number: live.number };
      live.holds.add(own);
      return {
        before: () => (live.number === own.number ? live.patching : undefined),
        changing: () => live.patching !== undefined,
        moved: () => live.number !== own.number,
        moment: () => live.moments,
        present: (opened) => (live.number === own.number ? opened : live.present),
        restore(path, into, offset) {
          const layers = live.layers.filter(({ number }) => number >= own.number);
          const needed = live.number - own.number + (live.patching === undefined ? 0 : 1);
          if (layers.length < needed) throw givenUp(path, offset);
          // The oldest last: what it took away is what this version had.
          for (const { images } of layers.toReversed())
            for (const image of images) overlay(into, offset, image);
        },
        release() {
          if (!live.holds.delete(own)) return;
          if (live.holds.size === 0) files.delete(file);
          else trim(live);
        },
      };
    },
    patch(file, before, images) {
      const live = liveOf(file);
      const bytes = images.reduce((sum, image) => sum + image.bytes.length, 0);
      live.layers = [...live.layers, { number: live.number, images, bytes }];
      live.patching = before;
      live.moments++;
      trim(live);
      return {
        done(version) {
          if (live.patching === undefined) return;
          live.patching = undefined;
          live.present = version;
          live.number++;
          live.moments++;
          trim(live);
        },
      };
    },
  };
}

function overlay(into: Uint8Array, offset: number, image: Image): void {
  const from = Math.max(offset, image.offset);
  const to = Math.min(offset + into.length, image.offset + image.bytes.length);
  if (from < to) into.set(image.bytes.subarray(from - image.offset, to - image.offset), from - offset);
}

function givenUp(path: string, byteOffset: number): Fault {
  return new Fault('unavailable', `Too much of "${path}" was changed while it was read`, {
    code: 'file-changed',
    byteOffset,
  });
}
