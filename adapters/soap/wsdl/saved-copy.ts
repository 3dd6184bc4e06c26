// Knows: the file beside a saved copy that says where its documents came from, so that a second import replaces what the first one wrote.
// Must not know: disks, how a copy is made.

import { z } from 'zod';

/** Name of the file. */
export const INDEX = 'import.json';

const savedFile = z.strictObject({
  /** Path below the folder, with `/`. */
  file: z.string(),
  /** Where it came from, as it may be shown. */
  source: z.string(),
  /** Of the saved bytes, lower-case hexadecimal. */
  sha256: z.string(),
  /** As it came with the document, where it names a charset: that counts more than the XML declaration (RFC 7303, section 3.2). */
  contentType: z.string().optional(),
});

const savedCopy = z.strictObject({
  import: z.literal('wsdl'),
  source: z.string(),
  main: z.string(),
  files: z.array(savedFile),
});

export type SavedFile = Readonly<z.infer<typeof savedFile>>;
/** There is no date in it: the same documents give the same file. */
export interface SavedCopy {
  readonly import: 'wsdl';
  readonly source: string;
  readonly main: string;
  readonly files: readonly SavedFile[];
}

/** Undefined for what is no such file. */
export function readSavedCopy(text: string): SavedCopy | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = savedCopy.safeParse(json);
  return parsed.success ? parsed.data : undefined;
}

export function savedCopyText(copy: SavedCopy): string {
  return `${JSON.stringify(copy, null, 2)}\n`;
}
