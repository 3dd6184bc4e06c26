// Knows: how an operator gets an API key, and the line of the configuration that lets it in.
// Must not know: how keys are checked.

import { text } from 'node:stream/consumers';
import { hashOfKey, newKey } from '../auth/key.ts';
import { type Command, textOf, UsageError } from './command.ts';

/** Shorter keys could be found by trying: their hash is fast. */
const MIN_KEY_CHARS = 32;

export const key: Command = {
  doc: [
    'Prints a new key and the line of the configuration that lets it in. The key is shown this once and kept nowhere:',
    'the configuration has its SHA-256 alone. A client sends it as X-Api-Key: KEY or as Authorization: Bearer KEY.',
    '',
    'To replace a key, add the new one beside it, move the client over, then take the old one out.',
  ].join('\n'),
  flags: {
    client: { type: 'string', value: 'NAME', doc: 'Name of the client, for the lines to paste' },
    hash: { type: 'boolean', doc: 'Read a key from standard input and print its SHA-256, nothing else' },
  },
  async run(given, { out, complain }) {
    const client = textOf(given, 'client');
    if (given['hash'] === true) {
      if (client !== undefined) throw new UsageError('--hash prints no lines for a client');
      const shown = (await text(process.stdin)).replace(/\r?\n$/, '');
      if (shown.length >= MIN_KEY_CHARS && /^[\x21-\x7e]+$/.test(shown)) {
        out(hashOfKey(shown));
        return 0;
      }
      complain(`expected one key on standard input: at least ${MIN_KEY_CHARS} visible ASCII characters`);
      return 1;
    }
    if (client !== undefined && !/^[A-Za-z][\w.-]*$/.test(client)) {
      throw new UsageError('--client must be a name of letters, digits, ., - and _, a letter first');
    }
    const made = newKey();
    out(`${made}\n\n${lines(client ?? 'CLIENT', hashOfKey(made))}`);
    return 0;
  },
};

function lines(client: string, sha256: string): string {
  return [
    '# access:',
    '#   clients:',
    `    ${client}:`,
    '      roles: [ROLE]',
    '      keys:',
    `        - { sha256: ${sha256} }`,
  ].join('\n');
}
