import type { AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import { eventFor, keyOf, type Stimulus } from './stimulus.ts';
import { begin, leafOf, step, withInertActors, type Step } from './step.ts';

/** One machine of a composition: where it is, and the timers that wait. */
export interface Part {
  readonly snapshot: AnyMachineSnapshot;
  readonly timers: readonly string[];
}

/** A root and its children, all of them at rest. */
export type Whole = Readonly<Record<string, Part>>;

/** What can happen to one of the machines, and when it can. */
export interface Cause {
  readonly part: string;
  readonly stimulus: Stimulus;
  readonly isPossible?: (whole: Whole) => boolean;
  /** What happens to others with it. */
  readonly also?: readonly Delivery[];
}

/** An event for one of the machines; null: it begins anew. */
export interface Delivery {
  readonly part: string;
  readonly event: AnyEventObject | null;
}

export interface WholeEdge {
  readonly from: string;
  readonly to: string;
  readonly cause: string;
}

/** Everything that can happen to the machines together, by the key of where they are. */
export interface WholeGraph {
  readonly wholes: ReadonlyMap<string, Whole>;
  readonly edges: readonly WholeEdge[];
}

export interface Composition {
  readonly root: AnyStateMachine;
  readonly rootInput: unknown;
  readonly children: Readonly<Record<string, readonly [machine: AnyStateMachine, input: unknown]>>;
  readonly causes: readonly Cause[];
  readonly keyOfWhole: (whole: Whole) => string;
  readonly limit: number;
}

const rootName = 'root';

/** Walks through everything that can happen to a root and its children, each event handled to its end before the next. */
export function exploreComposition(composition: Composition): WholeGraph {
  const { causes, keyOfWhole, limit } = composition;
  const first = beginWhole(composition);
  const wholes = new Map([[keyOfWhole(first), first]]);
  const edges: WholeEdge[] = [];
  for (const [from, whole] of wholes) {
    for (const { part, stimulus, isPossible, also = [] } of causes) {
      const event = isPossible?.(whole) === false ? null : eventIn(whole[part], stimulus);
      if (!event) continue;
      const next = deliver(whole, [{ part, event }, ...also], first);
      const to = keyOfWhole(next);
      edges.push({ from, to, cause: `${part} ${keyOf(stimulus)}` });
      if (!wholes.has(to)) wholes.set(to, next);
      if (wholes.size > limit) throw new Error(`More than ${limit} places`);
    }
  }
  return { wholes, edges };
}

/** Keys of the places from which no way of allowed edges leads to a goal. */
export function wholesWithoutWay(
  { wholes, edges }: WholeGraph,
  isGoal: (whole: Whole) => boolean,
  isAllowed: (edge: WholeEdge) => boolean,
): ReadonlySet<string> {
  const sourcesByTarget = new Map<string, string[]>();
  for (const { from, to } of edges.filter(isAllowed)) {
    const sources = sourcesByTarget.get(to) ?? [];
    sourcesByTarget.set(to, sources);
    sources.push(from);
  }
  const reached = new Set([...wholes].flatMap(([key, whole]) => (isGoal(whole) ? [key] : [])));
  for (const key of reached) for (const source of sourcesByTarget.get(key) ?? []) reached.add(source);
  return new Set([...wholes.keys()].filter((key) => !reached.has(key)));
}

/** Things that can happen to one of the machines at any time. */
export function of(part: string, ...stimuli: readonly Stimulus[]): Cause[] {
  return stimuli.map((stimulus) => ({ part, stimulus }));
}

export function contextIn<T>(whole: Whole, part: string): T {
  return whole[part]?.snapshot.context as T;
}

export function leafIn(whole: Whole, part: string): string {
  const found = whole[part];
  return found ? leafOf(found.snapshot) : '';
}

function beginWhole({ root, rootInput, children }: Composition): Whole {
  const steps = Object.entries(children).map(([name, [machine, input]]) => {
    return [name, begin(withInertActors(machine), input)] as const;
  });
  const rootStep = begin(withInertActors(root), rootInput);
  const whole = Object.fromEntries(
    [[rootName, rootStep] as const, ...steps].map(([name, made]) => [name, partOf(made)]),
  );
  return deliver(
    whole,
    steps.flatMap(([name, made]) => deliveriesOf(name, made)),
    whole,
  );
}

function partOf({ snapshot, timers }: Step, before: readonly string[] = []): Part {
  const waiting = new Set(before);
  for (const { set, id } of timers) {
    if (set) waiting.add(id);
    else waiting.delete(id);
  }
  return { snapshot, timers: [...waiting] };
}

function deliveriesOf(sender: string, { sendings }: Step): Delivery[] {
  return sendings.map(({ targetId, event }) => ({
    part: targetId === '#_parent' ? rootName : targetId,
    event: sender === rootName || targetId === '#_parent' ? event : { type: 'lost' },
  }));
}

/** What is sent to machines that are no part of the composition is dropped. `first`: where they begin. */
function deliver(whole: Whole, deliveries: readonly Delivery[], first: Whole): Whole {
  const now: Record<string, Part> = { ...whole };
  const queue = [...deliveries];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { part, event } = next;
    const known = now[part];
    if (event === null) now[part] = first[part] as Part;
    if (!known || event === null || known.snapshot.status !== 'active') continue;
    const taken = step(known.snapshot, part === rootName ? event : handedOn(event));
    now[part] = partOf(
      taken,
      known.timers.filter((id) => id !== event.type),
    );
    queue.push(...deliveriesOf(part, taken));
  }
  return now;
}

/** The registry of entities is no machine: here it has one entity, which is told what it is told. */
function handedOn(event: AnyEventObject): AnyEventObject {
  return event.type === 'entity.tell' ? (event['event'] as AnyEventObject) : event;
}

function eventIn(part: Part | undefined, stimulus: Stimulus): AnyEventObject | null {
  const event = part ? eventFor(part.snapshot, stimulus) : null;
  return event && stimulus.kind === 'after' && !part?.timers.includes(event.type) ? null : event;
}
