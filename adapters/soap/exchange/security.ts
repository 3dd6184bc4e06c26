// Knows: the credentials in HTTP and the security header of one message in node-soap's terms.
// Must not know: where secrets come from, how messages are sent.

import { BasicAuthSecurity, BearerSecurity, type ISecurity } from 'soap';
import type { Credentials } from './credentials.ts';

/** `header`: the block of WS-Security, or nothing. NTLM is a conversation of its own and no header of a message. */
export function securityOf(credentials: Credentials, header: string): ISecurity {
  const inHttp = httpSecurity(credentials);
  return { addHeaders: (headers) => inHttp?.addHeaders?.(headers), toXML: () => header };
}

function httpSecurity(credentials: Credentials): ISecurity | undefined {
  switch (credentials.kind) {
    case 'basic':
      return new BasicAuthSecurity(credentials.user, credentials.password);
    case 'bearer':
      return new BearerSecurity(credentials.token);
    case 'none':
    case 'ntlm':
      return undefined;
  }
}
