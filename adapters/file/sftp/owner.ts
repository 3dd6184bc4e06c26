// Knows: which process an unfinished thing on the disk belongs to, and whether that process is still there: `overpunch check` beside a
// gateway that runs must not clear away what that has in hand.
// Must not know: what is unfinished.

import { readFileSync } from 'node:fs';

/** In the name of a file: process id and, where the system tells it, the time of its start, so that an id that is given again is another. */
export const OWN: string = `${process.pid}-${startOf(process.pid)}`;

const MARK = /(?:^|\.)(\d{1,10})-(\d{1,20})\./;

/** Does the file belong to another process that is alive? */
export function isHeld(name: string): boolean {
  const [, id, start] = MARK.exec(name) ?? [];
  if (id === undefined || Number(id) === process.pid) return false;
  const now = startOf(Number(id));
  return now === 0 ? isAlive(Number(id)) : String(now) === start;
}

/** In clock ticks since the system started: proc(5), field 22 of /proc/PID/stat; 0: there is no such process, or the system does not tell. */
function startOf(id: number): number {
  try {
    const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
    // The second field is a name in parentheses, which may hold anything.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? 0);
  } catch {
    return 0;
  }
}

function isAlive(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, and somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
