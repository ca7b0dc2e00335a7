import { fromCallback, fromPromise, type PromiseActorLogic } from 'xstate';
import { connectivityMachine, type ProbeOutcome } from '../../machines/connectivity.machine.ts';
import { feedMachine } from '../../machines/feed.machine.ts';
import { wireMachines, type MachineActors } from '../../src/actors/wire-machines.ts';
import { wire } from '../../src/actors/wire.ts';

declare const actors: MachineActors;
declare const probe: PromiseActorLogic<ProbeOutcome>;
declare const delays: { probeBackOff: number; hintJitter: number; offlineRecheck: number };
const backOff = () => 1;

/** What compiles is complete: a machine with every actor and every delay. */
export const complete = [wire(connectivityMachine, { actors: { probe }, delays }), wireMachines(actors, backOff, 2)];

export function refuses(): void {
  // @ts-expect-error the actor is missing
  wire(connectivityMachine, { actors: {}, delays });
  // @ts-expect-error one actor of two is missing
  wire(feedMachine, { actors: { pullChanges: actors.pullChanges }, delays: { retryDelay: 1 } });
  // @ts-expect-error a delay is missing
  wire(connectivityMachine, { actors: { probe }, delays: { probeBackOff: 1, hintJitter: 1 } });
  // @ts-expect-error no delays at all
  wire(connectivityMachine, { actors: { probe } });
  // @ts-expect-error an actor that the machine does not know
  wire(connectivityMachine, { actors: { probe, prob: probe }, delays });
  // @ts-expect-error a delay that the machine does not know
  wire(connectivityMachine, { actors: { probe }, delays: { ...delays, jitter: 1 } });
  // @ts-expect-error another output
  wire(connectivityMachine, { actors: { probe: fromPromise<number>(async () => 1) }, delays });
  // @ts-expect-error another kind of actor
  wire(connectivityMachine, { actors: { probe: fromCallback(() => undefined) }, delays });
  const { drain: _, ...withoutDrain } = actors;
  // @ts-expect-error the drain is missing
  wireMachines(withoutDrain, backOff, 2);
}
