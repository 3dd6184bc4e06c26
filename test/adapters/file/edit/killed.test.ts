// A process that changes a file is killed at random moments: afterwards the file is the version before or the version after, what was
// reported as done is there, and whoever opens the file next makes all well again, unless he is killed over it, too.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { it } from 'node:test';
import { build } from 'esbuild';
import { machineOf } from '../../../../adapters/file/edit/machine.ts';
import { diskStore } from '../../../../adapters/file/store/disk.ts';
import { random } from '../../../random.ts';
import { bytesOf, type Folder, folder, leftIn, never } from '../opening.ts';
import { firstGeneration, generationOf } from './generations.ts';

const KILLS = 180;
/** Files that are changed at once, each by a process of its own. */
const FILES = 4;
/** Of so many kills, one comes while the process begins: when it makes well what the one before has left. */
const EARLY = 4;

/** How long changes take, as far as seen, in milliseconds. */
interface Pace {
  sum: number;
  count: number;
}

/** The last version that the process has reported; it is killed when it has begun so many changes, or, at 0, when it has begun itself. */
async function reportedBy(
  program: string,
  at: Folder,
  pace: Pace,
  when: { readonly begun: number; readonly after: number },
): Promise<number> {
  const child = spawn(process.execPath, [program, at.path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let begun = 0;
  let begunAt = 0;
  let last = 0;
  let rest = '';
  const hear = (line: string): void => {
    const now = performance.now();
    if (line === 'begin') {
      begun++;
      begunAt = now;
    } else if (line !== 'ready') {
      last = Number(line);
      pace.sum += now - begunAt;
      pace.count++;
    }
    if (line === (when.begun === 0 ? 'ready' : 'begin') && begun === when.begun)
      setTimeout(() => child.kill('SIGKILL'), (when.after * pace.sum) / pace.count);
  };
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(line);
  });
  const how = await new Promise<readonly (number | string | null)[]>((resolve) => {
    child.once('close', (...end) => resolve(end));
  });
  assert.deepEqual(how, [null, 'SIGKILL']);
  return last;
}

/** The process in one small file: many begin. */
async function changerIn(place: Folder): Promise<string> {
  const program = join(place.path, 'changer.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'changer.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    format: 'esm',
    alias: { '#spi': join(import.meta.dirname, 'small-spi.ts') },
    logLevel: 'error',
  });
  return program;
}

it('a process that is killed leaves one version or the other, and the next start makes all well', async (t) => {
  using place = folder();
  const program = await changerIn(place);
  const left = { journal: 0, part: 0, lock: 0, nothing: 0, 'journal while it was undone': 0 };

  const lane = async (lane: number): Promise<void> => {
    using at = folder({ data: firstGeneration().bytes });
    const dice = random(600 + lane);
    const pace: Pace = { sum: 20, count: 1 };
    let atLeast = 1;
    for (let kill = 0; kill < KILLS / FILES; kill++) {
      const isEarly = kill % EARLY === EARLY - 1;
      const before = leftIn(at.path);
      const begun = isEarly ? 0 : 1 + dice.int(3);
      // Over all of a change and a little more; undoing one takes less.
      const after = (dice.int(1_000) / 1_000) * (isEarly ? 0.5 : 1.1);
      atLeast = Math.max(atLeast, await reportedBy(program, at, pace, { begun, after }));
      const found = leftIn(at.path).map((name) => name.split('.').at(-1));
      for (const kind of ['journal', 'part', 'lock'] as const) if (found.includes(kind)) left[kind]++;
      if (found.length === 0) left.nothing++;
      const hadJournal = before.some((name) => name.endsWith('.journal'));
      if (hadJournal && found.includes('journal')) left['journal while it was undone']++;
      // What is there now is left to the next process, which is killed early.
      if (kill % EARLY === EARLY - 2) continue;

      await using file = await diskStore(at.path, { machine: machineOf() })
        .file('data')
        .open({ signal: never });
      const { number } = generationOf(await bytesOf(file));
      assert.ok(number === atLeast || number === atLeast + 1, `${atLeast} was reported, ${number} is there`);
      atLeast = number;
      assert.deepEqual(leftIn(at.path), []);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: FILES }, (_, i) => lane(i)));
  t.diagnostic(`${KILLS} kills left: ${JSON.stringify(left)}`);
  for (const end of ended) if (end.status === 'rejected') throw end.reason;
  assert.ok(left.journal >= 10 && left.part >= 5, 'kills have met changes in the middle');
});

it('processes that change one file at once do it one after the other', async () => {
  using place = folder();
  const program = await changerIn(place);
  using at = folder({ data: firstGeneration().bytes });
  const reported: number[] = [];
  const children = Array.from({ length: 3 }, () =>
    spawn(process.execPath, [program, at.path], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  const heard = new Set<number>();
  const ends = children.map(async (child, i) => {
    for await (const line of createInterface(child.stdout)) {
      if (!/^\d+$/.test(line)) continue;
      reported.push(Number(line));
      heard.add(i);
      // Each of them has made some.
      if (heard.size === children.length && reported.length >= 30)
        for (const one of children) one.kill('SIGKILL');
    }
  });
  await Promise.all(ends);
  // No two have made the same version out of the same one.
  assert.equal(new Set(reported).size, reported.length);
  await using file = await diskStore(at.path, { machine: machineOf() }).file('data').open({ signal: never });
  const { number } = generationOf(await bytesOf(file));
  assert.ok(number >= Math.max(...reported));
});
