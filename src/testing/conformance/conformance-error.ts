/** What a rule found. `message` says it all: the rule, what was seen, what to do. */
export class ConformanceError extends Error {
  /** The id of the rule, such as `repeat-other-content`. */
  readonly rule: string;
  /** What was seen instead. */
  readonly seen: string;
  /** What to do about it. */
  readonly remedy: string;

  constructor(parts: { rule: string; title: string; seen: string; remedy: string; cause?: unknown }) {
    const { rule, title, seen, remedy, cause } = parts;
    super(`Broken rule "${rule}": ${title}.\n  Seen: ${seen}\n  To do: ${remedy}`, { cause });
    this.name = 'ConformanceError';
    this.rule = rule;
    this.seen = seen;
    this.remedy = remedy;
  }
}

/** What is wrong, in plain words, before it is known which rule it breaks. */
export class Breach extends Error {
  constructor(seen: string, options?: { cause: unknown }) {
    super(seen, options);
    this.name = 'Breach';
  }
}
