// Knows: what HTTP carries for us.
// Must not know: SOAP, XML, node:http.

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Sent again, once, where a kept connection turns out to be dead before anything was answered. */
  readonly mayRepeat: boolean;
  /** Aborting frees the connection at once. */
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Unpacked (gzip, deflate, br), whole. */
  readonly body: Uint8Array;
}

/**
 * One request, one whole answer; never follows a redirect by itself. Throws Faults: `unavailable` (refused, reset, unknown host, TLS),
 * `upstream` (broken HTTP, a body over the limit or cut short, broken compression). No header, body or credential stands in any of them.
 */
export interface Transport extends AsyncDisposable {
  send(request: HttpRequest): Promise<HttpReply>;
}
