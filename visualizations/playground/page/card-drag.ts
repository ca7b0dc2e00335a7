import { element } from './element.ts';
import { icon } from './icon.ts';

const kind = 'application/x-playground-task';

/** A handle that drags a card; the fields of the card stay selectable. Moving by keyboard has its own buttons. */
export function dragHandle(card: HTMLElement, id: string): HTMLElement {
  const start = ({ dataTransfer }: DragEvent) => {
    dataTransfer?.setData(kind, id);
    dataTransfer?.setDragImage(card, 12, 12);
  };
  return element(
    'span',
    { class: 'grip', draggable: 'true', title: 'Drag to another column', ondragstart: start },
    icon('grip'),
  );
}

/** Lets cards of the same client be dropped on a column. */
export function acceptCards(column: HTMLElement, accept: (id: string) => void): void {
  const hover = (over: boolean) => column.classList.toggle('drop-target', over);
  column.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes(kind) !== true) return;
    event.preventDefault();
    hover(true);
  });
  column.addEventListener('dragleave', () => hover(false));
  column.addEventListener('drop', (event) => {
    event.preventDefault();
    hover(false);
    const id = event.dataTransfer?.getData(kind) ?? '';
    if (id !== '') accept(id);
  });
}
