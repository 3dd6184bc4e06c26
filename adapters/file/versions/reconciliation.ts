// Knows: whether a file agrees with what its header and its trailer say of it: it is walked once, in slices, and added up exactly.
// Must not know: queries, which version is shown meanwhile.

import type { Block } from '#codec/framing/block';
import type { Framing } from '#codec/framing/framing';
import { Fault, type FaultDetail, fromScaled, type Row } from '#spi';
import type { CollectionOptions } from '../options/options.ts';
import type { PublishOptions } from '../options/publish-options.ts';
import { slices } from '../slices.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { scanFile } from '../tables/fetch.ts';
import { sorter, type TypeRule } from '../tables/members.ts';
import { type Owner, type Place, placeIn } from '../tables/place.ts';
import { bookOf, type LayoutTexts } from '../tables/reading.ts';
import { type TypeReading, typeReadings } from '../tables/record-types.ts';
import {
  type Control,
  type Controls,
  controlsOf,
  type Figure,
  scaledAt,
  type Tally,
} from './control-totals.ts';
import type { Gate } from './publication.ts';

export interface ReconciliationOf {
  readonly owner: Owner;
  readonly options: CollectionOptions;
  readonly publish: PublishOptions;
  readonly texts: LayoutTexts;
  readonly framing: Framing;
  readonly sliceMs: number;
}

/**
 * Refuses a version as `corrupt`: `trailer-missing`, `header-missing` (at its place), `count-mismatch`, `total-mismatch`, or the fault of a
 * record that cannot be read. Throws a misconfigured Fault for what does not fit the copybook.
 */
export function reconciliationGate(of: ReconciliationOf): Gate {
  const types = typesOf(of);
  const controls = controlsOf(types, of.publish);
  const rules = types.map(({ rule }) => rule);
  const walk = { ...of, rules, ...controls };
  return {
    thorough: true,
    async check(file, { signal, path }) {
      try {
        await reconcile({ ...walk, path }, file, signal);
      } catch (error) {
        throw error instanceof Fault ? error.at({ ...of.owner }) : error;
      }
    },
  };
}

/** Those under "types"; without them the collection's own, the header, the trailer, and whatever else there may be. */
function typesOf({ owner, options, publish, texts }: ReconciliationOf): readonly TypeReading[] {
  const book = bookOf(owner, options, texts);
  if (options.types !== undefined) return typeReadings({ ...book, types: options.types });
  const given = [publish.header, publish.trailer].flatMap((control) =>
    control === undefined
      ? []
      : [[control.record, { when: control.when ?? 'otherwise', record: control.record }] as const],
  );
  const record = options.record === undefined ? {} : { record: options.record };
  const own = [options.record ?? owner.collection, { when: options.when ?? 'otherwise', ...record }] as const;
  const types = typeReadings({ ...book, types: Object.fromEntries([...given, own]) });
  const [{ layout } = { layout: undefined }] = types;
  const others = types.every(({ rule }) => rule.test !== undefined) && layout !== undefined;
  return others ? [...types, { layout, rule: { name: 'any other record' } }] : types;
}

interface Walk extends ReconciliationOf, Controls {
  /** For messages. */
  readonly path: string;
  readonly rules: readonly TypeRule[];
}

/** What has been met of a header or a trailer. */
interface Met {
  readonly control: Control;
  row?: Row;
  /** Where it stands: number in the file, from 0. */
  record?: number;
  place?: { readonly record?: number; readonly byteOffset?: number };
  readonly sums: bigint[];
}

async function reconcile(walk: Walk, file: ByteFile, signal: AbortSignal): Promise<void> {
  const { owner, framing, controls, rules, sliceMs } = walk;
  const kindsOf = sorter(rules, owner);
  const met = controls.map((control): Met => ({ control, sums: control.figures.map(() => 0n) }));
  const counts = rules.map(() => 0);
  const adders = addersOf(walk, met);
  const slice = slices(sliceMs);
  let records = 0;
  for await (const block of scanFile(file, framing, { signal })) {
    const kindOf = kindsOf(block);
    const place = placeIn(owner, block);
    for (place.i = 0; place.i < block.length; place.i++) {
      const kind = kindOf(place.i);
      counts[kind] = (counts[kind] ?? 0) + 1;
      try {
        adders[kind]?.(block, place);
        for (const one of met) if (one.control.type === kind) meet(one, walk, block, place);
      } catch (error) {
        throw place.settle(error);
      }
      records++;
      if ((place.i & 0xff) === 0 && slice.over()) {
        await slice.next();
        signal.throwIfAborted();
      }
    }
  }
  for (const one of met) checkPlace(walk, one, records);
  const wrong = met.flatMap((one) => mismatches(walk, one, counts));
  const [first] = wrong;
  if (first === undefined) return;
  const errors = wrong.map((fault): FaultDetail => ({ ...fault.place, message: fault.message }));
  throw wrong.length === 1
    ? first
    : new Fault(first.kind, first.message, { ...first.place, code: first.code, errors });
}

type Adder = (block: Block, place: Place) => void;

/** For each type what is done with a record of it: nothing where it adds to no sum. */
function addersOf({ tallies, framing }: Walk, met: readonly Met[]): readonly (Adder | undefined)[] {
  return tallies.map((tally, kind): Adder | undefined => {
    const { decode } = tally;
    if (decode === undefined) return undefined;
    const sums = met.flatMap(({ control, sums: own }) =>
      control.figures.flatMap(({ adds, scale }, at) => {
        const path = adds.get(kind) ?? '';
        return path === '' ? [] : [{ own, at, path, scale }];
      }),
    );
    return (block, place) => {
      const start = block.start(place.i);
      const row = decode(block.bytes, start, endOf(block, place.i, framing, tally), place.locate);
      for (const { own, at, path, scale } of sums) own[at] = (own[at] ?? 0n) + scaledAt(row, path, scale);
    };
  });
}

/** In records of one length what stands behind a shorter layout is none of its business. */
function endOf(block: Block, i: number, { kind }: Framing, { length }: Tally): number {
  const end = block.end(i);
  return kind === 'fixed' ? Math.min(end, block.start(i) + length) : end;
}

function meet(met: Met, { framing, tallies, path }: Walk, block: Block, place: Place): void {
  const { control } = met;
  const { record = 0, byteOffset = 0 } = place.locate(0);
  if (met.row !== undefined) {
    throw new Fault('corrupt', `"${path}" has a second ${control.side} ${control.name}`, {
      ...place.locate(0),
      code: `${control.side}-repeated`,
    });
  }
  const tally = tallies[control.type] ?? { length: Number.POSITIVE_INFINITY };
  met.row = control.decode(
    block.bytes,
    block.start(place.i),
    endOf(block, place.i, framing, tally),
    place.locate,
  );
  met.record = block.record(place.i);
  met.place = { record, byteOffset };
}

function checkPlace({ owner, path }: Walk, { control, record }: Met, records: number): void {
  const { side, name } = control;
  if (record === (side === 'header' ? 0 : records - 1)) return;
  const where = side === 'header' ? 'begin' : 'end';
  throw new Fault(
    'corrupt',
    `"${path}" does not ${where} with its ${side} ${name}: it was cut off, or is not complete yet`,
    {
      ...owner,
      code: `${side}-missing`,
      ...(record === undefined ? {} : { record: record + 1 }),
      hint: 'Was it transferred completely?',
    },
  );
}

function mismatches(walk: Walk, met: Met, counts: readonly number[]): readonly Fault[] {
  const { control, row = {}, sums, place } = met;
  return control.figures.flatMap((figure, i): readonly Fault[] => {
    const { field, scale, name, of, modulus } = figure;
    const isCount = isCountOf(figure);
    const counted = [...figure.adds.keys()].reduce((sum, kind) => sum + BigInt(counts[kind] ?? 0), 0n);
    const sum = isCount ? counted : (sums[i] ?? 0n);
    const found = modulus === undefined ? sum : sum % modulus;
    const said = scaledAt(row, field, scale);
    if (said === found) return [];
    const what = isCount
      ? `there are ${found} records of ${of}`
      : `the sum of ${of} is ${fromScaled(found, scale)}`;
    return [
      new Fault(
        'corrupt',
        `"${walk.path}" does not agree with its ${control.side} ${control.name}: ${name} says ${fromScaled(said, scale)}, and ${what}`,
        {
          ...walk.owner,
          ...place,
          code: isCount ? 'count-mismatch' : 'total-mismatch',
          hint: 'Was it transferred completely?',
        },
      ),
    ];
  });
}

function isCountOf({ adds }: Figure): boolean {
  return adds.values().every((path) => path === '');
}
