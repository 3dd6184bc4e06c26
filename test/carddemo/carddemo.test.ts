// The files of AWS CardDemo through the configuration beside this test: every field of every record is what the ASCII
// twin of the file says. The twin is cut by columns written down here, not by the codec.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, it } from 'node:test';
import type { Source } from '#spi';
import { adapters } from '../../adapters/index.ts';
import { loadConfig } from '../../src/config/config.ts';
import { collect, hostAt } from '../adapters/file/opening.ts';
import { skipUnless } from '../skip.ts';

const here = import.meta.dirname;
const folder = resolve(here, '../../../shared/conformance/carddemo');
const skip = skipUnless(existsSync(folder), `the CardDemo files are not at ${folder}`);

type Kind = 'text' | 'int32' | 'int64' | 'money';
interface Twin {
  readonly file: string;
  readonly records: number;
  /** Field, characters, kind. */
  readonly columns: readonly (readonly [name: string, width: number, kind: Kind])[];
}

const TWINS: Readonly<Record<string, Twin>> = {
  customers: {
    file: 'custdata.txt',
    records: 50,
    columns: [
      ['custId', 9, 'int32'],
      ['custFirstName', 25, 'text'],
      ['custMiddleName', 25, 'text'],
      ['custLastName', 25, 'text'],
      ['custAddrLine1', 50, 'text'],
      ['custAddrLine2', 50, 'text'],
      ['custAddrLine3', 50, 'text'],
      ['custAddrStateCd', 2, 'text'],
      ['custAddrCountryCd', 3, 'text'],
      ['custAddrZip', 10, 'text'],
      ['custPhoneNum1', 15, 'text'],
      ['custPhoneNum2', 15, 'text'],
      ['custSsn', 9, 'int32'],
      ['custGovtIssuedId', 20, 'text'],
      ['custDobYyyyMmDd', 10, 'text'],
      ['custEftAccountId', 10, 'text'],
      ['custPriCardHolderInd', 1, 'text'],
      ['custFicoCreditScore', 3, 'int32'],
    ],
  },
  accounts: {
    file: 'acctdata.txt',
    records: 50,
    columns: [
      ['acctId', 11, 'int64'],
      ['acctActiveStatus', 1, 'text'],
      ['acctCurrBal', 12, 'money'],
      ['acctCreditLimit', 12, 'money'],
      ['acctCashCreditLimit', 12, 'money'],
      ['acctOpenDate', 10, 'text'],
      ['acctExpiraionDate', 10, 'text'],
      ['acctReissueDate', 10, 'text'],
      ['acctCurrCycCredit', 12, 'money'],
      ['acctCurrCycDebit', 12, 'money'],
      ['acctAddrZip', 10, 'text'],
      ['acctGroupId', 10, 'text'],
    ],
  },
  cards: {
    file: 'carddata.txt',
    records: 50,
    columns: [
      ['cardNum', 16, 'text'],
      ['cardAcctId', 11, 'int64'],
      ['cardCvvCd', 3, 'int32'],
      ['cardEmbossedName', 50, 'text'],
      ['cardExpiraionDate', 10, 'text'],
      ['cardActiveStatus', 1, 'text'],
    ],
  },
  crossReferences: {
    file: 'cardxref.txt',
    records: 50,
    columns: [
      ['xrefCardNum', 16, 'text'],
      ['xrefCustId', 9, 'int32'],
      ['xrefAcctId', 11, 'int64'],
    ],
  },
  transactions: {
    file: 'dailytran.txt',
    records: 300,
    columns: [
      ['dalytranId', 16, 'text'],
      ['dalytranTypeCd', 2, 'text'],
      ['dalytranCatCd', 4, 'int32'],
      ['dalytranSource', 10, 'text'],
      ['dalytranDesc', 100, 'text'],
      ['dalytranAmt', 11, 'money'],
      ['dalytranMerchantId', 9, 'int32'],
      ['dalytranMerchantName', 50, 'text'],
      ['dalytranMerchantCity', 50, 'text'],
      ['dalytranMerchantZip', 10, 'text'],
      ['dalytranCardNum', 16, 'text'],
      ['dalytranOrigTs', 26, 'text'],
      ['dalytranProcTs', 26, 'text'],
    ],
  },
};

/** The row where the source data itself differs: ACCT-ADDR-ZIP of account 49, the 49th of the file. */
const DIFFERS = {
  collection: 'accounts',
  record: 49,
  ebcdic: { acctAddrZip: 'ZEROAPR' },
  ascii: { acctAddrZip: 'A000000000' },
} as const;

const PUNCHES = '{ABCDEFGHI}JKLMNOPQR';

/** `0000005047G` → `504.77`: the last character is a digit with the sign punched over it. */
function money(text: string): string {
  const last = PUNCHES.indexOf(text.slice(-1));
  assert.notEqual(last, -1, `${text} has a sign`);
  const digits = text.slice(0, -1) + (last % 10);
  const value = `${digits.slice(0, -2).replace(/^0+(?=\d)/, '')}.${digits.slice(-2)}`;
  return last >= 10 && /[1-9]/.test(digits) ? `-${value}` : value;
}

function twinRows({ file, columns }: Twin): readonly Readonly<Record<string, unknown>>[] {
  const lines = readFileSync(resolve(folder, 'ascii', file), 'latin1')
    .trimEnd()
    .split('\n');
  return lines.map((line) => {
    let at = 0;
    return Object.fromEntries(
      columns.map(([name, width, kind]) => {
        const text = line.slice(at, at + width);
        at += width;
        const value = {
          text: () => text.trimEnd(),
          int32: () => Number(text),
          int64: () => BigInt(text),
          money: () => money(text),
        }[kind]();
        return [name, value];
      }),
    );
  });
}

async function openSource(): Promise<Source> {
  const { config, problems } = await loadConfig(resolve(here, 'overpunch.yaml'), adapters);
  assert.deepEqual(problems, []);
  const [source] = config?.sources ?? [];
  assert.ok(source);
  return source.adapter.open(source.options, hostAt(here));
}

describe('CardDemo', { skip }, () => {
  it('passes the check: lengths are whole and keys are unique', async () => {
    await using source = await openSource();
    await source.check(new AbortController().signal);
  });

  for (const [collection, twin] of Object.entries(TWINS)) {
    it(`every field of every record of ${collection} is what the ASCII twin says`, async () => {
      await using source = await openSource();
      const fields = source.model.collections.find(({ name }) => name === collection)?.fields ?? [];
      assert.deepEqual(
        fields.map(({ name }) => name),
        twin.columns.map(([name]) => name),
        'no field is missing, none is too much',
      );
      const rows = await collect(source, { collection });
      const wanted = twinRows(twin).map((row, i) =>
        collection === DIFFERS.collection && i + 1 === DIFFERS.record ? { ...row, ...DIFFERS.ebcdic } : row,
      );
      assert.equal(rows.length, twin.records);
      assert.deepEqual(rows, wanted);
    });
  }

  it('one row differs in the source data itself: account 49 has ZEROAPR as ACCT-ADDR-ZIP in EBCDIC, A000000000 in ASCII', () => {
    const row = twinRows(TWINS['accounts'] ?? { file: '', records: 0, columns: [] })[DIFFERS.record - 1];
    assert.equal(row?.['acctAddrZip'], DIFFERS.ascii.acctAddrZip);
  });
});
