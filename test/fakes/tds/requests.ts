// What a client asks for: SQL batches, remote procedure calls, transactions. [MS-TDS] 2.2.6.7, 2.2.6.6, 2.2.6.9.

import { type Cursor, cursor } from './bytes.ts';
import { readTyped, type Typed } from './type-info.ts';

export interface RpcParameter extends Typed {
  readonly name: string;
  readonly output: boolean;
}

export interface Rpc {
  readonly procedure: string;
  readonly parameters: readonly RpcParameter[];
}

const SP_EXECUTESQL = 10;

function skipHeaders(from: Cursor): void {
  from.bytes(from.u32() - 4);
}

export function readBatch(data: Buffer): string {
  const from = cursor(data);
  skipHeaders(from);
  return from.text(from.left / 2);
}

export function readRpc(data: Buffer): Rpc {
  const from = cursor(data);
  skipHeaders(from);
  const length = from.u16();
  const procedure = length === 0xffff ? special(from.u16()) : from.text(length);
  from.u16();
  const parameters: RpcParameter[] = [];
  while (from.left > 0) {
    const name = from.text(from.u8());
    const output = (from.u8() & 0x01) !== 0;
    parameters.push({ name, output, ...readTyped(from) });
  }
  return { procedure, parameters };
}

function special(id: number): string {
  if (id !== SP_EXECUTESQL) throw new RangeError(`the special procedure ${id}`);
  return 'sp_executesql';
}

export type TransactionRequest = 'begin' | 'commit' | 'rollback';

export function readTransaction(data: Buffer): TransactionRequest {
  const from = cursor(data);
  skipHeaders(from);
  const kind = from.u16();
  const word = kind === 5 ? 'begin' : kind === 7 ? 'commit' : kind === 8 ? 'rollback' : undefined;
  if (word === undefined) throw new RangeError(`the transaction request ${kind}`);
  return word;
}
