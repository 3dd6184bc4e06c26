// Knows: how a path of the configuration is named on the server.
// Must not know: connections, what is there.

import { posix } from 'node:path';
import { Fault } from '#spi';

export interface RemotePath {
  /** As the server is asked. */
  readonly path: string;
  /** What the file has to lie below, links followed; absent where the configuration names the place itself. */
  readonly below?: string;
}

/**
 * Relative paths are below `root`, by default the folder of the login, and stay there. An absolute path is taken as it stands; so is
 * the name of a data set of z/OS, `//'PROD.DATA'`.
 */
export function remotePath(path: string, root = '.'): RemotePath {
  if (path.includes('\0')) throw outside(path, 'A path cannot hold a NUL character');
  if (path.startsWith('/')) return { path };
  const inside = posix.normalize(path);
  if (inside === '.' || inside === './' || inside === '..' || inside.startsWith('../')) {
    throw outside(path, `The path "${path}" leads out of the source's root folder`);
  }
  return { path: posix.join(root, inside), below: root };
}

/** A data set of z/OS, `//'PROD.DATA'`: nothing is written beside it and renamed. */
export function isDataSet(path: string): boolean {
  return path.startsWith('//');
}

/** A folder; '' is the root itself. */
export function remoteFolder(folder: string, root = '.'): RemotePath {
  return folder === '' ? { path: root, below: root } : remotePath(folder, root);
}

/** The folder that a file lies in, and its name there, both as patterns of files are walked through. */
export function parentOf(path: string): { readonly folder: string; readonly name: string } {
  const folder = posix.dirname(path);
  return { folder: folder === '.' ? '' : folder, name: posix.basename(path) };
}

export function outside(path: string, message: string): Fault {
  return new Fault('invalid', message, {
    code: 'path-outside-root',
    misconfigured: true,
    hint: `Set "root" to a folder above "${path.replaceAll('\0', '')}", or write the path as an absolute one.`,
  });
}

/** Of two paths that the server has resolved. */
export function liesBelow(path: string, root: string): boolean {
  return path.startsWith(root.endsWith('/') ? root : `${root}/`);
}
