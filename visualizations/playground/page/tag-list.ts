import { element } from './element.ts';
import { icon } from './icon.ts';

export interface TagList {
  readonly element: HTMLElement;
  show(tags: readonly string[]): void;
}

/** Tags as chips, with a field that adds one on Enter. */
export function createTagList(edit: (change: (tags: readonly string[]) => readonly string[]) => void): TagList {
  const chips = element('ul', { class: 'chips' });
  const input = element('input', {
    class: 'quiet tag-input',
    'data-testid': 'tag-input',
    'aria-label': 'Add a tag',
    placeholder: 'Add tag',
    autocomplete: 'off',
    size: 7,
    onkeydown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      event.preventDefault();
      add();
    },
    onblur: () => add(),
  });

  const add = () => {
    const tag = input.value.trim();
    input.value = '';
    if (tag !== '') edit((tags) => (tags.includes(tag) ? tags : [...tags, tag]));
  };

  const chip = (tag: string) =>
    element(
      'li',
      { class: 'chip', 'data-tag': tag },
      tag,
      element(
        'button',
        {
          type: 'button',
          class: 'bare',
          'aria-label': `Remove tag ${tag}`,
          onclick: () => {
            input.focus();
            edit((tags) => tags.filter((other) => other !== tag));
          },
        },
        icon('close'),
      ),
    );

  let shown = '';
  return {
    element: element('div', { class: 'tags' }, chips, input),
    show(tags) {
      const next = JSON.stringify(tags);
      if (next === shown) return;
      shown = next;
      chips.replaceChildren(...tags.map(chip));
    },
  };
}
