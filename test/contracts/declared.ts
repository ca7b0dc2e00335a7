import type { ApiClient } from '../../src/index.ts';

/** What a client declares that it can do: rules of what it does not declare are skipped. */
export function declaredBy({ batch, capabilities, changes, probe }: ApiClient): readonly string[] {
  const declared = {
    idempotent: capabilities?.idempotent === true,
    orderedVersions: capabilities?.orderedVersions === true,
    batch: batch !== undefined,
    changes: changes !== undefined,
    probe: probe !== undefined,
  };
  return Object.entries(declared).flatMap(([name, is]) => (is ? [name] : []));
}
