// Knows: fields of one byte: there are 256 answers, and each is worked out once.
// Must not know: where the field stands in a record.

import { Fault } from '../../fault.ts';
import { toJson } from '../../model/value.ts';
import type { ScalarNode } from '../layout.ts';
import type { ReadCell } from './slot.ts';

/** JSON text by the field's byte; undefined where the byte is bad data. */
export type ReadyAnswers = readonly (Uint8Array | undefined)[];

const encoder = new TextEncoder();

/**
 * The answers of a condition, an enum or a boolean of one byte. Undefined for other fields, and where an answer takes more
 * than `room` bytes.
 */
export function readyAnswers(node: ScalarNode, read: ReadCell, room: number): ReadyAnswers | undefined {
  if (node.length !== 1 || !['condition', 'enum', 'boolean-text'].includes(node.encoding.kind))
    return undefined;
  const answers = Array.from({ length: 256 }, (_, byte) => {
    const cell = read(Uint8Array.of(byte), 0, 0, () => ({}));
    return cell instanceof Fault ? undefined : encoder.encode(JSON.stringify(toJson(node.type, cell)));
  });
  return answers.every((answer) => answer === undefined || answer.length <= room) ? answers : undefined;
}

/** Copies an answer to `n`; returns the offset behind it, or -1 where there is none. */
export function writeReady(answer: Uint8Array | undefined, out: Uint8Array, n: number): number {
  if (answer === undefined) return -1;
  for (let i = 0; i < answer.length; i++) out[n + i] = answer[i] ?? 0;
  return n + answer.length;
}
