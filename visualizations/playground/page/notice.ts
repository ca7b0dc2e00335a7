import { element } from './element.ts';
import { icon } from './icon.ts';

export interface Notice {
  readonly element: HTMLElement;
  /** Shows why something failed. */
  readonly report: (failure: unknown) => void;
}

/** One sentence that asks for attention, until it is put away. */
export function createNotice(): Notice {
  const sentence = element('p', { role: 'alert' });
  const close = () => {
    box.hidden = true;
  };
  const box = element(
    'div',
    { class: 'notice', 'data-testid': 'notice', hidden: true },
    sentence,
    element(
      'button',
      { type: 'button', class: 'bare', 'aria-label': 'Put this message away', onclick: close },
      icon('close'),
    ),
  );
  const show = (message: string) => {
    box.hidden = false;
    sentence.textContent = message;
  };
  return {
    element: box,
    report: (failure) => show(failure instanceof Error ? failure.message : String(failure)),
  };
}
