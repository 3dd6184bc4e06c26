// A process that copies one file by SFTP and replaces another one, again and again, until it is killed: `node worker.ts CACHE`. It begins
// when it is told where, by a line with port and fingerprint.

import { flushCompileCache } from 'node:module';
import { sftp } from '../../../../adapters/file/options/sftp-options.ts';
import { sftpStore } from '../../../../adapters/file/sftp/store.ts';

// What is killed does not write it when it ends.
flushCompileCache();
const never = new AbortController().signal;
const [folder = ''] = process.argv.slice(2);
const told = await new Promise<string>((resolve) =>
  process.stdin.once('data', (line) => resolve(String(line))),
);
const [port, hostKey] = told.trim().split(' ');
const options = sftp.parse({
  host: '127.0.0.1',
  port: Number(port),
  user: 'batch',
  password: { env: 'PASSWORD' },
  hostKey,
  settleMs: 0,
  maxAgeMs: 0,
});
const store = await sftpStore(
  { sftp: options, cache: { folder, maxBytes: 3_000_000 } },
  { source: 'files', path: (relative) => relative, secret: async () => 'sesame', sliceMs: 10 },
);

async function copies(): Promise<never> {
  const file = store.file('data.bin');
  for (let seen = ''; ; ) {
    try {
      await using opened = await file.open({ signal: never });
      if (opened.version === seen) continue;
      seen = opened.version;
      process.stdout.write('copied\n');
    } catch {
      // It was replaced while it was copied.
    }
  }
}

/** All bytes of a version are the same. */
async function* version(): AsyncIterable<Uint8Array> {
  const byte = Math.floor(Math.random() * 256);
  for (let i = Math.floor(Math.random() * 8); i >= 0; i--) yield new Uint8Array(40_000).fill(byte);
}

async function uploads(): Promise<never> {
  const file = store.file('out.bin');
  for (;;) {
    await using edit = await file.edit?.({ signal: never });
    await edit?.replace(version(), { signal: never });
    process.stdout.write('uploaded\n');
  }
}

await Promise.all([copies(), uploads()]);
