// A SOAP service that answers every request with what stood in it: the element in Body comes back with "Response" behind its name. It works
// on the text alone, so nothing of a value can be lost or mended here.

import { createServer } from 'node:http';

export interface EchoService extends AsyncDisposable {
  readonly url: string;
  /** Bodies of the requests, as they came. */
  readonly requests: readonly string[];
}

export async function startEcho(): Promise<EchoService> {
  const requests: string[] = [];
  const server = createServer(async (req, res) => {
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(Buffer.from(piece));
    const text = Buffer.concat(pieces).toString('utf8');
    requests.push(text);
    const [, prefix = '', body = ''] = /<(\w+):Body[^>]*>([\s\S]*)<\/\w+:Body>/.exec(text) ?? [];
    const [, name = ''] = /^<((?:\w+:)?\w+)/.exec(body) ?? [];
    const answered = body.replaceAll(new RegExp(`(</?)${name}(?=[\\s/>])`, 'g'), `$1${name}Response`);
    const uri = new RegExp(`xmlns:${prefix}="([^"]+)"`).exec(text)?.[1] ?? '';
    res.setHeader('content-type', 'text/xml; charset=utf-8');
    res.end(`<e:Envelope xmlns:e="${uri}"><e:Body>${answered}</e:Body></e:Envelope>`);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/echo`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
