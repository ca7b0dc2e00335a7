import { keepFocus } from './keep-focus.ts';

/** Puts children in order and moves only those that stand elsewhere. */
export function placeInOrder(parent: Element, ordered: readonly Element[]): void {
  keepFocus(() => {
    let next = parent.firstElementChild;
    for (const child of ordered) {
      if (child === next) next = child.nextElementSibling;
      else parent.insertBefore(child, next);
    }
  });
}
