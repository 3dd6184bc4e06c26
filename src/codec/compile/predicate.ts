// Knows: the generated function that tests a record's bytes against a filter, with the reference's three-valued logic.
// Must not know: how rows are filtered elsewhere. A condition without a shortcut, and a field with irregular bytes, is decoded and
// judged by the reference itself.

import type { Row } from '../../model/value.ts';
import { type Conjunct, type Filter, fieldsOf, keyText, truthOf } from '../../query/filter.ts';
import type { Layout } from '../layout.ts';
import { scalarAt } from '../paths.ts';
import { bytesCode } from './byte-tests.ts';
import type { Decode, Locate, Predicate, Test } from './codec.ts';
import { numberTestCode } from './number-tests.ts';
import { type Program, program } from './program.ts';
import { numberCode } from './shortcuts.ts';

/** Truth in generated code: 1 true, 0 false, -1 unknown. */
type TruthNumber = 1 | 0 | -1;

interface Writing {
  readonly layout: Layout;
  readonly code: Program;
  decoder(fields: readonly string[]): Decode;
}

/** A test of the conjuncts that name fields of the layout only; the record is as long as the layout. */
export function generatePredicate(
  layout: Layout,
  filter: Filter,
  decoder: (fields: readonly string[]) => Decode,
): Predicate {
  const known = (conjunct: Conjunct) =>
    fieldsOf([conjunct]).every((path) => scalarAt(layout.nodes, path) !== undefined);
  const code = program();
  code.line('let x;');
  const truth = writeAll(filter.filter(known), { layout, code, decoder });
  code.line(`return ${truth} === 1;`);
  const test = code.build('bytes, start, end, locate');
  return {
    coverage: filter.map((conjunct) => (known(conjunct) ? 'exact' : 'none')),
    // cast: the program was written with this signature.
    test: test as Test,
  };
}

/** Writes the code of a conjunction; returns the variable with its truth. Like the reference it stops at the first false. */
function writeAll(conjuncts: readonly Conjunct[], writing: Writing): string {
  return writeSeries(conjuncts, 1, 0, (conjunct) => writeConjunct(conjunct, writing), writing.code);
}

/** Truths one after the other: `start` unless one of them is unknown; the first that is `decisive` decides. */
function writeSeries<Part>(
  parts: readonly Part[],
  start: TruthNumber,
  decisive: TruthNumber,
  write: (part: Part) => string,
  code: Program,
): string {
  const truth = code.fresh();
  const label = code.fresh();
  code.line(`let ${truth} = ${start};`);
  code.line(`${label}: {`);
  for (const part of parts) {
    const one = write(part);
    code.line(`if (${one} === ${decisive}) { ${truth} = ${decisive}; break ${label}; }`);
    code.line(`if (${one} < 0) ${truth} = -1;`);
  }
  code.line('}');
  return truth;
}

function writeConjunct(conjunct: Conjunct, writing: Writing): string {
  const { code } = writing;
  if (conjunct.op === 'any') {
    return writeSeries(conjunct.of, 0, 1, (branch) => writeAll(branch, writing), code);
  }
  if (conjunct.op === 'keys' && conjunct.fields.length > 1) return writeKeys(conjunct, writing);
  const truth = code.fresh();
  if (conjunct.op === 'not') {
    const inner = writeAll(conjunct.of, writing);
    code.line(`const ${truth} = ${inner} < 0 ? -1 : 1 - ${inner};`);
    return truth;
  }
  code.line(`const ${truth} = ${testCode(conjunct, writing)};`);
  return truth;
}

/**
 * Keys of several parts. Every part is looked at by itself, so that faults and nulls are found as the reference finds them; only a
 * record whose parts all occur in some key is judged as a whole.
 */
function writeKeys(conjunct: Extract<Conjunct, { op: 'keys' }>, writing: Writing): string {
  const { code, decoder } = writing;
  const parts = conjunct.fields.map((field, i) => {
    const values = new Map(
      conjunct.keys.map((key) => [keyText([field], [key[i] ?? null]), [key[i] ?? null]] as const),
    );
    return writeConjunct({ op: 'keys', fields: [field], keys: [...values.values()] }, writing);
  });
  const some = (test: string) => parts.map((part) => part + test).join(' || ');
  const whole = `${code.constant(referenceTest(conjunct, decoder))}(bytes, start, end, locate)`;
  const truth = code.fresh();
  code.line(`const ${truth} = ${some(' < 0')} ? -1 : ${some(' === 0')} ? 0 : ${whole};`);
  return truth;
}

type Leaf = Exclude<Conjunct, { op: 'any' | 'not' }>;

/** Code of the truth of one condition. */
function testCode(conjunct: Leaf, { layout, code, decoder }: Writing): string {
  const slow = () => `${code.constant(referenceTest(conjunct, decoder))}(bytes, start, end, locate)`;
  const path = operandOf(conjunct);
  const node = path === undefined ? undefined : scalarAt(layout.nodes, path);
  if (node === undefined) return slow();
  const at = `start + ${node.offset}`;
  const number = numberCode(node, at, code);
  if (number !== undefined) {
    const test = numberTestCode(conjunct, 'x', code);
    return test === undefined ? slow() : `(x = ${number}) === x ? ${test} : ${slow()}`;
  }
  return bytesCode(conjunct, node, at, code) ?? slow();
}

/** The one field that a condition looks at. */
function operandOf(conjunct: Leaf): string | undefined {
  if (conjunct.op === 'after') return undefined;
  if (conjunct.op !== 'keys') return conjunct.field;
  return conjunct.fields.length === 1 ? conjunct.fields[0]?.field : undefined;
}

function referenceTest(conjunct: Leaf, decoder: Writing['decoder']) {
  const decode = decoder(fieldsOf([conjunct]));
  return (bytes: Uint8Array, start: number, end: number, locate: Locate): TruthNumber => {
    const row: Row = decode(bytes, start, end, locate);
    const truth = truthOf(conjunct, row);
    return truth === null ? -1 : truth ? 1 : 0;
  };
}
