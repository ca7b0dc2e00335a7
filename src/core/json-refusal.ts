import { SyncError, type SyncErrorCode } from './errors.ts';
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

type Tokens = readonly (string | number)[];

function refusal(
  context: RefusalContext,
  code: SyncErrorCode,
  tokens: Tokens,
  what: string,
  advice: string,
): SyncError {
  const path = context.at + formatPointer(tokens.map(String));
  const place = path === '' ? '' : ` at ${path}`;
  return new SyncError(code, `${context.subject} ${what}${place}. ${advice}`, { path, collection: context.collection });
}

function className(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an instance of a class';
}

function nameOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return className(value);
  if (typeof value === 'number') return String(value);
  if (value === undefined) return 'undefined, or a hole,';
  return `a ${typeof value}`;
}

/** The error for a value that JSON cannot carry: a Date, a Map, a class instance, NaN, a function, a hole … */
export function notJson(context: RefusalContext, tokens: Tokens, value: unknown): SyncError {
  const advice =
    'Turn it into a string, a finite number, a boolean, null, an array or a plain object, or leave it out.';
  return refusal(context, context.code, tokens, `holds ${nameOf(value)} that JSON cannot carry`, advice);
}

/** The error for a value that contains itself. */
export function cyclic(context: RefusalContext, tokens: Tokens): SyncError {
  return refusal(context, context.code, tokens, 'contains itself', 'Refer to the other object by its id.');
}

/** The error for a value with too many levels. */
export function tooDeep(context: RefusalContext, tokens: Tokens, levels: number): SyncError {
  const what = `is nested deeper than ${levels} levels`;
  return refusal(context, context.limitCode, tokens, what, 'Split it into several entities.');
}

/** The error for a value with too long a JSON text. */
export function tooLong(context: RefusalContext, bytes: number): SyncError {
  return refusal(
    context,
    context.limitCode,
    [],
    `is larger than ${bytes} bytes as JSON`,
    'Split it, or store the bulk elsewhere.',
  );
}
