// A process that copies a file by SFTP again and again, until it is killed: `node copier.ts PORT FINGERPRINT CACHE`.

import { sftpStore } from '../../../../adapters/file/sftp/store.ts';
import { sftp } from '../../../../adapters/file/sftp-options.ts';
import { hostAt, never } from '../opening.ts';

const [port, hostKey, folder] = process.argv.slice(2);
const options = sftp.parse({
  host: '127.0.0.1',
  port: Number(port),
  user: 'batch',
  password: { env: 'PASSWORD' },
  hostKey,
  settleMs: 0,
  maxAgeMs: 0,
});
const cache = { folder: folder ?? '', maxBytes: 3_000_000 };
const store = await sftpStore({ sftp: options, cache }, { ...hostAt('/'), secret: async () => 'sesame' });
const file = store.file('data.bin');
for (let seen = ''; ; ) {
  try {
    await using opened = await file.open({ signal: never });
    if (opened.version === seen) continue;
    seen = opened.version;
    process.stdout.write('published\n');
  } catch {
    // It was replaced while it was copied.
  }
}
