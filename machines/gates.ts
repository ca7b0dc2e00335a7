/** Who can hold traffic back. */
export type GateSource = 'connectivity' | 'auth' | 'leadership' | 'app' | 'configuration';

/** Why nothing is sent. */
export type GateBlocker = 'offline' | 'captive' | 'needs-auth' | 'not-leader' | 'paused' | 'misconfigured';

/** The one fact by which siblings learn of each other: a source raises a blocker, or lifts its own with null. */
export interface GateChanged {
  type: 'gate.changed';
  source: GateSource;
  blocker: GateBlocker | null;
}

/** The blocker that stands per source. */
export type Gates = Readonly<Record<GateSource, GateBlocker | null>>;

/** Before anything is known: no answer yet and not leading. */
export const closedGates: Gates = {
  connectivity: 'offline',
  auth: null,
  leadership: 'not-leader',
  app: null,
  configuration: null,
};

/** The gates after a blocker was raised or lifted: the same object when nothing changed. */
export function changeGate(gates: Gates, event: GateChanged): Gates {
  return gates[event.source] === event.blocker ? gates : { ...gates, [event.source]: event.blocker };
}

const order: readonly GateSource[] = ['connectivity', 'auth', 'leadership', 'app', 'configuration'];

/** All blockers that stand, in a fixed order. */
export function blockersOf(gates: Gates): GateBlocker[] {
  return order.map((source) => gates[source]).filter((blocker) => blocker !== null);
}

/** Whether operations may be sent. */
export function maySend(gates: Gates): boolean {
  return order.every((source) => gates[source] === null);
}

/** Whether changes may be fetched and the socket held: a pause or a refused operation format does not stop reading. */
export function mayListen(gates: Gates): boolean {
  return gates.connectivity === null && gates.auth === null && gates.leadership === null;
}
