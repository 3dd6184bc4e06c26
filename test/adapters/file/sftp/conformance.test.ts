// Files by SFTP under the suites of all adapters; the server is in this process, and every request may look for a new version.

import { after } from 'node:test';
import { type SftpServer, sftpServer } from '../../../fakes/sftp/server.ts';
import { conformanceBySftp, type Subject, writesBySftp } from './conformance.ts';

const servers: SftpServer[] = [];
after(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

const subject: Subject = {
  name: 'file by SFTP',
  async serve(folder) {
    const server = await sftpServer({ folder, password: 'sesame' });
    servers.push(server);
    const { port, fingerprint } = server;
    const sftp = {
      host: '127.0.0.1',
      port,
      user: 'batch',
      password: { env: 'PASSWORD' },
      hostKey: fingerprint,
      maxAgeMs: 0,
    };
    return { sftp, secret: 'sesame' };
  },
};

conformanceBySftp(subject);
writesBySftp(subject, ['F', 'VB'], 6);
