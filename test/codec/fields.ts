// A field alone, for the codec's tests.

import type { Encoding } from '../../src/codec/encoding.ts';
import type { ScalarNode } from '../../src/codec/layout.ts';
import type { Scalar } from '../../src/model/type.ts';

export function nodeOf(
  encoding: Encoding,
  type: Scalar,
  length: number,
  more: Partial<ScalarNode> = {},
): ScalarNode {
  return { kind: 'scalar', name: 'f', type, offset: 0, length, encoding, ...more };
}
