// GnuCOBOL as an oracle: compiles and runs a program in a folder of its own.

import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const hasCobc = ((): boolean => {
  try {
    execFileSync('cobc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** What a program displays. `files` are put into its working folder; `read` hands back one that it left there. */
export async function runCobol(
  program: string,
  options: readonly string[],
  work: (folder: string) => Promise<void> = async () => {},
  after: (folder: string) => Promise<void> = async () => {},
): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'overpunch-cobol-'));
  try {
    await writeFile(join(folder, 'p.cob'), program);
    await work(folder);
    await run('cobc', ['-x', '-free', '-O0', '-w', ...options, '-o', 'p', 'p.cob'], { cwd: folder });
    const { stdout } = await run(join(folder, 'p'), [], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
    await after(folder);
    return stdout.split('\n').filter((line) => line !== '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
