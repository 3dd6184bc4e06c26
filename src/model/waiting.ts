// Knows: how somebody waits for a thing, and leaves.
// Must not know: what the thing is.

/** The promise's outcome, unless the signal is aborted first: then its reason, and what is being made goes on. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
