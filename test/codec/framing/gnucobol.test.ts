// Variable sequential files, written and read by programs that GnuCOBOL compiled.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { skipUnless } from '../../skip.ts';
import { hasCobc, runCobol } from '../gnucobol/cobc.ts';
import { ascii, scanned, written } from './framed.ts';

const RECORDS = ['A', 'BC', '', 'DEFGHIJKLMNOPQRSTUVWXYZ', '0123456789'].filter((record) => record !== '');

const PROGRAM = `
IDENTIFICATION DIVISION.
PROGRAM-ID. P.
ENVIRONMENT DIVISION.
INPUT-OUTPUT SECTION.
FILE-CONTROL.
    SELECT O ASSIGN "out.dat" ORGANIZATION SEQUENTIAL.
    SELECT I ASSIGN "in.dat" ORGANIZATION SEQUENTIAL.
DATA DIVISION.
FILE SECTION.
FD O RECORD IS VARYING IN SIZE FROM 1 TO 30 CHARACTERS DEPENDING ON N.
01 O-REC PIC X(30).
FD I RECORD IS VARYING IN SIZE FROM 1 TO 30 CHARACTERS DEPENDING ON N.
01 I-REC PIC X(30).
WORKING-STORAGE SECTION.
01 N PIC 9(4) COMP-5.
01 DONE PIC 9 VALUE 0.
PROCEDURE DIVISION.
    OPEN OUTPUT O.
${RECORDS.map((record) => `    MOVE ${record.length} TO N MOVE "${record}" TO O-REC WRITE O-REC.`).join('\n')}
    CLOSE O.
    OPEN INPUT I.
    PERFORM UNTIL DONE = 1
      READ I AT END MOVE 1 TO DONE
        NOT AT END DISPLAY N ":" I-REC(1:N)
      END-READ
    END-PERFORM.
    CLOSE I.
    STOP RUN.
`;

describe('files of GnuCOBOL', { skip: skipUnless(hasCobc, 'no cobc (apt-get install gnucobol3)') }, () => {
  for (const variant of [0, 1, 2, 3] as const) {
    it(`COB_VARSEQ_FORMAT=${variant}: its files are read here, and ours there`, async () => {
      const framing = { kind: 'gnucobol', variant } as const;
      const ours = written(RECORDS.map(ascii), framing);
      let theirs = new Uint8Array(0);
      const before = process.env['COB_VARSEQ_FORMAT'];
      process.env['COB_VARSEQ_FORMAT'] = String(variant);
      try {
        const shown = await runCobol(
          PROGRAM,
          [],
          async (folder) => writeFile(join(folder, 'in.dat'), ours),
          async (folder) => {
            theirs = new Uint8Array(await readFile(join(folder, 'out.dat')));
          },
        );
        assert.deepEqual(
          shown.map((line) => line.replace(/^0*/, '')),
          RECORDS.map((record) => `${record.length}:${record}`),
        );
      } finally {
        if (before === undefined) delete process.env['COB_VARSEQ_FORMAT'];
        else process.env['COB_VARSEQ_FORMAT'] = before;
      }
      assert.deepEqual(theirs, ours);
      const found = await scanned(theirs, framing);
      assert.deepEqual(
        found.map(({ hex }) => hex),
        RECORDS.map((record) => ascii(record).toHex()),
      );
    });
  }
});
