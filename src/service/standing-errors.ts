import type { SyncErrorInfo } from '../core/errors.ts';

/** Where an error comes from. It stands until the same works again, and those named first hide the others. */
export type ErrorSource = (typeof errorSources)[number];

const errorSources = ['storage', 'auth', 'send', 'pull', 'probe'] as const;

/** The errors that the state shows one of. */
export interface StandingErrors {
  /** The one that hides the others. */
  readonly first: SyncErrorInfo | null;
  /** `of`: what failed, where one of several may. The first that did hides those that did later. */
  begin(source: ErrorSource, error: SyncErrorInfo, of?: string): void;
  /** Without `of`: whatever failed there. */
  end(source: ErrorSource, of?: string): void;
}

/** Nothing has failed. */
export function createStandingErrors(): StandingErrors {
  const errors = new Map(errorSources.map((source) => [source, new Map<string, SyncErrorInfo>()]));
  return {
    get first() {
      for (const standing of errors.values()) for (const error of standing.values()) return error;
      return null;
    },
    begin: (source, error, of = '') => void errors.get(source)?.set(of, error),
    end(source, of) {
      if (of === undefined) errors.get(source)?.clear();
      else errors.get(source)?.delete(of);
    },
  };
}
