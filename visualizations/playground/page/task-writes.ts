import type { BoardService } from './service.ts';
import { completeTask, type Task } from './task.ts';

export interface TaskWrites {
  /** Writes what `change` makes of the task. A task that is gone is left alone. */
  readonly edit: (change: (task: Task) => Task) => void;
  readonly remove: () => void;
}

/**
 * The writes of one task. `onUnsaved` hears how many of them no storage has accepted yet: those a crash would lose. `onRefused` hears of
 * those that are not in the task, for what they say or because no storage took them.
 */
export function createTaskWrites(
  sync: BoardService,
  id: string,
  listeners: { readonly onUnsaved: (count: number) => void; readonly onRefused: (failure: unknown) => void },
): TaskWrites {
  const tasks = sync.collection('tasks');
  let unsaved = 0;

  const countUnsaved = (step: 1 | -1) => {
    unsaved += step;
    listeners.onUnsaved(unsaved);
  };

  const write = (run: () => { readonly durable: Promise<void> }) => {
    if (!tasks.has(id)) return;
    try {
      const { durable } = run();
      countUnsaved(1);
      durable.catch(listeners.onRefused).finally(() => countUnsaved(-1));
    } catch (failure) {
      listeners.onRefused(failure);
    }
  };

  return {
    edit: (change) => write(() => tasks.patch(id, (current) => change(completeTask(current)))),
    remove: () => write(() => tasks.delete(id)),
  };
}
