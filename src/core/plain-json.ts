import { SyncError } from './errors.ts';
import { findOffender } from './json-offender.ts';
import { type RefusalContext, refusalOf, tooLong, unreadable } from './json-refusal.ts';
import { type JsonLimits, takeJson, type TakenJson } from './take-json.ts';

/** Objects and arrays inside each other, at most. */
export const maxDepth = 64;

/** The longest value that is looked at without being copied, in a lower bound of the characters of its JSON text. */
export const maxLookLength = 16 * 1024 * 1024;

/** How a value is taken and what is said when it is refused. */
export interface PlainJsonOptions extends RefusalContext {
  /** A copy protects from what the caller does to the value later; without it the value is only looked at. */
  readonly copies: boolean;
  /** Above this lower bound of its JSON text, in characters, a value is refused. */
  readonly maxLength: number;
  /** Objects and arrays around the value. Default 0. */
  readonly depth?: number;
}

/**
 * Takes a value that is plain JSON and refuses any other with the JSON Pointer of the offender. Properties that are
 * undefined count as absent; a property named `__proto__` is data like any other.
 *
 * Throws {@link SyncError} with `options.code`, or `options.limitCode` for too many levels and too long a text. What a getter
 * or a proxy throws is its `cause`.
 */
export function takePlainJson(value: unknown, options: PlainJsonOptions): TakenJson {
  try {
    return take(value, options);
  } catch (error) {
    throw error instanceof SyncError ? error : unreadable(options, error);
  }
}

function take(value: unknown, options: PlainJsonOptions): TakenJson {
  const limits: JsonLimits = { levels: maxDepth - (options.depth ?? 0), length: options.maxLength };
  const taken = takeJson(value, limits, options.copies);
  if (typeof taken !== 'string') return taken;
  const offender = findOffender(value, limits.levels);
  if (offender !== null && (taken === 'unfit' || offender.reason === 'cycle')) {
    throw refusalOf(options, offender, maxDepth);
  }
  throw tooLong(options, options.maxLength);
}
