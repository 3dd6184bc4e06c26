// REDEFINES with rules and record types as unions; RENAMES.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { layoutOfTypes } from '../../src/codec/cobol-layout/copybook-layout.ts';
import { layoutReport } from '../../src/codec/cobol-layout/layout-report.ts';
import { parseCopybook } from '../../src/codec/copybook/parse.ts';
import type { Layout, LayoutOptions, Node, UnionNode } from '../../src/codec/layout.ts';
import { typeText } from '../../src/model/type.ts';
import { copybook, layoutFor, refused } from './records.ts';

function unionIn(nodes: readonly Node[], name: string): UnionNode {
  const node = nodes.find((one) => one.name === name);
  assert.ok(node?.kind === 'union', `${name} is a union`);
  return node;
}

/** `tag typeName offset+length: fields | rule` */
const variants = ({ variants: all }: UnionNode): readonly string[] =>
  all.map(({ tag, node, when }) => {
    const rule = when.map((c) => ('field' in c ? `${c.field} ${c.op} ${'value' in c ? c.value : ''}` : c.op));
    const names = node.nodes.map(({ name }) => name);
    return `${tag} ${node.typeName} ${node.offset}+${node.length}: ${names.join(' ')} | ${rule.join(', ')}`;
  });

describe('REDEFINES with a rule', () => {
  const text = copybook(
    '01 REC.',
    '   05 HEAD.',
    '      10 REC-TYPE PIC X.',
    "         88 IS-PERSON VALUE 'P'.",
    '   05 PERSON.',
    '      10 NAME PIC X(8).',
    '      10 AGE PIC 9(2).',
    '   05 FIRM REDEFINES PERSON.',
    '      10 TITLE PIC X(6).',
    '   05 RAW-BYTES REDEFINES PERSON PIC X(12).',
    '   05 FILLER REDEFINES PERSON.',
    '      10 CODES PIC 9(2) OCCURS 3.',
    '   05 TAIL PIC X.',
  );
  const layout = (when: Readonly<Record<string, string>>, name?: string): Layout =>
    layoutFor(text, { redefines: { person: { when, ...(name === undefined ? {} : { name }) } } });

  it('is a union of the views that have one, in their order, and the others are alternates', () => {
    const { nodes, length } = layout({ FIRM: "head.recType eq 'F'", PERSON: 'IS-PERSON' }, 'party');
    assert.equal(length, 14);
    const union = unionIn(nodes, 'party');
    assert.deepEqual(
      [union.typeName, union.offset, union.length, union.legacyName],
      ['RecParty', 1, 12, 'PERSON'],
    );
    assert.deepEqual(variants(union), [
      'Person RecPerson 1+10: name age | head.isPerson eq true',
      'Firm RecFirm 1+6: title | head.recType eq F'.replace("'", ''),
    ]);
    assert.deepEqual(
      nodes.map(({ name, alternate }) => `${name}${alternate === true ? '*' : ''}`),
      ['head', 'party', 'rawBytes*', 'codes*', 'tail'],
    );
  });

  it('asks the view that holds otherwise last, and wraps a view that is no group', () => {
    const union = unionIn(
      layout({ PERSON: 'otherwise', 'RAW-BYTES': "REC-TYPE in ('X','Y')", FILLER: "rec-type eq 'N'" }).nodes,
      'person',
    );
    assert.deepEqual(variants(union), [
      'RawBytes RecRawBytes 1+12: rawBytes | head.recType in ',
      'Filler RecFiller 1+6: codes | head.recType eq N',
      'Person RecPerson2 1+10: name age | ',
    ]);
  });

  it('may look at fields of the view itself', () => {
    const union = unionIn(layout({ FIRM: "title eq 'ACME'", PERSON: 'otherwise' }).nodes, 'person');
    assert.deepEqual(union.variants[0]?.when, [
      { op: 'eq', field: 'title', type: { kind: 'string', length: 6 }, value: 'ACME' },
    ]);
  });

  it('names what is wrong with it, and the nearest right word', () => {
    assert.throws(
      () => layout({ FIRMA: 'otherwise' }),
      refused(/"FIRMA" is none of the views of PERSON.*"FIRM"/),
    );
    assert.throws(
      () => layout({ FIRM: 'IS-PERSONS' }),
      refused(/The rule of FIRM.*"IS-PERSONS".*"IS-PERSON"/),
    );
    assert.throws(() => layout({ FIRM: "recTipe eq 'A'" }), refused(/The rule of FIRM.*recTipe/));
    assert.throws(() => layout({ FIRM: 'otherwise', PERSON: 'otherwise' }), refused(/only one view/));
    assert.throws(
      () => layoutFor(text, { redefines: { PERSONS: { when: {} } } }),
      refused(/"PERSONS", which no item redefines.*"PERSON"/),
    );
  });

  it('takes no name of several items for the first of them', () => {
    const pair = (item: string) =>
      copybook('01 R.', '   05 G.', `      10 ${item}.`, '   05 H.', `      10 ${item}.`);
    const rule = (item: string, when: string) =>
      layoutFor(`${pair(item)}${copybook('   05 A PIC X(2).', '   05 B REDEFINES A PIC 9(2).')}`, {
        redefines: { A: { when: { A: when, B: 'otherwise' } } },
      });
    const condition = "K PIC X. 88 IS-A VALUE 'A'";
    assert.throws(() => rule(condition, "K eq 'A'"), refused(/The rule of A: .*2 items K.* g\.k or h\.k/));
    assert.throws(() => rule(condition, 'is-a'), refused(/2 items is-a.* g\.isA or h\.isA/));
    for (const when of ["h.k eq 'A'", 'h.isA eq true', 'h.isA']) {
      const [first] = unionIn(rule(condition, when).nodes, 'a').variants;
      assert.deepEqual(
        first?.when.map((c) => 'field' in c && c.field[0]),
        ['h'],
      );
    }
  });

  it('makes a record shorter by the shortest view only at its end', () => {
    const body = (tail: string) =>
      copybook(
        '01 R.',
        '   05 K PIC X.',
        '   05 A PIC X(10).',
        '   05 B REDEFINES A PIC X(4).',
        ...(tail === '' ? [] : [`   05 ${tail}.`]),
      );
    const options: Partial<LayoutOptions> = { redefines: { A: { when: { A: "k eq 'A'", B: 'otherwise' } } } };
    assert.equal(layoutFor(body(''), options).minLength, 5);
    assert.equal(layoutFor(body('Z PIC X'), options).minLength, 12);
    assert.equal(layoutFor(body('')).minLength, 11);
  });

  it('in a table looks at the element', () => {
    const { nodes } = layoutFor(
      copybook(
        '01 R.',
        '   05 FILLER OCCURS 3.',
        '      10 K PIC X.',
        '      10 A PIC X(2).',
        '      10 B REDEFINES A PIC 9(2).',
      ),
      { redefines: { A: { when: { A: "k eq 'A'", B: "k eq 'B'" } } } },
    );
    const [list] = nodes;
    assert.ok(list?.kind === 'list' && list.of.kind === 'group' && list.name === 'filler');
    assert.deepEqual(variants(unionIn(list.of.nodes, 'a')), [
      'A RFillerA2 1+2: a | k eq A',
      'B RFillerB 1+2: b | k eq B',
    ]);
  });
});

describe('record types', () => {
  const records = parseCopybook(
    copybook(
      '01 HEAD-REC.',
      '   05 KIND PIC X.',
      '   05 TITLE PIC X(9).',
      '01 DETAIL-REC.',
      '   05 KIND PIC X.',
      '   05 N PIC 9.',
      '   05 T PIC X(2) OCCURS 0 TO 9 DEPENDING ON N.',
      '   05 SUM-TOTAL PIC S9(5) COMP-3.',
      '01 END-REC PIC X(5).',
    ),
  ).records;
  const [head, detail, end] = records;
  assert.ok(head !== undefined && detail !== undefined && end !== undefined);
  const types = [
    { tag: 'END', record: end, when: 'otherwise' },
    { tag: 'HEAD', record: head, when: "kind eq 'H'" },
    { tag: 'DETAIL', record: detail, when: "KIND eq 'D'" },
  ];

  it('are one union over the record, with rules and tables of their own', () => {
    const layout = layoutOfTypes(types, { charset: 'cp037', name: 'Statement' });
    assert.deepEqual([layout.length, layout.minLength], [23, 5]);
    const union = unionIn(layout.nodes, 'record');
    assert.deepEqual([union.offset, union.length], [0, 23]);
    assert.deepEqual(variants(union), [
      'HEAD StatementHead 0+10: kind title | kind eq H',
      'DETAIL StatementDetail 0+23: kind n t sumTotal | kind eq D',
      'END StatementEnd 0+5: endRec | ',
    ]);
    const table = union.variants[1]?.node.nodes[2];
    assert.ok(table?.kind === 'list');
    assert.deepEqual([table.dependingOn, table.slides], ['record.DETAIL.n', true]);
    assert.equal(layout.fields[0] && typeText(layout.fields[0].type), 'union StatementRecord');
  });

  it('share the policies of fields, which must be of one of them', () => {
    const policy = (name: string) =>
      layoutOfTypes(types, { charset: 'cp037', fields: { [name]: { onBad: 'null' } } });
    const detailOf = unionIn(policy('SUM-TOTAL').nodes, 'record').variants[1]?.node.nodes[3];
    assert.ok(detailOf?.kind === 'scalar' && detailOf.onBad === 'null');
    assert.throws(() => policy('SUM-TOTALS'), refused(/Did you mean "SUM-TOTAL"/));
  });

  it('are reported variant by variant', () => {
    const lines = layoutReport(layoutOfTypes(types, { charset: 'cp037' }));
    assert.deepEqual(
      lines.slice(0, 4).map(({ depth, kind, path, text: shown }) => `${depth} ${kind} ${path} ${shown}`),
      [
        '0 union record ',
        '1 variant record.HEAD HEAD',
        '2 scalar record.HEAD.kind X',
        '2 scalar record.HEAD.title X(9)',
      ],
    );
  });
});

describe('RENAMES', () => {
  it('shows one item, neighbours, or bytes, as alternates of the record', () => {
    const { nodes, fields } = layoutFor(
      copybook(
        '01 R.',
        '   05 A PIC S9(3) COMP-3.',
        '   05 G.',
        '      10 B PIC X(2).',
        '      10 C PIC 9(3).',
        '   05 D PIC X.',
        '   66 ONE RENAMES A.',
        '   66 SOME RENAMES A THRU G.',
        '   66 BYTES RENAMES A THRU B.',
        '   66 PAIR RENAMES B THROUGH C.',
      ),
    );
    assert.deepEqual(
      fields.map(({ name, type, alternate }) => `${name} ${typeText(type)}${alternate === true ? '*' : ''}`),
      [
        'a int32',
        'g object RG',
        'd string(1)',
        'one int32*',
        'some object RSome*',
        'bytes string(4)*',
        'pair object RPair*',
      ],
    );
    assert.deepEqual(
      nodes.slice(3).map(({ offset, length }) => `${offset}+${length}`),
      ['0+2', '0+7', '0+4', '2+5'],
    );
  });
});
