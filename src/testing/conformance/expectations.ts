import type { SyncErrorCode } from '../../core/errors.ts';
import { equalValues } from './equal-values.ts';
import { Breach } from './conformance-error.ts';

/** Ends the check with what was seen, unless it holds. */
export function expectThat(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Breach(seen);
}

/** Ends the check unless both are equal, bytes and property order aside. */
export function expectEqual(seen: unknown, wanted: unknown, what: string): void {
  expectThat(equalValues(seen, wanted), `${what} is ${show(seen)}, not ${show(wanted)}.`);
}

/** What a call throws, which must have one of the codes. Codes decide: the class may come from another copy of the library. */
export async function expectRefusal(
  call: Promise<unknown>,
  codes: readonly SyncErrorCode[],
  what: string,
): Promise<{ readonly code: SyncErrorCode; readonly current?: unknown }> {
  const error = await call.then(
    (value: unknown) => {
      throw new Breach(`${what} resolved with ${show(value)}; it should throw ${codes.map(nameOf).join(' or ')}.`);
    },
    (thrown: unknown) => thrown,
  );
  if (error instanceof Breach) throw error;
  const code = codeOf(error);
  if (code !== undefined && codes.some((each) => each === code)) return error as { code: SyncErrorCode };
  throw new Breach(`${what} threw ${showError(error)}; it should throw ${codes.map(nameOf).join(' or ')}.`, {
    cause: error,
  });
}

/** The code of what was thrown, where it has one. */
export function codeOf(error: unknown): string | undefined {
  const code = typeof error === 'object' && error !== null ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Waits for a call, and ends the check when it does not settle in time. */
export async function settleWithin<T>(call: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Breach(`${what} did not settle within ${limitMs} ms.`)), limitMs);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A value in a message: JSON, cut off where it is long. */
export function show(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    text = undefined;
  }
  const shown = text ?? String(value);
  return shown.length > 300 ? `${shown.slice(0, 300)}…` : shown;
}

/** An error in a message. */
export function showError(error: unknown): string {
  if (!(error instanceof Error)) return show(error);
  const code = codeOf(error);
  return `${error.name}${code === undefined ? '' : ` (code ${code})`}: ${error.message}`;
}

const classes: Partial<Record<SyncErrorCode, string>> = {
  conflict: 'ConflictError',
  rejected: 'RejectedError',
  'not-found': 'NotFoundError',
  'cursor-expired': 'CursorExpiredError',
  'epoch-changed': 'EpochChangedError',
  unauthorized: 'UnauthorizedError',
  unavailable: 'UnavailableError',
};

const nameOf = (code: SyncErrorCode): string => `${classes[code] ?? 'a SyncError'} (code ${code})`;
