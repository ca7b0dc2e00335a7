import { SyncError, toErrorInfo, type SyncErrorInfo } from '../core/errors.ts';
import type { TabRequest } from './tab-message.ts';

/** What this tab has the leader do, whichever tab that is, and what it does for others while it leads. */
export interface TabAsks {
  /** Does it, or has the leader do it. Resolves when it is durable, rejects with what it rejects with, `unsupported` where it cannot be told. */
  ask(request: TabRequest): Promise<void>;
  /** A reign began, here or elsewhere: whatever is not done yet is that one's to do. */
  askAgain(): void;
  /** Another tab asks. Only a leader does it. */
  heard(id: string, request: TabRequest): void;
  /** The leader's answer. Null: it is done. */
  answered(id: string, error: SyncErrorInfo | null): void;
}

export interface TabAsksParts {
  newId(): string;
  /** Null: this tab does not lead. */
  reign(): { readonly epoch: number } | null;
  execute(request: TabRequest): Promise<void>;
  canTell(request: TabRequest): boolean;
  tell(id: string, request: TabRequest): void;
  answer(id: string, error: SyncErrorInfo | null): void;
}

interface Asked {
  readonly request: TabRequest;
  resolve(): void;
  reject(error: SyncError): void;
}

interface Executed {
  readonly epoch: number;
  readonly done: Promise<void>;
}

/** So many requests are known again when they are repeated. */
const keptAnswers = 1_000;

/** Nothing was asked yet. */
export function createTabAsks(parts: TabAsksParts): TabAsks {
  const asked = new Map<string, Asked>();
  const executed = new Map<string, Executed>();

  /** What ends after the reign in which it began says nothing: the log that counts then may lack it. */
  function execute(id: string, request: TabRequest, ended: (error: SyncError | null) => void): void {
    const epoch = parts.reign()?.epoch;
    if (epoch === undefined) return;
    const known = executed.get(id);
    const done = known?.epoch === epoch ? known.done : parts.execute(request);
    executed.set(id, { epoch, done });
    const oldest = executed.size > keptAnswers ? executed.keys().next().value : undefined;
    if (oldest !== undefined) executed.delete(oldest);
    const end = (error: SyncError | null) => {
      if (parts.reign()?.epoch === epoch) ended(error);
    };
    done.then(() => end(null), end);
  }

  function settle(id: string, error: SyncError | null): void {
    const waiting = asked.get(id);
    asked.delete(id);
    if (error) waiting?.reject(error);
    else waiting?.resolve();
  }

  function pursue(id: string, request: TabRequest): void {
    if (parts.reign()) execute(id, request, (error) => settle(id, error));
    else if (parts.canTell(request)) parts.tell(id, request);
    else settle(id, unsupported());
  }

  return {
    ask: (request) =>
      new Promise<void>((resolve, reject) => {
        const id = parts.newId();
        asked.set(id, { request, resolve, reject });
        pursue(id, request);
      }),
    askAgain() {
      for (const [id, { request }] of [...asked]) pursue(id, request);
    },
    heard: (id, request) => execute(id, request, (error) => parts.answer(id, error && toErrorInfo(error))),
    answered: (id, error) => settle(id, error && new SyncError(error.code, error.message, error)),
  };
}

function unsupported(): SyncError {
  return new SyncError(
    'unsupported',
    'Another tab leads, and this browser has no BroadcastChannel: what is excluded or encrypted cannot be told to it. Do this in the tab that leads.',
  );
}
