// Knows: that somebody wants to hear what becomes of the change that an edit makes.
// Must not know: what is done about it.

import type { FileEdit } from '../store/byte-store.ts';

/** The edit, that calls `over` behind its change: with the version that the file has become, or without where that is not known. */
export function toldOf(edit: FileEdit, over: (version: string | undefined) => void): FileEdit {
  const { file, patch } = edit;
  const told = async (change: Promise<string>): Promise<string> => {
    let version: string | undefined;
    try {
      version = await change;
      return version;
    } finally {
      over(version);
    }
  };
  return {
    ...(file === undefined ? {} : { file }),
    ...(patch === undefined ? {} : { patch: (patches, ask) => told(patch.call(edit, patches, ask)) }),
    replace: (content, ask) => told(edit.replace(content, ask)),
    [Symbol.asyncDispose]: () => edit[Symbol.asyncDispose](),
  };
}
