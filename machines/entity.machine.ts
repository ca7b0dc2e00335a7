import { assign, setup, type PromiseActorLogic } from 'xstate';

/** Why an entity needs an actor. */
export type Trouble = 'conflict' | 'unknown' | 'parked';

/** What the actor of one entity is told. */
export type EntityEvent =
  /** The backend's state of the entity is another one now. */
  | { type: 'base.moved' }
  /** The app wrote the entity again. */
  | { type: 'view.edited' }
  /** A refusal with the backend's state: base, local and remote differ. */
  | { type: 'conflict.found' }
  /** The backend refused the operation for what it says. */
  | { type: 'request.refused' }
  /** A request may have been applied, and the backend does not recognise repeats. */
  | { type: 'outcome.lost' }
  /** The way to the backend is open: ask now. */
  | { type: 'outcome.ask' }
  /** The app decided the conflict. */
  | { type: 'decision.made' }
  /** The app retried, edited or discarded the refused operation. */
  | { type: 'refusal.lifted' };

/** Which entity, and what its trouble is. */
export interface EntityInput {
  collection: string;
  entityId: string;
  trouble: Trouble;
}

/** What the actor of one entity remembers. */
export interface EntityContext extends EntityInput {
  /** Times the way opened since the question under way was put. */
  asked: number;
  /** Changes of base or view since the resolution under way began to be recorded. */
  moved: number;
}

/** `moot`: nothing differs any more. */
export type ResolutionOutcome = 'resolved' | 'undecided' | 'moot';

/** What the backend's current state says of a request whose answer was lost. */
export type LostOutcome = 'applied' | 'notApplied' | 'conflicting' | 'unreachable';

/**
 * One entity in trouble: a conflict, a refusal or an unknown outcome. Spawned when trouble begins, done when it is settled.
 * Has no timers: the queue has the one there is.
 */
export const entityMachine = setup({
  types: {
    context: {} as EntityContext,
    events: {} as EntityEvent,
    input: {} as EntityInput,
  },
  actors: {
    /** Runs the strategy over base, local and remote once all of it is durable. */
    resolveConflict: {} as PromiseActorLogic<ResolutionOutcome, EntityInput>,
    /** Makes the resolution durable, so that it is not sent before. */
    recordResolution: {} as PromiseActorLogic<void, EntityInput>,
    /** Compares the backend's state with what the request would have made. */
    askOutcome: {} as PromiseActorLogic<LostOutcome, EntityInput>,
  },
  guards: {
    isConflict: ({ context }) => context.trouble === 'conflict',
    isUnknown: ({ context }) => context.trouble === 'unknown',
    isResolved: (_, outcome: ResolutionOutcome) => outcome === 'resolved',
    isMoot: (_, outcome: ResolutionOutcome) => outcome === 'moot',
    isConflicting: (_, outcome: LostOutcome) => outcome === 'conflicting',
    isUnreachable: (_, outcome: LostOutcome) => outcome === 'unreachable',
    hasMoved: ({ context }) => context.moved > 0,
    wasAskedAgain: ({ context }) => context.asked > 0,
    mustAskAgain: ({ context }, outcome: LostOutcome) => outcome === 'unreachable' && context.asked > 0,
  },
  actions: {
    noteAsked: assign({ asked: ({ context }) => context.asked + 1 }),
    beginQuestion: assign({ asked: 0 }),
    noteMoved: assign({ moved: ({ context }) => context.moved + 1 }),
    beginRecord: assign({ moved: 0 }),
  },
}).createMachine({
  id: 'entity',
  context: ({ input }) => ({ ...input, asked: 0, moved: 0 }),
  initial: 'deciding',
  states: {
    deciding: {
      always: [
        { guard: 'isConflict', target: 'conflicted' },
        { guard: 'isUnknown', target: 'probingOutcome' },
        { target: 'parked' },
      ],
    },
    conflicted: {
      initial: 'resolving',
      on: {
        'request.refused': { target: 'parked' },
        'conflict.found': { target: '.resolving' },
      },
      states: {
        resolving: {
          invoke: {
            src: 'resolveConflict',
            input: ({ context }) => context,
            onDone: [
              { guard: { type: 'isResolved', params: ({ event }) => event.output }, target: 'recording' },
              { guard: { type: 'isMoot', params: ({ event }) => event.output }, target: '#entity.settled' },
              { target: 'awaitingDecision' },
            ],
            onError: { target: 'awaitingDecision' },
          },
          on: {
            'base.moved': { target: 'resolving', reenter: true },
            'view.edited': { target: 'resolving', reenter: true },
            'decision.made': { target: 'recording' },
          },
        },
        awaitingDecision: {
          on: {
            'base.moved': { target: 'resolving' },
            'view.edited': { target: 'resolving' },
            'decision.made': { target: 'recording' },
          },
        },
        recording: {
          entry: 'beginRecord',
          invoke: {
            src: 'recordResolution',
            input: ({ context }) => context,
            onDone: { target: '#entity.settled' },
            onError: [{ guard: 'hasMoved', target: 'resolving' }, { target: 'awaitingDecision' }],
          },
          on: {
            'base.moved': { actions: 'noteMoved' },
            'view.edited': { actions: 'noteMoved' },
          },
        },
      },
    },
    probingOutcome: {
      initial: 'asking',
      on: {
        'conflict.found': { target: 'conflicted' },
        'request.refused': { target: 'parked' },
      },
      states: {
        asking: {
          entry: 'beginQuestion',
          on: {
            'outcome.ask': { actions: 'noteAsked' },
          },
          invoke: {
            src: 'askOutcome',
            input: ({ context }) => context,
            onDone: [
              {
                guard: { type: 'mustAskAgain', params: ({ event }) => event.output },
                target: 'asking',
                reenter: true,
              },
              { guard: { type: 'isUnreachable', params: ({ event }) => event.output }, target: 'resting' },
              { guard: { type: 'isConflicting', params: ({ event }) => event.output }, target: '#entity.conflicted' },
              { target: '#entity.settled' },
            ],
            onError: [{ guard: 'wasAskedAgain', target: 'asking', reenter: true }, { target: 'resting' }],
          },
        },
        resting: { on: { 'outcome.ask': { target: 'asking' } } },
      },
    },
    parked: {
      on: {
        'refusal.lifted': { target: 'settled' },
        'view.edited': { target: 'settled' },
        'conflict.found': { target: 'conflicted' },
      },
    },
    settled: { type: 'final' },
  },
});
