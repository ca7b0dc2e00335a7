import type { Base, ISyncEntity } from '../core/entity.ts';
import type { Json } from '../core/json.ts';
import { parsePointer } from '../core/pointer.ts';
import { foldOver } from './apply-operation.ts';
import type { EntityState } from './entity-state.ts';
import { fillAt } from './excluded-paths.ts';

/**
 * The state with the excluded fields that a state told by the backend brings back into memory (S32). What is pending and
 * changed one keeps its own.
 */
export function complete(state: EntityState, told: Base): EntityState {
  const { base, work } = state;
  if (!base?.cut) return state;
  const { cut, ...whole } = base;
  const left = told.entity ? cut.filter((pointer) => told.cut?.includes(pointer)) : [];
  const filled: Base = {
    ...whole,
    entity: fillAll(base.entity, told.entity, cut),
    ...(left.length === 0 ? {} : { cut: left }),
  };
  return { base: filled, work: work && { ...work, view: foldOver(filled, work.pending) } };
}

function fillAll(
  entity: ISyncEntity | null,
  from: ISyncEntity | null,
  pointers: readonly string[],
): ISyncEntity | null {
  return pointers.reduce<Json>(
    (filled, pointer) => fillAt(filled, from as unknown as Json, parsePointer(pointer)),
    entity as unknown as Json,
  ) as unknown as ISyncEntity | null;
}
