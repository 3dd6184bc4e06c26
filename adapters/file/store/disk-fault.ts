// Knows: what the operating system's error codes mean for a file that is read or written.
// Must not know: which file, and what is done with it.

import { Fault } from '#spi';

type Meanings = Readonly<Record<string, readonly [code: string, what: string]>>;

/** Error codes of open(2) and read(2) → what the client is told. */
const READING: Meanings = {
  ENOENT: ['file-missing', 'does not exist'],
  ENOTDIR: ['file-missing', 'does not exist: a part of its path is no folder'],
  EACCES: ['file-unreadable', 'may not be read by the gateway'],
  EPERM: ['file-unreadable', 'may not be read by the gateway'],
  EISDIR: ['not-a-file', 'is a folder'],
  ENXIO: ['not-a-file', 'is no regular file'],
  ELOOP: ['file-unreadable', 'is behind too many symbolic links'],
  ENAMETOOLONG: ['file-missing', 'has a name that is too long'],
  EMFILE: ['too-many-open-files', 'cannot be opened: too many files are open'],
  ENFILE: ['too-many-open-files', 'cannot be opened: too many files are open'],
  EIO: ['read-error', 'cannot be read: the disk reports an error'],
  ESTALE: ['file-changed', 'was replaced on its file server while it was read'],
};

/** Error codes of open(2), write(2), fsync(2), rename(2) and link(2), where they mean something else than for reading. */
const WRITING: Meanings = {
  ...READING,
  ENOENT: ['folder-missing', 'cannot be written: its folder does not exist'],
  ENOTDIR: ['folder-missing', 'cannot be written: a part of its path is no folder'],
  EACCES: ['file-unwritable', 'may not be written by the gateway, or its folder may not'],
  EPERM: ['file-unwritable', 'may not be written by the gateway, or its folder may not'],
  EROFS: ['file-unwritable', 'is on a file system that is only read'],
  ETXTBSY: ['file-unwritable', 'is a program that runs'],
  ELOOP: ['file-unwritable', 'is behind too many symbolic links'],
  ENAMETOOLONG: ['file-unwritable', 'has a name that is too long'],
  ENOSPC: ['disk-full', 'cannot be written: the disk is full'],
  EDQUOT: ['quota', 'cannot be written: the disk quota of the gateway is used up'],
  EFBIG: ['file-too-large', 'cannot be written: it would be larger than the system allows'],
  EIO: ['write-error', 'cannot be written: the disk reports an error'],
  ESTALE: ['file-changed', 'was replaced on its file server while it was written'],
};

/** The one mapping from errors of the disk to faults, by their codes. Anything else stays what it is. */
export function diskFault(path: string, error: unknown, doing: 'read' | 'write' = 'read'): unknown {
  const systemCode = systemCodeOf(error);
  if (systemCode === undefined) return error;
  const meanings = doing === 'read' ? READING : WRITING;
  const [code, what] = meanings[systemCode] ?? [
    'file-error',
    `cannot be ${doing === 'read' ? 'read' : 'written'} (${systemCode})`,
  ];
  return new Fault('unavailable', `"${path}" ${what}`, { code, cause: error });
}

/** Whether the new content is there cannot be told: neither success nor failure would be true. */
export function outcomeUnknown(path: string, hint: string, cause: unknown): Fault {
  return new Fault('upstream', `Whether "${path}" has been changed for good is unknown`, {
    code: 'outcome-unknown',
    hint,
    cause,
  });
}

/** Of an error of the operating system, its name for it: `ENOSPC`. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}
