// Knows: what compilers store differently, by dialect.
// Must not know: items and their sizes.

import type { ByteOrder, Dialect, DialectOptions } from '../layout.ts';

/** The storage rules of one compiler. */
export interface StorageRules {
  /**
   * Bytes of binary numbers. `2-4-8`: 1-4, 5-9, 10-18 digits (Enterprise COBOL Language Reference, "USAGE clause"). `1-2-4-8`: 1-2
   * digits take one byte (GnuCOBOL's default.conf, `binary-size`). `shortest`: as few as hold the digits (Micro Focus, without
   * the directive IBMCOMP).
   */
  readonly binarySizes: '2-4-8' | '1-2-4-8' | 'shortest';
  readonly byteOrder: ByteOrder;
  readonly floats: 'ibm' | 'ieee';
  readonly odo: 'slide' | 'maximum';
  readonly pointerBytes: 4 | 8;
  /**
   * SYNCHRONIZED. `ibm`: slack bytes belong to what stands before them, so a group begins at its first item (Enterprise COBOL
   * Language Reference, "Slack bytes within records"). `natural`: they belong to the group of the item, which is aligned by
   * its size (GnuCOBOL). `ignored`: Micro Focus, without the directive IBMCOMP.
   */
  readonly synchronized: 'ibm' | 'natural' | 'ignored';
}

const RULES: Record<Dialect, StorageRules> = {
  ibm: {
    binarySizes: '2-4-8',
    byteOrder: 'big',
    floats: 'ibm',
    odo: 'slide',
    pointerBytes: 4,
    synchronized: 'ibm',
  },
  gnucobol: {
    binarySizes: '1-2-4-8',
    byteOrder: 'little',
    floats: 'ieee',
    odo: 'maximum',
    pointerBytes: 8,
    synchronized: 'natural',
  },
  mf: {
    binarySizes: 'shortest',
    byteOrder: 'little',
    floats: 'ieee',
    odo: 'maximum',
    pointerBytes: 4,
    synchronized: 'ignored',
  },
};

/** The dialect's rules, with those that the options name put in their place. */
export function storageRules(options: DialectOptions): StorageRules {
  const rules = RULES[options.dialect ?? 'ibm'];
  return {
    ...rules,
    byteOrder: options.byteOrder ?? rules.byteOrder,
    floats: options.floats ?? rules.floats,
    odo: options.odo ?? rules.odo,
    pointerBytes: options.pointerBytes ?? rules.pointerBytes,
  };
}
