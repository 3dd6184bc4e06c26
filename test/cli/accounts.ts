// A small file of records, and `overpunch` with something on standard input.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compile, layoutOf, parseCopybook } from '../../src/codec/index.ts';
import { type Ended, MAIN } from './overpunch.ts';

export const ACCOUNT_CPY = `       01  ACCOUNT.
           05  ACCT-NO      PIC 9(5).
           05  OWNER.
               10  FIRST    PIC X(6).
               10  LAST     PIC X(8).
           05  BALANCE      PIC S9(5)V99 COMP-3.
           05  KIND         PIC X.
               88  SAVINGS  VALUE 'S'.
               88  CURRENT  VALUE 'C'.
           05  FILLER       PIC X(2).
`;

function codec() {
  const [record] = parseCopybook(ACCOUNT_CPY).records;
  if (record === undefined) throw new Error('no record');
  return compile(layoutOf(record, { charset: 'cp037' }));
}

export const ACCOUNT_LENGTH = 26;

/** Records 1 to `count`: number `i`, owner `F<i> L"<i>`, balance `i.50`, negative when odd, kind S and C in turn. */
export function accounts(count: number): Uint8Array<ArrayBuffer> {
  const { encode } = codec();
  const file = new Uint8Array(count * ACCOUNT_LENGTH);
  for (let i = 1; i <= count; i++) file.set(encode(accountRow(i)), (i - 1) * ACCOUNT_LENGTH);
  return file;
}

export function accountRow(i: number) {
  return {
    acctNo: i,
    owner: { first: `F${i}`, last: `L"${i}` },
    balance: `${i % 2 === 1 ? '-' : ''}${i % 1000}.50`,
    kind: i % 2 === 1 ? 'S' : 'C',
  };
}

/** As `convert` writes it. */
export function accountJson(i: number): string {
  const { kind } = accountRow(i);
  return JSON.stringify({ ...accountRow(i), savings: kind === 'S', current: kind === 'C' });
}

/** The balance's bytes of record `i` overwritten by what is no packed number. */
export function damage(file: Uint8Array, i: number): Uint8Array {
  file.set([0x12, 0x34, 0xac, 0x00], (i - 1) * ACCOUNT_LENGTH + 19);
  return file;
}

export interface Streams {
  readonly cwd?: string;
  readonly stdin?: Uint8Array | string;
  /** Bytes of standard output after which it is closed. */
  readonly closeAfter?: number;
}

/** Runs to its end; what it writes as text. */
export async function overpunchOn(
  args: readonly string[],
  { cwd, stdin, closeAfter }: Streams = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH: process.env['PATH'] },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  let err = '';
  let length = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    out.push(chunk);
    length += chunk.length;
    if (closeAfter !== undefined && length >= closeAfter) child.stdout.destroy();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  // It may end before it has read everything.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  await once(child, 'close');
  return { code: child.exitCode, out: Buffer.concat(out).toString(), err };
}
