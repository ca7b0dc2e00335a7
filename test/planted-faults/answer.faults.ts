import type * as Verdicts from '../../src/outbox/verdict.ts';
import type * as EntityTransition from '../../src/store/entity-transition.ts';
import { replacing } from './replacement.ts';
import type { SimulationFault } from './simulation-fault.ts';

type Transition = typeof EntityTransition;

/** Faults in what an answer is taken for. */
export const answerFaults: readonly SimulationFault[] = [
  {
    name: 'anything that comes with a 2xx is an acknowledgement',
    breaks: ['G1', 'G2', 'G4', 'G10', 'G12'],
    replacements: [
      replacing<typeof Verdicts>('../../src/outbox/verdict.ts', ({ judgeRecord }) => ({
        judgeRecord: (sent, record) => {
          const verdict = judgeRecord(sent, record);
          return verdict.type === 'unanswered' ? acknowledgedUnseen(sent) : verdict;
        },
      })),
    ],
    plan: { nonsense: 0.1 },
  },
  {
    name: 'a request without an answer counts as applied',
    breaks: ['G1', 'G2', 'G4'],
    replacements: [
      replacing<typeof Verdicts>('../../src/outbox/verdict.ts', ({ judgeError }) => ({
        judgeError: (sent, thrown) => {
          const verdict = judgeError(sent, thrown);
          return verdict.type === 'unanswered' ? acknowledgedUnseen(sent) : verdict;
        },
      })),
    ],
    plan: { requestsLost: 0.3 },
  },
  {
    name: 'an expired session refuses the operation',
    breaks: ['G7'],
    replacements: [
      replacing<typeof Verdicts>('../../src/outbox/verdict.ts', ({ judgeError }) => ({
        judgeError: (sent, thrown) => {
          const verdict = judgeError(sent, thrown);
          return verdict.type === 'deferred' ? { type: 'refused', error: verdict.error } : verdict;
        },
      })),
    ],
    plan: { tokenExpiries: 3 },
  },
  {
    name: 'an operation is merged into the request in flight',
    breaks: ['G1', 'G2', 'S1'],
    replacements: [
      replacing<Transition>('../../src/store/entity-transition.ts', ({ transition }) => ({
        transition: (state, step, policies) => {
          const next = transition(state, step, policies);
          const { base, work } = next.state;
          if (step.type !== 'write' || !work?.request) return next;
          const request = { ...work.request, operationIds: work.pending.map(({ id }) => id) };
          return { ...next, state: { base, work: { ...work, request } } };
        },
      })),
    ],
  },
  {
    name: 'an acknowledgement settles what was written after the request, too',
    breaks: ['G1', 'G2'],
    replacements: [
      replacing<Transition>('../../src/store/entity-transition.ts', ({ transition }) => ({
        transition: (state, step, policies) => {
          const next = transition(state, step, policies);
          if (step.type !== 'settle' || next.state === state) return next;
          return { ...next, state: { base: next.state.base, work: null } };
        },
      })),
    ],
  },
];

function acknowledgedUnseen({ result }: Verdicts.Sent): Verdicts.Verdict {
  return { type: 'acknowledged', base: { entity: result, version: null, updatedAt: null } };
}
