import { SyncError, type SyncErrorCode } from './errors.ts';
import type { JsonOffender } from './json-offender.ts';
import { formatPointer } from './pointer.ts';

/** What a refused value belongs to, for the error. */
export interface RefusalContext {
  /** Opens the message: `The entity`. */
  readonly subject: string;
  readonly code: SyncErrorCode;
  /** For too many levels and too long a text. */
  readonly limitCode: SyncErrorCode;
  /** JSON Pointer to the value inside of what the error is about. */
  readonly at: string;
  readonly collection?: string | undefined;
}

function className(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class';
}

function nameOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return className(value);
  if (typeof value === 'number') return String(value);
  return value === undefined ? 'undefined or a hole' : `a ${typeof value}`;
}

function refusal(
  context: RefusalContext,
  code: SyncErrorCode,
  path: string,
  what: string,
  advice: string,
  thrown: { readonly cause?: unknown } = {},
): SyncError {
  const place = path === '' ? '' : ` at ${path}`;
  const { subject, collection } = context;
  return new SyncError(code, `${subject} ${what}${place}. ${advice}.`, { path, collection, ...thrown });
}

/** The error for a value that is too long, with the bound in bytes. */
export function tooLong(context: RefusalContext, bytes: number): SyncError {
  const what = `is larger than ${bytes} bytes as JSON`;
  return refusal(context, context.limitCode, context.at, what, 'Split it, or store the bulk elsewhere');
}

/** The error for a value that throws when it is looked at. */
export function unreadable(context: RefusalContext, cause: unknown): SyncError {
  const advice = 'Pass plain data, without getters or proxies that throw';
  return refusal(context, context.code, context.at, 'threw when it was read', advice, { cause });
}

/** The error that says what is wrong with a value, where, and what to do. */
export function refusalOf(
  context: RefusalContext,
  { reason, tokens, value }: JsonOffender,
  maxLevels: number,
): SyncError {
  const path = context.at + formatPointer(tokens);
  switch (reason) {
    case 'not-json': {
      const advice = 'Pass a string, a finite number, a boolean, null, an array or a plain object, or leave it out';
      return refusal(context, context.code, path, `cannot hold ${nameOf(value)}`, advice);
    }
    case 'cycle':
      return refusal(context, context.code, path, 'contains itself', 'Refer to the other object by its id');
    case 'too-deep': {
      const what = `is nested deeper than ${maxLevels} levels`;
      return refusal(context, context.limitCode, path, what, 'Split it into several');
    }
  }
}
