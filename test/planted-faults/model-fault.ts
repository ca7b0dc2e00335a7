import type { Exploration, Model } from '../model/explore.ts';
import type * as Protocol from '../model/protocol.ts';
import type * as Tabs from '../model/tabs.ts';
import { withReplaced, type Replacement } from './replacement.ts';

type Models = typeof Protocol & typeof Tabs;

/** A fault that the exhaustive model must show. */
export interface ModelFault {
  readonly name: string;
  /** Ids of which the violation must name one. */
  readonly breaks: readonly string[];
  readonly replacements: readonly Replacement[];
  readonly model: 'protocol' | 'deletions' | 'tabs';
}

const limit = 60_000;

const modelOf: Readonly<Record<ModelFault['model'], (models: Models) => Model<unknown>>> = {
  /** Two clients that write one entity. */
  protocol: ({ createProtocol }: Models) => createProtocol({ writes: [1, 1], faults: 1 }),
  /** One of them deletes it, too. */
  deletions: ({ createProtocol }: Models) => createProtocol({ writes: [1, 1], deletions: [1, 0], faults: 0 }),
  /** Two tabs of one device. */
  tabs: ({ createTabs }: Models) => createTabs({ tabs: 2, writes: 1, foreignWrites: 0, faults: 1 }),
};

/** The first thing that is wrong in the model with the fault planted. The models' own tests show that without it nothing is. */
export function exploreWith({ replacements, model }: ModelFault): Promise<Exploration['fault']> {
  return withReplaced(replacements, async () => {
    const { exploreModel } = await import('../model/explore.ts');
    const models = { ...(await import('../model/protocol.ts')), ...(await import('../model/tabs.ts')) };
    return exploreModel(modelOf[model](models), limit).fault;
  });
}
