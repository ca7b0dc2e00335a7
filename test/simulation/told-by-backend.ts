import { tap } from 'rxjs';
import type { SyncRequest } from '../../src/core/operation.ts';
import type { RequestOutcome } from '../../src/ports/api-client.ts';
import type { RealTimeTransport } from '../../src/ports/real-time.ts';

/** What the backend let one device know of what it holds: only of that it may think that it is done. */
export interface ToldByBackend {
  /** Something with entities, keys or both arrived. */
  note(answer: unknown): void;
  /** The answers to requests arrived. */
  noteOutcomes(requests: readonly SyncRequest[], outcomes: readonly RequestOutcome[]): void;
  noteAbsent(collection: string, id: string): void;
  /** The backend came back with less. */
  noteRestore(): void;
  /** The same transport; what it brings is noted. */
  listen(transport: RealTimeTransport): RealTimeTransport;
  /** Whether a state was shown that has the mark. */
  knowsMark(mark: string): boolean;
  /** Whether a key was acknowledged, or shown with a change. */
  knowsKey(key: string): boolean;
  /** Whether there was nothing, as far as the backend said after so many times that it came back with less; default: ever. */
  knowsAbsent(collection: string, id: string, afterRestores?: number): boolean;
  /** Whether a deletion was answered with the word that there is nothing any more. */
  knowsGone(collection: string, id: string): boolean;
}

const marks = /"(c\d+[a-z]?-\d+\+?)"/g;
const keys = /"idempotencyKey":"([^"]+)"/g;

/** Nothing yet. `canLose`: whether the backend may ever lose anything; else nothing is noted. */
export function createToldByBackend(canLose: boolean): ToldByBackend {
  const known = new Set<string>();
  /** How often the backend had come back when it last said so. */
  const absent = new Map<string, number>();
  let restores = 0;
  const gone = new Set<string>();

  const note = (answer: unknown): void => {
    if (!canLose) return;
    const text = JSON.stringify(answer) ?? '';
    for (const [, mark = ''] of text.matchAll(marks)) known.add(mark);
    for (const [, key = ''] of text.matchAll(keys)) known.add(key);
  };
  const noteAbsent = (collection: string, id: string): void => {
    absent.set(`${collection}/${id}`, restores);
  };

  return {
    note,
    noteOutcomes(requests, outcomes) {
      outcomes.forEach((outcome, at) => {
        const request = requests[at];
        if (!('error' in outcome)) note(outcome);
        else {
          const { current, code } = outcome.error as { readonly current?: { entity: unknown }; readonly code?: string };
          note(current);
          const isAbsent = code === 'not-found' || current?.entity === null;
          if (!request || !isAbsent) return;
          noteAbsent(request.collection, request.entityId);
          if (request.type === 'delete') gone.add(`${request.collection}/${request.entityId}`);
        }
      });
    },
    noteAbsent,
    noteRestore() {
      restores += 1;
    },
    listen: (transport) => ({
      connect: (session) =>
        transport.connect(session).pipe(
          tap((message) => {
            if (message.type === 'change') note(message.change);
          }),
        ),
    }),
    knowsMark: (mark) => known.has(mark),
    knowsKey: (key) => known.has(key),
    knowsAbsent: (collection, id, afterRestores = 0) => (absent.get(`${collection}/${id}`) ?? -1) >= afterRestores,
    knowsGone: (collection, id) => gone.has(`${collection}/${id}`),
  };
}
