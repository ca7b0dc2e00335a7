import type { DiffGuard } from './compare-values.ts';
import { SyncError } from './errors.ts';
import { isPlainObject } from './json-offender.ts';
import { maxDepth, maxLookLength, takePlainJson } from './plain-json.ts';
import { takeJson } from './take-json.ts';

/** Throws {@link SyncError} `invalid-entity` or `too-large` unless the value is plain JSON. `subject` opens the message. */
export function assertPlainJson(value: unknown, subject: string): void {
  takePlainJson(value, {
    subject,
    code: 'invalid-entity',
    limitCode: 'too-large',
    at: '',
    copies: false,
    maxLength: maxLookLength,
  });
}

/**
 * A guard for the comparison of two values of unknown origin: whatever is not plain JSON is refused as by
 * {@link assertPlainJson}, in a time that is bound also for values that contain themselves.
 */
export function createPlainJsonGuard(before: unknown, after: unknown): DiffGuard {
  let remaining = maxLookLength;
  const refuse = (): never => {
    assertPlainJson(before, 'The value before');
    assertPlainJson(after, 'The value after');
    throw new SyncError('too-large', 'The values are too large to be compared. Compare parts of them.', { path: '' });
  };
  return {
    enter(left, right, depth) {
      remaining -= 1;
      if (remaining < 0 || depth >= maxDepth || !isPlainObject(left) || !isPlainObject(right)) refuse();
    },
    check(value, depth) {
      const taken = takeJson(value, { levels: maxDepth - depth, length: remaining }, false);
      if (typeof taken === 'string') refuse();
      else remaining -= taken.length;
    },
  };
}
