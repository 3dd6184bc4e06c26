// Knows: how a file that is written by hand is read, and how a place in it becomes a problem.
// Must not know: what stands in it.

import { readFile, stat } from 'node:fs/promises';
import { type Path, type Problem, pathText } from './problem.ts';
import type { Yaml } from './yaml.ts';

/** A configuration is written by hand; what is larger is another file. */
const MAX_BYTES = 4_194_304;

export type FileText =
  | { readonly text: string; readonly problem?: undefined }
  | { readonly problem: string; readonly text?: undefined };

export async function readText(file: string): Promise<FileText> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) return { problem: `expected a file of at most ${MAX_BYTES} bytes` };
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file)) };
  } catch (error) {
    if (error instanceof TypeError) return { problem: 'expected a file in UTF-8' };
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { problem: UNREADABLE[code] ?? 'the file cannot be read' };
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'the file may not be read',
  EISDIR: 'expected a file, not a folder',
};

/** `file` as the problem names it. */
export function placedIn(file: string, yaml: Yaml) {
  return (path: Path, message: string, of: 'value' | 'key' = 'value'): Problem => ({
    file,
    ...yaml.place(path, of),
    path: pathText(path),
    message,
  });
}
