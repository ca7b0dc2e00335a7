import { vi } from 'vitest';

/** One module of the engine in which a part is exchanged for one that breaks a rule. */
export interface Replacement {
  /** As the files of this folder import it. */
  readonly path: string;
  /** What takes the place of the module's own exports. */
  readonly breakPart: (real: never) => object;
}

/** Names a module and what is broken in it; all its other exports stay. */
export function replacing<M extends object>(path: string, breakPart: (real: M) => Partial<M>): Replacement {
  return { path, breakPart };
}

/** Runs `work`, whose imports are made anew, with the parts replaced. Nothing of it outlives the run. */
export async function withReplaced<T>(replacements: readonly Replacement[], work: () => Promise<T>): Promise<T> {
  vi.resetModules();
  for (const { path, breakPart } of replacements) {
    vi.doMock(path, async (original) => {
      const real = await original<object>();
      return { ...real, ...breakPart(real as never) };
    });
  }
  try {
    return await work();
  } finally {
    for (const { path } of replacements) vi.doUnmock(path);
    vi.resetModules();
  }
}
