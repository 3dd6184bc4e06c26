// Knows: how a row becomes a record: from which bytes it begins, and what is checked when its fields are written.
// Must not know: how fields are written; generated code, since writing is rare beside reading.

import { Fault } from '../../fault.ts';
import type { Row } from '../../model/value.ts';
import type { Choose } from './choice.ts';
import type { Locate } from './codec.ts';
import type { Fit } from './fit.ts';
import { topOf } from './place.ts';
import { putAll, rejected, type Setting, type Target } from './put.ts';
import { type Choice, lateChoices, type Shape } from './shape.ts';
import { narrowed } from './widen.ts';

type Encode = (row: Row, into?: Uint8Array) => Uint8Array;

export interface Encoding extends Setting {
  readonly shape: Shape;
  readonly fit: Fit;
  initial(): Uint8Array;
}

/** Faults of the record that is written tell no place in a file: it has none yet. */
const unplaced: Locate = () => ({});

export function encoderOf(setting: Encoding): Encode {
  const { layout, shape, initial } = setting;
  const put = putAll(layout.nodes, topOf(layout), setting);
  return (row, into) => {
    const before = into === undefined ? undefined : held(into, setting);
    const target: Target = {
      bytes: before?.bytes ?? initial(),
      end: before?.end ?? layout.length,
      given: new Uint8Array(layout.length),
      initial: initial(),
      isNew: before === undefined,
      held: before?.held ?? new Map(),
      unions: [],
    };
    put(target, [0], row, '');
    const record = shape.parts.length === 0 ? { bytes: target.bytes, spare: 0 } : narrow(target, shape);
    const tail = before?.tail.subarray(0, layout.slack === true ? before.tail.length : record.spare);
    const written = tail === undefined || tail.length === 0 ? record.bytes : joined(record.bytes, tail);
    if (target.unions.length > 0) checkVariants(written, target, setting);
    return written;
  };
}

/** The record to be changed: a copy of its widest form, and the bytes behind its fields. */
function held(into: Uint8Array, { layout, fit, shape }: Encoding) {
  const record = fit(into, 0, into.length, unplaced);
  if (record instanceof Fault) throw record;
  const { bytes, start, end, tail } = record;
  const choices = lateChoices(shape).map(
    ({ choose }) => [choose, choose(bytes, start, start, end, unplaced)] as const,
  );
  return {
    held: new Map(choices.filter((choice): choice is [Choose, number] => typeof choice[1] === 'number')),
    bytes: bytes.slice(start, start + layout.length),
    end: end - start,
    // What is missing in a flexible record is blank, and so is what is too much.
    tail: layout.flexible === true ? new Uint8Array(0) : into.subarray(into.length - tail),
  };
}

function narrow({ bytes, end, unions, held }: Target, shape: Shape) {
  const choose = (choice: Choice, base: number) => {
    const intended = unions.find((union) => union.choose === choice.choose && union.base === base);
    return intended?.index ?? held.get(choice.choose) ?? choice.choose(bytes, base, 0, end, unplaced);
  };
  const record = narrowed(shape, bytes, unplaced, choose);
  if (record instanceof Fault) throw refused(record);
  return record;
}

/** What would be corrupt when it is read back cannot be written. */
function refused({ message, code, place }: Fault): Fault {
  return new Fault('rejected', `The record cannot be written: ${message}`, { ...place, code });
}

function joined(record: Uint8Array, tail: Uint8Array): Uint8Array {
  const all = new Uint8Array(record.length + tail.length);
  all.set(record);
  all.set(tail, record.length);
  return all;
}

/** Whoever reads the record must find the variants that were written. */
function checkVariants(written: Uint8Array, { unions }: Target, { fit }: Encoding): void {
  const record = fit(written, 0, written.length, unplaced);
  if (record instanceof Fault) throw refused(record);
  const { bytes, start, end } = record;
  for (const { choose, base, index, path, tags } of unions) {
    const found = choose(bytes, start + base, start, end, unplaced);
    if (found === index) continue;
    const reason = found instanceof Fault ? found.message : `by its rules it is ${tags[found]}`;
    throw rejected(path, `the row says ${tags[index]}, but ${reason}`, 'conflicting-views');
  }
}
