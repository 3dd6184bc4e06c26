// Knows: how a layout becomes a codec: each thing that can be done is compiled to JavaScript once per projection.
// Must not know: files, batches, adapters.

import { recent } from '../../model/recent.ts';
import { fieldsOf } from '../../query/filter.ts';
import type { Layout, Node } from '../layout.ts';
import { scalarAt } from '../paths.ts';
import { chooserOf } from './choice.ts';
import type { Codec, Decode, Write } from './codec.ts';
import { generateDecoder } from './decoder.ts';
import { encoderOf } from './encoder.ts';
import { fitter } from './fit.ts';
import { initialOf } from './initial.ts';
import { topOf } from './place.ts';
import { generatePredicate } from './predicate.ts';
import { project } from './projection.ts';
import { shapeOf } from './shape.ts';
import { generateWriter } from './writer.ts';

export type * from './codec.ts';

/** Code is generated when it is first asked for, and kept with the codec: one codec for each layout is enough. */
export function compile(layout: Layout): Codec {
  const chooser = chooserOf(layout, (view, fields, named) =>
    // What rules look at holds no union.
    generateDecoder(view, project(view, fields), chooser, { place: topOf(view), named }),
  );
  const initial = initialOf(layout);
  const shape = shapeOf(layout, chooser);
  const fit = fitter(layout, shape, initial);
  const exact = recent<{ readonly decode: Decode; readonly nodes: readonly Node[] }>(KEPT);
  const decoders = recent<Decode>(KEPT);
  const writers = recent<Write>(KEPT);
  const exactDecoder = (fields: readonly string[]) =>
    exact(JSON.stringify(fields), () => {
      const nodes = project(layout, fields);
      return { nodes, decode: generateDecoder(layout, nodes, chooser) };
    });
  // Who only reads need not wait for it.
  let encode: Codec['encode'] | undefined;
  return {
    layout,
    decoder: (fields) =>
      decoders(JSON.stringify(fields), () => {
        const { decode, nodes } = exactDecoder(fields);
        return fit.decode(decode, nodes);
      }),
    writer: (fields) =>
      writers(JSON.stringify(fields), () => {
        const nodes = project(layout, fields);
        return fit.write(generateWriter(layout, nodes, chooser), nodes);
      }),
    predicate(filter) {
      const { coverage, test } = generatePredicate(layout, filter, (fields) => exactDecoder(fields).decode);
      const seen = fieldsOf(filter).flatMap((path) => scalarAt(layout.nodes, path) ?? []);
      return { coverage, test: fit.test(test, seen) };
    },
    encode(row, into) {
      encode ??= encoderOf({ layout, chooser, shape, fit: fit.fit, initial });
      return encode(row, into);
    },
  };
}

/** Projections kept of each kind: clients choose them, so their number must not grow without end. */
const KEPT = 256;
