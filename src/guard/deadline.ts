// Knows: how long one answer may be waited for, and how whoever waits leaves at once.
// Must not know: what is asked, and what is done about an answer that does not come.

/** One attempt at a call, which may be waited for several times. */
export interface Watch {
  /** What the source listens to: aborted when the caller leaves and when a deadline has passed. */
  readonly signal: AbortSignal;
  /** The answer, or what `late` makes after the deadline, or the caller's reason to leave: at once, even if the source does not listen. */
  wait<T>(answer: Promise<T>): Promise<T>;
  /** Ends what is waited for, and tells the source. */
  stop(reason: unknown): void;
  /** Nothing is waited for any more. */
  end(): void;
}

/** One controller and one listener for the whole attempt: `AbortSignal.any` costs more than all other guards together. */
export function watchOver(caller: AbortSignal, timeoutMs: number, late: () => unknown): Watch {
  const ending = new AbortController();
  const { signal } = ending;
  let giveUp: ((reason: unknown) => void) | undefined;
  const stop = (reason: unknown): void => {
    ending.abort(reason);
    giveUp?.(signal.reason);
  };
  const leave = (): void => stop(caller.reason);
  if (caller.aborted) leave();
  else caller.addEventListener('abort', leave, { once: true });

  return {
    signal,
    stop,
    wait: (answer) =>
      new Promise((resolve, reject) => {
        const timer = Number.isFinite(timeoutMs) ? setTimeout(() => stop(late()), timeoutMs) : undefined;
        const done = (): void => {
          clearTimeout(timer);
          giveUp = undefined;
        };
        giveUp = (reason) => {
          done();
          reject(reason);
        };
        answer.then(
          (value) => {
            done();
            resolve(value);
          },
          (error: unknown) => {
            done();
            reject(error);
          },
        );
        if (signal.aborted) giveUp(signal.reason);
      }),
    end: () => caller.removeEventListener('abort', leave),
  };
}
