// Knows: the one form of the fault of a link that leads out of the root folder.
// Must not know: how that was found.

import { Fault } from '#spi';

/** The file may be put right at any time, so it is no fault of the configuration. */
export function linkOutside(path: string): Fault {
  return new Fault('unavailable', `"${path}" is a link that leads out of the source's root folder`, {
    code: 'link-outside-root',
    file: path,
    hint: 'Copy the file, or set "root" to a folder above both.',
  });
}
