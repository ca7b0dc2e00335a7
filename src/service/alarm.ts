/** Something that is so for a while. Who waits for it costs nothing any more once it has stopped waiting. */
export interface Alarm {
  /** It is so from now on. */
  raise(): void;
  /** It is no longer so. */
  clear(): void;
  /** Calls once as soon as it is so, before this returns if it is. Returns the end of waiting. */
  whenRaised(listener: () => void): () => void;
}

/** An alarm that is not raised. */
export function createAlarm(): Alarm {
  const waiting = new Set<{ readonly listener: () => void }>();
  let isRaised = false;

  return {
    raise() {
      isRaised = true;
      const told = [...waiting];
      waiting.clear();
      for (const { listener } of told) listener();
    },
    clear() {
      isRaised = false;
    },
    whenRaised(listener) {
      const entry = { listener };
      if (isRaised) listener();
      else waiting.add(entry);
      return () => void waiting.delete(entry);
    },
  };
}
