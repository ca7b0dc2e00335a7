import type { Version } from '../../../src/core/entity.ts';
import type { ServerRecord } from '../../../src/core/record.ts';
import type { RecordJson } from '../../../src/server/record-json.ts';

/** How the versions of a backend look from outside: numbers, or strings that say nothing of their order. */
export interface VersionTokens {
  outward(record: RecordJson): ServerRecord;
  /** 1 for an entity's first state; 0 for a token that was never given out. */
  ordinalOf(version: Version): number;
}

/** Tokens of one kind. */
export function createVersionTokens(kind: 'number' | 'string'): VersionTokens {
  const token = (ordinal: number): Version => (kind === 'number' ? ordinal : `${(ordinal * 7919) % 1009}.${ordinal}`);
  return {
    outward(record) {
      const version = token(record.version);
      return structuredClone({ ...record, version, entity: record.entity && { ...record.entity, version } });
    },
    ordinalOf: (version) => (typeof version === 'number' ? version : Number(version.split('.')[1] ?? 0)),
  };
}
