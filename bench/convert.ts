// Knows: how fast `overpunch convert` is as a whole process, start included, beside `iconv` on the same bytes in the same run, and how
// much memory it takes.
// Must not know: what happens inside the process.

import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ByteSink, compile, framingOf, layoutOf, parseCopybook, recordWriter } from '../src/codec/index.ts';
import { random } from '../test/random.ts';
import { CASES, recordsLike } from './codec.ts';

const ROOT = dirname(import.meta.dirname);
const MEBIBYTE = 1_048_576;
const RUNS = 5;
const TEST6 = join(ROOT, '..', 'shared', 'conformance', 'cobrix');

const ORDERS = `
       01 ORDER-REC.
          05 ORDER-NO       PIC 9(9) COMP.
          05 CUST-NAME      PIC X(20).
          05 LINES-NO       PIC 9(2).
          05 ORDER-LINE     OCCURS 0 TO 20 DEPENDING ON LINES-NO.
             10 ARTICLE     PIC X(12).
             10 QUANTITY    PIC S9(5) COMP-3.
             10 PRICE       PIC S9(7)V99 COMP-3.
          05 STATUS-CODE    PIC X(3).
`;

const ZEROS = `
       01 COUNTERS.
          05 COUNTER        PIC S9(9) COMP OCCURS 64.
`;

interface File {
  readonly name: string;
  readonly megabytes: number;
  readonly path: string;
  /** Flags of convert. */
  readonly flags: readonly string[];
}

/** Measures and prints a table; `megabytes`: size of the large files. */
export async function benchConvert(megabytes = 200): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'overpunch-bench-'));
  try {
    const main = builtProgram(folder);
    const rows: Record<string, Readonly<Record<string, string>>> = {};
    for (const write of files(folder, megabytes)) {
      const file = write();
      if (file === undefined) continue;
      rows[file.name] = measured(main, file);
      rmSync(file.path);
    }
    rows['zeros, 4 GiB sparse'] = sparse(main, folder);
    console.table(rows);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is published: JavaScript, as users run it. */
function builtProgram(folder: string): string {
  const built = spawnSync(process.execPath, [join(ROOT, 'tools', 'build.ts'), join(folder, 'dist')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (built.status !== 0) throw new Error('the build failed');
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return join(folder, 'dist', 'src', 'main.js');
}

/** One after the other, so that the disk holds one at a time. */
function files(folder: string, megabytes: number): readonly (() => File | undefined)[] {
  const copybook = (name: string, text: string): readonly string[] => {
    const path = join(folder, `${name}.cpy`);
    writeFileSync(path, text);
    return ['--copybook', path];
  };
  const large = CASES.map(({ name, copybook: text }) => (): File => {
    const codec = codecOf(text);
    const path = join(folder, name);
    writeFileSync(path, recordsLike(codec, Math.floor((megabytes * 1_000_000) / codec.layout.length)));
    return { name, megabytes, path, flags: copybook(name, text) };
  });
  const numbers = (): File | undefined => {
    const text = join(TEST6, 'test6_copybook.cob');
    if (!existsSync(text)) {
      console.log(`195 fields: skipped, ${text} is not there`);
      return undefined;
    }
    const data = readFileSync(join(TEST6, 'test6_data', 'INTEGR.TYPES.NOV28.DATA.dat'));
    const size = megabytes * 0.3;
    const path = join(folder, 'numbers');
    repeated(path, data, size);
    return {
      name: '195 fields',
      megabytes: size,
      path,
      flags: ['--copybook', text, '--floats', 'ieee', '--on-bad', 'null'],
    };
  };
  const orders = (): File => {
    const path = join(folder, 'orders');
    repeated(path, someOrders(), megabytes);
    return { name: 'VB with ODO', megabytes, path, flags: [...copybook('orders', ORDERS), '--format', 'VB'] };
  };
  return [...large, numbers, orders];
}

function codecOf(copybook: string): ReturnType<typeof compile> {
  const [record] = parseCopybook(copybook).records;
  if (record === undefined) throw new Error('no record');
  return compile(layoutOf(record, { charset: 'cp037' }));
}

/** A file of `data` over and over, about as large as wanted. */
function repeated(path: string, data: Uint8Array, megabytes: number): void {
  const file = openSync(path, 'w');
  for (let size = 0; size < megabytes * 1_000_000; size += data.length) writeSync(file, data);
  closeSync(file);
}

/** About 5 MB in blocks. */
function someOrders(): Uint8Array {
  const codec = codecOf(ORDERS);
  const writer = recordWriter(framingOf(codec.layout, { format: 'VB' }));
  const { int, pick } = random(7);
  const out = new ByteSink(MEBIBYTE);
  for (let i = 0; i < 20_000; i++) {
    const orderLine = Array.from({ length: int(21) }, () => ({
      article: pick(['SCREW 4X40', 'NUT M4', 'WASHER', 'BOLT 12']),
      quantity: int(1000),
      price: `${int(10_000)}.${String(int(100)).padStart(2, '0')}`,
    }));
    writer.write(
      codec.encode({
        orderNo: i,
        custName: pick(['Anna Meyer', 'Karl Fitzgerald', 'North & Sons Ltd.']),
        linesNo: orderLine.length,
        orderLine,
        statusCode: pick(['NEW', 'OK', 'OUT']),
      }),
      out,
    );
  }
  writer.finish(out);
  return out.take();
}

function measured(main: string, { path, flags, megabytes }: File): Readonly<Record<string, string>> {
  const { size } = statSync(path);
  const one = convert(main, [...flags, path]);
  const two = convert(main, [...flags, '--jobs', '2', path]);
  const iconv = iconvMs(path);
  const speed = (ms: number): string => (size / 1000 / ms).toFixed(0);
  return {
    MB: megabytes.toFixed(0),
    'convert MB/s': speed(one.ms),
    'iconv MB/s': iconv === undefined ? 'not installed' : speed(iconv),
    'convert : iconv': iconv === undefined ? '' : (iconv / one.ms).toFixed(2),
    '2 jobs MB/s': speed(two.ms),
    '2 jobs : 1': (one.ms / two.ms).toFixed(2),
    'peak MB': one.peak.toFixed(0),
    'peak MB, 2 jobs': two.peak.toFixed(0),
  };
}

/** Zeros that are good numbers, and that take no place on the disk. */
function sparse(main: string, folder: string): Readonly<Record<string, string>> {
  const path = join(folder, 'zeros');
  const copybook = join(folder, 'zeros.cpy');
  writeFileSync(copybook, ZEROS);
  const file = openSync(path, 'w');
  const size = 4096 * MEBIBYTE;
  ftruncateSync(file, size);
  closeSync(file);
  const one = convert(main, ['--copybook', copybook, path], 1);
  const two = convert(main, ['--copybook', copybook, '--jobs', '2', path], 1);
  rmSync(path);
  return {
    MB: (size / 1_000_000).toFixed(0),
    'convert MB/s': (size / 1000 / one.ms).toFixed(0),
    '2 jobs MB/s': (size / 1000 / two.ms).toFixed(0),
    '2 jobs : 1': (one.ms / two.ms).toFixed(2),
    'peak MB': one.peak.toFixed(0),
    'peak MB, 2 jobs': two.peak.toFixed(0),
  };
}

/**
 * The process tells how much memory it had at most, in KiB, when it ends. Linux counts what its parent had at the start into
 * `maxRSS`, so the figure of its own comes first.
 */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(
  `import { readFileSync, writeSync } from 'node:fs'; import { isMainThread } from 'node:worker_threads';
   const peak = () => { try { return /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]; } catch { return process.resourceUsage().maxRSS; } };
   if (isMainThread) process.on('exit', () => writeSync(3, String(peak())));`,
)}`;

/** Milliseconds of the whole process, the median, and the most memory of all runs in MB. */
function convert(
  main: string,
  args: readonly string[],
  runs = RUNS,
): { readonly ms: number; readonly peak: number } {
  const once = (telling: boolean): { ms: number; peak: number } => {
    const begin = performance.now();
    const options = telling ? ['--import', TELL_PEAK] : [];
    const { status, stderr, output } = spawnSync(
      process.execPath,
      [...options, main, 'convert', ...args, '-o', '/dev/null'],
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe'], encoding: 'utf8' },
    );
    const ms = performance.now() - begin;
    if (status !== 0) throw new Error(`convert ended with ${String(status)}: ${stderr}`);
    return { ms, peak: (Number(output[3]) * 1024) / 1_000_000 };
  };
  const { peak } = once(true);
  return { ms: median(Array.from({ length: runs }, () => once(false).ms)), peak };
}

function iconvMs(path: string): number | undefined {
  if (spawnSync('iconv', ['--version']).error !== undefined) return undefined;
  const sink = openSync('/dev/null', 'w');
  const times = Array.from({ length: RUNS }, () => {
    const begin = performance.now();
    // Bytes of packed numbers have characters too; iconv's -c goes on where one has none.
    spawnSync('iconv', ['-c', '-f', 'IBM037', '-t', 'UTF-8', path], { stdio: ['ignore', sink, 'ignore'] });
    return performance.now() - begin;
  });
  closeSync(sink);
  return median(times);
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

if (import.meta.main) await benchConvert(Number(process.argv[2] ?? 200));
