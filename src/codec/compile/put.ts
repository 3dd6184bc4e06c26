// Knows: how the cells of a row are put into a record's widest form, and what they must not contradict.
// Must not know: how a scalar is written; which of the bytes the record ends up with.

import { Fault } from '../../fault.ts';
import { didYouMean } from '../../model/naming.ts';
import { type Cell, isList, isRecord, memberOf, TAG } from '../../model/value.ts';
import { openCharset } from '../charset.ts';
import type { Layout, ListNode, Node, ScalarNode, UnionNode } from '../layout.ts';
import { isFlaw } from '../scalars/flaw.ts';
import { readerOf } from '../scalars/scalar.ts';
import { writerOf } from '../scalars/scalar-writer.ts';
import type { Choose, Chooser } from './choice.ts';
import { startVariant } from './initial.ts';
import { counterOf, inElement, inGroup, inVariant, join, type Place } from './place.ts';

/** A record in the making, in its widest form. */
export interface Target {
  readonly bytes: Uint8Array;
  /** Offset behind the bytes that rules may look at. */
  end: number;
  readonly isNew: boolean;
  /** Variants of the record that is changed, where its widest form does not show them any more. */
  readonly held: ReadonlyMap<Choose, number>;
  /** 1 for each byte that a field of the row has already decided. */
  readonly given: Uint8Array;
  /** A new record in its widest form. */
  readonly initial: Uint8Array;
  /** Variants that the row has, which the rules must choose in the end. */
  readonly unions: Intended[];
}

export interface Intended {
  readonly choose: Choose;
  readonly base: number;
  readonly index: number;
  readonly path: string;
  readonly tags: readonly string[];
}

export interface Setting {
  readonly layout: Layout;
  readonly chooser: Chooser;
}

/**
 * Puts a cell; an absent one leaves the bytes. `bases`: what offsets count from, the record first and the innermost list's element
 * last. Throws a `rejected` Fault for what cannot be written.
 */
export type Put = (target: Target, bases: readonly number[], cell: Cell | undefined, path: string) => void;

export function putAll(nodes: readonly Node[], place: Place, setting: Setting, tagged = false): Put {
  const members = nodes.map((node) => ({ name: node.name, put: putOne(node, place, setting) }));
  const names = new Set(nodes.map(({ name }) => name));
  if (tagged) names.add(TAG);
  return (target, bases, cell, path) => {
    // Counters stand before their lists, so a list without a value may still have to fit the counter that is given.
    const group = cell ?? {};
    if (!isRecord(group)) throw rejected(path, 'a group needs an object');
    const stranger = Object.keys(group).find((name) => !names.has(name));
    if (stranger !== undefined) throw rejected(join(path, stranger), 'there is no such field');
    for (const { name, put } of members) put(target, bases, memberOf(group, name), join(path, name));
  };
}

function putOne(node: Node, place: Place, setting: Setting): Put {
  switch (node.kind) {
    case 'group':
      return putAll(node.nodes, inGroup(place, node), setting);
    case 'list':
      return putList(node, place, setting);
    case 'union':
      return putUnion(node, place, setting);
    case 'scalar':
      return node.encoding.kind === 'condition'
        ? checkCondition(node, setting.layout)
        : putScalar(node, setting.layout);
  }
}

function putList(node: ListNode, place: Place, setting: Setting): Put {
  const { offset, stride, min, max, of } = node;
  const inside = inElement(place, node);
  const put = of.kind === 'group' ? putAll(of.nodes, inside, setting) : putOne(of, inside, setting);
  const settle = node.dependingOn === undefined ? undefined : counterPut(node, place, setting.layout);
  return (target, bases, cell, path) => {
    if (cell !== undefined && !isList(cell)) throw rejected(path, 'it needs a list');
    if (cell !== undefined && (cell.length > max || cell.length < (settle === undefined ? max : min))) {
      const wanted = settle === undefined || min === max ? max : `${min} to ${max}`;
      throw rejected(path, `the list has ${cell.length} elements, not ${wanted}`);
    }
    settle?.(target, bases, cell?.length, path);
    for (const [i, element] of (cell ?? []).entries()) {
      put(target, [...bases, (bases.at(-1) ?? 0) + offset + i * stride], element, `${path}[${i}]`);
    }
  };
}

/** Sets the counter that the row does not give, and holds the one that it gives to the length of the list, if there is one. */
function counterPut(list: ListNode, place: Place, layout: Layout) {
  const { min, max } = list;
  const { node, depth, path: name } = counterOf(list, place);
  const read = readerOf(node, layout.charset);
  const put = putScalar(node, layout);
  return (target: Target, bases: readonly number[], length: number | undefined, path: string): void => {
    const at = (bases[depth] ?? 0) + node.offset;
    const isGiven = target.given.subarray(at, at + node.length).includes(1);
    if (!isGiven) {
      if (length !== undefined) put(target, bases.slice(0, depth + 1), BigInt(length), name);
      return;
    }
    const count = read(target.bytes, at);
    if (length !== undefined && count !== BigInt(length)) {
      throw rejected(
        path,
        `the list has ${length} elements, not ${isFlaw(count) ? 'as many as' : count} (${name})`,
      );
    }
    if (typeof count !== 'bigint' || count < min || count > max) {
      const found = isFlaw(count) ? 'is none of the numbers' : `is ${count}, not`;
      throw rejected(name, `it counts the elements of ${path} and ${found} ${min} to ${max}`, 'bad-counter');
    }
  };
}

function putUnion(node: UnionNode, place: Place, setting: Setting): Put {
  const { offset, length } = node;
  const { choose } = setting.chooser(node, place);
  const tags = node.variants.map(({ tag }) => tag);
  const { space } = openCharset(setting.layout.charset);
  const variants = node.variants.map((variant, i) => ({
    put: putAll(variant.node.nodes, inVariant(place, node, i), setting, true),
    start: startVariant(node, i, place, setting.layout),
    end: variant.node.offset + variant.node.length,
  }));
  return (target, bases, cell, path) => {
    if (cell === undefined) return;
    if (!isRecord(cell)) throw rejected(path, 'it needs an object');
    const base = bases.at(-1) ?? 0;
    const held = target.held.get(choose) ?? choose(target.bytes, base, 0, target.end, () => ({}));
    const tag = memberOf(cell, TAG);
    const index = tag === undefined ? held : tags.indexOf(String(tag));
    const variant = typeof index === 'number' ? variants[index] : undefined;
    if (typeof index !== 'number' || variant === undefined) {
      const hint = typeof tag === 'string' ? didYouMean(tag, tags) : '';
      throw rejected(path, `its ${TAG} must be one of ${tags.join(', ')}.${hint}`, 'unknown-variant');
    }
    if (index !== held || target.isNew)
      startAnew(target, base + offset, length, () => {
        target.bytes.fill(space, base + offset, base + offset + length);
        variant.start(target.bytes, bases, true);
      });
    target.end = Math.max(target.end, base + variant.end);
    target.unions.push({ choose, base, index, path, tags });
    variant.put(target, bases, cell, path);
  };
}

/** Bytes of a union that nobody has written yet begin as those of the variant, but for what the row has decided. */
function startAnew({ bytes, given, initial }: Target, at: number, length: number, start: () => void): void {
  const before = bytes.slice(at, at + length);
  const isUntouched = before.every((byte, i) => given[at + i] === 1 || byte === initial[at + i]);
  if (!isUntouched) return;
  start();
  for (const [i, byte] of before.entries()) if (given[at + i] === 1) bytes[at + i] = byte;
}

function putScalar(node: ScalarNode, layout: Layout): Put {
  const read = readerOf(node, layout.charset);
  const write = writerOf(node, layout.charset);
  return ({ bytes, given }, bases, cell, path) => {
    if (cell === undefined) return;
    if (cell instanceof Fault) throw cell;
    const at = (bases.at(-1) ?? 0) + node.offset;
    // Bytes that already hold the value stay: another sign code or padding is none of our business.
    if (read(bytes, at) !== cell) {
      const before = bytes.slice(at, at + node.length);
      const flaw = write(cell, bytes, at);
      if (flaw !== undefined) throw rejected(path, flaw.message, flaw.flaw);
      for (let i = 0; i < node.length; i++) {
        if (given[at + i] === 1 && bytes[at + i] !== before[i]) throw conflicting(path);
      }
    }
    given.fill(1, at, at + node.length);
  };
}

function conflicting(path: string): Fault {
  return rejected(
    path,
    'another field of the row says something else about the same bytes',
    'conflicting-views',
  );
}

/** A condition is a reading of another field: it is not written, but it must not contradict. */
function checkCondition(node: ScalarNode, layout: Layout): Put {
  const read = readerOf(node, layout.charset);
  return ({ bytes }, bases, cell, path) => {
    if (cell === undefined) return;
    const truth = read(bytes, (bases.at(-1) ?? 0) + node.offset);
    if (truth !== cell && !(isFlaw(truth) && cell === null)) {
      throw rejected(
        path,
        `the field that it describes makes it ${isFlaw(truth) ? 'undecidable' : String(truth)}`,
        'conflicting-views',
      );
    }
  };
}

export function rejected(path: string, message: string, code = 'unwritable-value'): Fault {
  return new Fault('rejected', `The field ${path} cannot be written: ${message}`, { code, field: path });
}
