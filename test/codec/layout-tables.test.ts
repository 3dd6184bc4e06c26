// Tables with a counter: which counter is meant, which tables slide, how short a record may be.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Layout, LayoutOptions, ListNode, Node } from '../../src/codec/layout.ts';
import { counterAt } from '../../src/codec/paths.ts';
import { copybook, layoutFor, refused } from './records.ts';

function* lists(nodes: readonly Node[]): Iterable<ListNode> {
  for (const node of nodes) {
    if (node.kind === 'list') {
      yield node;
      yield* lists(node.of.kind === 'list' ? [node.of] : node.of.kind === 'group' ? node.of.nodes : []);
    }
    if (node.kind === 'group') yield* lists(node.nodes);
    if (node.kind === 'union') for (const { node: group } of node.variants) yield* lists(group.nodes);
  }
}

/** `name offset+length stride min-max counter`, with `~` where the table slides. */
function tables(layout: Layout): readonly string[] {
  return [...lists(layout.nodes)].map(
    (l) =>
      `${l.name} ${l.offset}+${l.length} ${l.stride} ${l.min}-${l.max} ${l.dependingOn ?? ''}${l.slides === true ? '~' : ''}`,
  );
}

describe('a table with a counter', () => {
  const middle = copybook(
    '01 R.',
    '   05 N PIC 9.',
    '   05 T OCCURS 1 TO 5 DEPENDING ON N.',
    '      10 M PIC 9.',
    '      10 U PIC X(2) OCCURS 0 TO 3 DEPENDING ON M.',
    '   05 Z PIC X.',
  );

  it('slides at IBM, and takes its maximum elsewhere', () => {
    const ibm = layoutFor(middle);
    assert.deepEqual(tables(ibm), ['t 1+35 7 1-5 n~', 'u 1+6 2 0-3 t.m~']);
    assert.deepEqual([ibm.length, ibm.minLength], [37, 3]);
    for (const options of [{ dialect: 'gnucobol' }, { dialect: 'mf' }, { odo: 'maximum' }] as const) {
      const layout = layoutFor(middle, options);
      assert.deepEqual(tables(layout), ['t 1+35 7 1-5 n', 'u 1+6 2 0-3 t.m']);
      assert.deepEqual([layout.length, layout.minLength], [37, 37]);
    }
    assert.deepEqual(layoutFor(middle, { dialect: 'gnucobol', odo: 'slide' }).minLength, 3);
  });

  it('knows its counter in another group, by its qualified name, and in the same element', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 HEAD.',
        '      10 CNT PIC 9(2) COMP.',
        '   05 OTHER.',
        '      10 CNT PIC 9(2).',
        '   05 A PIC X OCCURS 0 TO 9 DEPENDING ON CNT OF HEAD.',
        '   05 B PIC X OCCURS 0 TO 9 DEPENDING ON CNT IN OTHER IN R.',
      ),
    );
    assert.deepEqual(tables(layout), ['a 4+9 1 0-9 head.cnt~', 'b 13+9 1 0-9 other.cnt~']);
    const counter = counterAt(layoutFor(middle).nodes, 't.m');
    assert.deepEqual([counter?.name, counter?.offset], ['m', 0]);
  });

  it('prefers of several items with the name of its counter the one in its own group', () => {
    const text = (of: string) =>
      copybook(
        '01 R.',
        '   05 G1.',
        '      10 CNT PIC 9.',
        '      10 A PIC X OCCURS 1 TO 2 DEPENDING ON CNT.',
        '   05 G2.',
        '      10 CNT PIC 9.',
        `      10 B PIC X OCCURS 1 TO 2 DEPENDING ON CNT${of}.`,
      );
    assert.deepEqual(
      tables(layoutFor(text(' OF G2'))),
      ['a 1+2 1 1-2 g1.cnt~', 'b 1+2 1 1-2 g2.cnt~'].map((line, i) =>
        i === 0 ? line : 'b 4+2 1 1-2 g2.cnt~',
      ),
    );
  });

  it('keeps an unnamed group of elements together when they need each other', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 FILLER OCCURS 2.',
        '      10 M PIC 9.',
        '      10 U PIC X OCCURS 0 TO 3 DEPENDING ON M.',
        '   05 Z PIC X.',
      ),
    );
    assert.deepEqual(tables(layout), ['filler 0+8 4 2-2 ', 'u 1+3 1 0-3 filler.m~']);
    assert.equal(layout.minLength, 3);
  });

  it('moves bytes once, whatever number of fields it makes', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 N PIC 9.',
        '   05 T PIC X OCCURS 0 TO 3 DEPENDING ON N.',
        "      88 T-YES VALUE 'Y'.",
        '   05 FILLER PIC X(2) OCCURS 0 TO 3 DEPENDING ON N.',
        '   05 Z PIC X.',
      ),
    );
    assert.deepEqual(tables(layout), ['t 1+3 1 0-3 n~', 'tYes 1+3 1 0-3 n', 'filler 4+6 2 0-3 n~']);
    assert.deepEqual([layout.length, layout.minLength], [11, 2]);
  });

  it('counts by bytes whatever a policy makes of the counter', () => {
    const layout = layoutFor(
      copybook(
        '01 R.',
        '   05 N PIC 9.',
        '      88 ONE VALUE 1.',
        '      88 TWO VALUE 2.',
        '   05 T PIC X OCCURS 1 TO 2 DEPENDING ON N.',
      ),
      { conditions: 'enum' },
    );
    assert.equal(layout.nodes[0]?.kind === 'scalar' && layout.nodes[0].type.kind, 'enum');
    assert.equal(counterAt(layout.nodes, 'n')?.encoding.kind, 'zoned');
  });

  it('in storage that a REDEFINES shares slides only where nothing can stand behind it', () => {
    const text = (inside: string, ...behind: readonly string[]) =>
      copybook(
        '01 R.',
        '   05 KIND PIC X.',
        '   05 A PIC X(10).',
        '   05 B REDEFINES A.',
        '      10 N PIC 9.',
        '      10 T PIC X OCCURS 0 TO 5 DEPENDING ON N.',
        ...(inside === '' ? [] : [`      10 ${inside}.`]),
        ...behind.map((line) => `   05 ${line}.`),
      );
    const rule: Partial<LayoutOptions> = {
      redefines: { A: { when: { A: "kind eq 'A'", B: 'otherwise' } } },
    };
    // Nothing behind the table: whether it slides is no question, and shared storage has one size.
    assert.deepEqual(tables(layoutFor(text('', 'Z PIC X'))), ['t 2+5 1 0-5 b.n']);
    assert.deepEqual(tables(layoutFor(text('', 'Z PIC X'), rule)), ['t 2+5 1 0-5 a.B.n']);
    assert.throws(
      () => layoutFor(text('Y PIC X', 'Z PIC X')),
      refused(/Line 6.*T is a table.*REDEFINES shares/),
    );
    assert.throws(() => layoutFor(text('Y PIC X')), refused(/T is a table/));
    assert.throws(() => layoutFor(text('Y PIC X', 'Z PIC X'), rule), refused(/T is a table/));
    assert.deepEqual(tables(layoutFor(text('Y PIC X'), { odo: 'maximum' })), ['t 2+5 1 0-5 b.n']);
    // At the end of the record the rule says which view it is.
    const layout = layoutFor(text('Y PIC X'), rule);
    assert.deepEqual(tables(layout), ['t 2+5 1 0-5 a.B.n~']);
    assert.deepEqual([layout.length, layout.minLength], [11, 3]);
  });

  it('whose counter is not there, no integer, or in a table of its own is refused', () => {
    assert.throws(
      () => layoutFor(copybook('01 R.', '   05 N PIC X.', '   05 T PIC X OCCURS 1 TO 2 DEPENDING ON N.')),
      refused(/N/),
    );
    assert.throws(
      () =>
        layoutFor(
          copybook('01 R.', '   05 N PIC 9 OCCURS 2.', '   05 T PIC X OCCURS 1 TO 2 DEPENDING ON N.'),
        ),
      refused(/N/),
    );
  });
});
