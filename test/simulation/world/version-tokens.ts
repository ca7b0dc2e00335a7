import type { ISyncEntity, Version } from '../../../src/core/entity.ts';
import type { ServerRecord } from '../../../src/core/record.ts';
import type { RecordJson } from '../../../src/server/record-json.ts';
import type { WorldShape } from '../fault-plan.ts';

/** How the versions of a backend look from outside: numbers, strings that say nothing of their order, or none. */
export interface VersionTokens {
  outward(record: RecordJson): ServerRecord;
  /** 1 for an entity's first state; 0 for a token that was never given out. */
  ordinalOf(version: Version): number;
}

/** Tokens of one kind. */
export function createVersionTokens({ versions, backend }: Pick<WorldShape, 'versions' | 'backend'>): VersionTokens {
  const token = (ordinal: number): Version =>
    versions === 'number' ? ordinal : `${(ordinal * 7919) % 1009}.${ordinal}`;
  const tell = (ordinal: number): { readonly version?: Version } =>
    backend === 'plain' ? {} : { version: token(ordinal) };
  return {
    outward({ version, ...record }) {
      const told = tell(version);
      return structuredClone({ ...record, ...told, entity: record.entity && tellIn(record.entity, told) });
    },
    ordinalOf: (version) => (typeof version === 'number' ? version : Number(version.split('.')[1] ?? 0)),
  };
}

function tellIn({ version: _version, ...entity }: ISyncEntity, told: { readonly version?: Version }): ISyncEntity {
  return { ...entity, ...told };
}
