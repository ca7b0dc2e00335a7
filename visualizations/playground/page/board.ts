import { acceptCards } from './card-drag.ts';
import { element } from './element.ts';
import { icon } from './icon.ts';
import { placeInOrder } from './place-in-order.ts';
import type { BoardService } from './service.ts';
import { createTaskCard, type TaskCard } from './task-card.ts';
import { byCreation, columnNames, columns, completeTask, newTask, type Column, type Task } from './task.ts';

export interface Board {
  readonly element: HTMLElement;
  close(): void;
}

/** The tasks of one client in their columns. Cards are kept by id: nothing is drawn anew under a typing hand. */
export function createBoard(sync: BoardService, report: (failure: unknown) => void): Board {
  const tasks = sync.collection('tasks');
  const cards = new Map<string, TaskCard>();

  const addTask = () => {
    const task = newTask();
    tasks.put(task);
    cards.get(task.id)?.focus();
  };
  const move = (id: string, column: Column) => {
    if (tasks.has(id)) tasks.patch(id, { column });
  };

  const lanes = new Map(columns.map((column) => [column, createLane(column, (id) => move(id, column))]));
  const addButton = element(
    'button',
    { type: 'button', class: 'button add-task', 'data-testid': 'add-task', onclick: addTask },
    icon('plus'),
    'Add task',
  );
  lanes.get('todo')?.element.append(addButton);

  const cardOf = (id: string) => {
    const card = cards.get(id) ?? createTaskCard(sync, id, report);
    cards.set(id, card);
    return card;
  };

  const show = (all: readonly Task[]) => {
    const present = new Set(all.map((task) => task.id));
    for (const [id, card] of cards) {
      if (present.has(id)) continue;
      card.close();
      card.element.remove();
      cards.delete(id);
    }
    for (const [column, lane] of lanes) {
      lane.show(all.filter((task) => task.column === column).map((task) => cardOf(task.id).element));
    }
  };

  const subscription = tasks.all$().subscribe((all) => show(all.map(completeTask).toSorted(byCreation)));

  return {
    element: element('div', { class: 'board' }, ...[...lanes.values()].map((lane) => lane.element)),
    close() {
      subscription.unsubscribe();
      for (const card of cards.values()) card.close();
    },
  };
}

function createLane(column: Column, accept: (id: string) => void) {
  const count = element('span', { class: 'count' });
  const list = element('div', { class: 'cards' });
  const heading = element('h3', {}, columnNames[column], count);
  const lane = element(
    'section',
    { class: 'lane', 'data-testid': `column-${column}`, 'aria-label': columnNames[column], tabindex: -1 },
    heading,
    list,
  );
  acceptCards(lane, accept);
  return {
    element: lane,
    show(inOrder: readonly Element[]) {
      count.textContent = String(inOrder.length);
      placeInOrder(list, inOrder);
    },
  };
}
