import type { Exploration } from '../model/explore.ts';
import { withReplaced, type Replacement } from './replacement.ts';

/** A fault that the exhaustive model must show. */
export interface ModelFault {
  readonly name: string;
  /** Ids of which the violation must name one. */
  readonly breaks: readonly string[];
  readonly replacements: readonly Replacement[];
  /** Two clients that write one entity, or two tabs of one device. */
  readonly model: 'protocol' | 'tabs';
}

const limit = 60_000;

/** The first thing that is wrong in the model with the fault planted. The models' own tests show that without it nothing is. */
export function exploreWith({ replacements, model }: ModelFault): Promise<Exploration['fault']> {
  return withReplaced(replacements, async () => {
    const { exploreModel } = await import('../model/explore.ts');
    const { createProtocol } = await import('../model/protocol.ts');
    const { createTabs } = await import('../model/tabs.ts');
    return model === 'protocol'
      ? exploreModel(createProtocol({ writes: [1, 1], faults: 1 }), limit).fault
      : exploreModel(createTabs({ tabs: 2, writes: 1, foreignWrites: 0, faults: 1 }), limit).fault;
  });
}
