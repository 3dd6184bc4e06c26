// Knows: what stands between records in a program: divisions, sections, file descriptions. It is passed over by name.
// Must not know: entries.

import { syntax } from './copybook-faults.ts';
import type { WordReader } from './word-reader.ts';
import { keywordOf } from './words.ts';

const DATA_SECTIONS = /^(?:FILE|WORKING-STORAGE|LOCAL-STORAGE|LINKAGE|COMMUNICATION)$/;
/** Their entries describe pages and screens, not records. */
const OTHER_SECTIONS = /^(?:REPORT|SCREEN)$/;
const DESCRIPTIONS = /^(?:FD|SD|CD)$/;
const LISTING = /^(?:EJECT|SKIP[123])$/;

/**
 * Passes over everything that stands before the next entry, and over empty sentences; at the PROCEDURE DIVISION to the end
 * of the text. True when a record cannot go on behind it.
 */
export function passHeaders(reader: WordReader): boolean {
  let passed = false;
  for (;;) {
    const word = reader.peek();
    const keyword = keywordOf(word);
    const behind = keywordOf(reader.peek(1));
    if (word.kind === 'period' || LISTING.test(keyword)) reader.next();
    else if (keyword === 'TITLE' && reader.peek(1).kind === 'text') pass(reader, 2);
    else if (word.kind === 'end') return passed;
    else {
      if (keyword === 'PROCEDURE' || (keyword === 'END' && behind === 'PROGRAM')) passTo(reader, () => false);
      else if (behind === 'DIVISION') passDivision(reader, keyword);
      else if (behind === 'SECTION' && DATA_SECTIONS.test(keyword)) pass(reader, 2);
      else if (behind === 'SECTION' && OTHER_SECTIONS.test(keyword)) passTo(reader, isHeader, 2);
      else if (
        /^(?:PROGRAM-ID|SPECIAL-NAMES|FILE-CONTROL)$/.test(keyword) ||
        isEnvironment(keyword, behind)
      ) {
        passTo(reader, isHeader, 1);
      } else if (DESCRIPTIONS.test(keyword)) passDescription(reader);
      else return passed;
      passed = true;
    }
  }
}

function isEnvironment(keyword: string, behind: string): boolean {
  return behind === 'SECTION' && /^(?:CONFIGURATION|INPUT-OUTPUT)$/.test(keyword);
}

function passDivision(reader: WordReader, keyword: string): void {
  if (keyword === 'DATA') pass(reader, 2);
  else if (/^(?:IDENTIFICATION|ID|ENVIRONMENT)$/.test(keyword)) passTo(reader, isHeader, 2);
  else throw syntax(reader.peek().place, 'The divisions are IDENTIFICATION, ENVIRONMENT, DATA and PROCEDURE');
}

/** The beginning of what holds data, or of what ends it. */
function isHeader(keyword: string, behind: string): boolean {
  if (behind === 'DIVISION') return /^(?:IDENTIFICATION|ID|ENVIRONMENT|DATA|PROCEDURE)$/.test(keyword);
  return behind === 'SECTION' && (DATA_SECTIONS.test(keyword) || OTHER_SECTIONS.test(keyword));
}

function pass(reader: WordReader, words: number): void {
  for (let n = 0; n < words; n++) reader.skip();
}

function passTo(reader: WordReader, isEnd: (keyword: string, behind: string) => boolean, words = 0): void {
  pass(reader, words);
  while (reader.peek().kind !== 'end' && !isEnd(keywordOf(reader.peek()), keywordOf(reader.peek(1))))
    reader.skip();
}

/** FD, SD and CD: what they say of the file is up to the period. */
function passDescription(reader: WordReader): void {
  const { place } = reader.next();
  for (let word = reader.next(); word.kind !== 'period'; word = reader.next()) {
    if (word.kind === 'end') throw syntax(place, 'This file description does not end with a period');
  }
}
