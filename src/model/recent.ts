// Knows: how what is costly to make is kept for whoever asks for it again, and never more of it than so many.
// Must not know: what it is.

/** What was made for the key before, or made now; of more than `most` the one longest not asked for gives way. */
export function recent<Made>(most: number): (key: string, make: () => Made) => Made {
  const kept = new Map<string, Made>();
  return (key, make) => {
    const made = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, made);
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return made;
  };
}
