import type * as Resolve from '../../src/core/resolve.ts';
import type * as Decide from '../../src/server/decide.ts';
import type * as EntityTransition from '../../src/store/entity-transition.ts';
import type * as Rebase from '../../src/store/rebase.ts';
import type { ModelFault } from './model-fault.ts';
import { replacing } from './replacement.ts';

/** Faults between two clients and a backend. */
export const protocolFaults: readonly ModelFault[] = [
  {
    name: 'the precondition before the repeat look-up',
    breaks: ['G2'],
    model: 'protocol',
    replacements: [
      replacing<typeof Decide>('../../src/server/decide.ts', ({ decide, checkExpected }) => ({
        decide: (input) => {
          const problem = checkExpected(input.stored, input.request);
          return problem ? { type: 'refused', problem } : decide(input);
        },
      })),
    ],
  },
  {
    name: 'the backend forgets the keys that it applied',
    breaks: ['G2'],
    model: 'protocol',
    replacements: [
      replacing<typeof Decide>('../../src/server/decide.ts', ({ decide }) => ({
        decide: (input) => decide({ ...input, repeat: null }),
      })),
    ],
  },
  {
    name: 'a backend that does not look at the version',
    breaks: ['G1', 'G2'],
    model: 'protocol',
    replacements: [
      replacing<typeof Decide>('../../src/server/decide.ts', ({ decide }) => ({
        decide: (input) =>
          decide({
            ...input,
            request: { ...input.request, expected: '*' },
            stored: input.request.content.type === 'create' ? null : input.stored,
          }),
      })),
    ],
  },
  {
    name: 'a foreign state is adopted although both sides changed the same',
    breaks: ['G1', 'G2', 'G6'],
    model: 'protocol',
    replacements: [
      replacing<typeof Rebase>('../../src/store/rebase.ts', ({ rebase, retell }) => ({
        rebase: (from, policies) => rebase(from, policies) ?? retell(from.remote, from.view, from.pending),
      })),
    ],
  },
  {
    name: 'a conflict is decided for the other side without being asked',
    breaks: ['G1', 'G6'],
    model: 'protocol',
    replacements: [
      replacing<typeof Resolve>('../../src/core/resolve.ts', ({ builtInResolvers }) => ({
        builtInResolvers: { ...builtInResolvers, merge: builtInResolvers['server-wins'] },
      })),
    ],
  },
  {
    name: 'a conflict drops what is pending',
    breaks: ['G1', 'G2'],
    model: 'protocol',
    replacements: [
      replacing<typeof EntityTransition>('../../src/store/entity-transition.ts', ({ transition }) => ({
        transition: (state, step, policies) =>
          step.type === 'conflict'
            ? { state: { base: step.remote, work: null }, settled: [], discarded: [] }
            : transition(state, step, policies),
      })),
    ],
  },
  {
    name: 'a deletion is applied whatever has been written since',
    breaks: ['G1'],
    model: 'deletions',
    replacements: [
      replacing<typeof Decide>('../../src/server/decide.ts', ({ decide }) => ({
        decide: (input) =>
          decide(
            input.request.content.type === 'delete'
              ? { ...input, request: { ...input.request, expected: '*' } }
              : input,
          ),
      })),
    ],
  },
  {
    name: 'what is created over a deletion gets a version that was given before',
    breaks: ['G1', 'G2', 'G5'],
    model: 'deletions',
    replacements: [
      replacing<typeof Decide>('../../src/server/decide.ts', ({ decide }) => ({
        decide: (input) =>
          decide(
            input.request.content.type === 'create' && input.stored?.entity === null
              ? { ...input, stored: null }
              : input,
          ),
      })),
    ],
  },
];
