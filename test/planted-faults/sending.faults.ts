import type * as Gates from '../../machines/gates.ts';
import type * as QueueMachine from '../../machines/queue.machine.ts';
import type * as Backend from '../../src/actors/backend.ts';
import type * as SendRequests from '../../src/actors/send-requests.ts';
import type * as Fold from '../../src/outbox/fold.ts';
import type * as Outbox from '../../src/outbox/outbox.ts';
import { replacing } from './replacement.ts';
import type { SimulationFault } from './simulation-fault.ts';

/** Faults in when something is sent, and in what. */
export const sendingFaults: readonly SimulationFault[] = [
  {
    name: 'a new idempotency key for every attempt',
    breaks: ['G2', 'G3'],
    replacements: [
      replacing<typeof Backend>('../../src/actors/backend.ts', ({ createBackend }) => ({
        createBackend: (options) => {
          const backend = createBackend(options);
          const rekey = (outgoing: Backend.Outgoing): Backend.Outgoing => {
            const { request, attempt } = outgoing;
            return { ...outgoing, request: { ...request, idempotencyKey: `${request.idempotencyKey}-${attempt}` } };
          };
          return { ...backend, send: (outgoing) => backend.send(rekey(outgoing)) };
        },
      })),
    ],
    shape: { batch: false },
  },
  {
    name: 'a request is sent before its seal is durable',
    breaks: ['G2', 'G3', 'S1'],
    replacements: [
      replacing<typeof SendRequests>('../../src/actors/send-requests.ts', ({ createSender }) => ({
        createSender: (parts) =>
          createSender({ ...parts, whenStorageFails: (listener) => (listener(), () => undefined) }),
      })),
    ],
    plan: { crashes: 5 },
  },
  {
    name: 'a deletion of what the backend has sends nothing',
    breaks: ['G1'],
    replacements: [
      replacing<typeof Fold>('../../src/outbox/fold.ts', ({ foldOperations }) => ({
        foldOperations: (slot, count, key) => {
          const folded = foldOperations(slot, count, key);
          return folded.type === 'request' && folded.request.type === 'delete'
            ? { type: 'nothing', operationIds: folded.request.operationIds }
            : folded;
        },
      })),
    ],
    shape: { deletes: true },
  },
  {
    name: 'only the newest of several operations is sent',
    breaks: ['G1', 'G2', 'S9'],
    replacements: [
      replacing<typeof Fold>('../../src/outbox/fold.ts', ({ foldOperations }) => ({
        foldOperations: (slot, count, key) => {
          const folded = foldOperations(slot, count, key);
          const newest = slot.state.work?.pending[count - 1];
          if (folded.type !== 'request' || !folded.request.patch || !newest?.patch) return folded;
          return { ...folded, request: { ...folded.request, patch: newest.patch } };
        },
      })),
    ],
  },
  {
    name: 'two requests of one entity in flight',
    breaks: ['S2'],
    replacements: [
      replacing<typeof Outbox>('../../src/outbox/outbox.ts', ({ createOutbox }) => ({
        createOutbox: (options) => {
          const outbox = createOutbox(options);
          const { take } = outbox;
          return Object.assign(outbox, {
            take: (limit: number, nowMs: number) => {
              const [first] = take(limit, nowMs);
              if (first) outbox.release(first, outbox.era);
              return first ? [first] : [];
            },
          });
        },
      })),
    ],
  },
  {
    name: 'a refusal stops the whole queue',
    breaks: ['G5 G8'],
    replacements: [
      replacing<typeof Outbox>('../../src/outbox/outbox.ts', ({ createOutbox }) => ({
        createOutbox: (options) => createOutbox({ ...options, order: 'global' }),
      })),
    ],
    plan: { refused: 0.1 },
    shape: { order: 'entity' },
  },
  {
    name: 'operations are sent although a gate is closed',
    breaks: ['S26'],
    replacements: [replacing<typeof Gates>('../../machines/gates.ts', () => ({ maySend: () => true }))],
  },
  {
    name: 'work that arrives while draining wakes nobody',
    breaks: ['G4', 'G5'],
    replacements: [
      replacing<typeof QueueMachine>('../../machines/queue.machine.ts', ({ queueMachine }) => ({
        queueMachine: queueMachine.provide({ guards: { workArrived: () => false } }) as typeof queueMachine,
      })),
    ],
    operations: 30,
  },
];
