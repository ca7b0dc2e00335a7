import { element } from './element.ts';

export interface Notice {
  readonly element: HTMLElement;
  show(message: string): void;
  /** Shows why a promise failed. */
  readonly report: (failure: unknown) => void;
}

/** One sentence that asks for attention; empty, it takes no room. */
export function createNotice(): Notice {
  const line = element('p', { class: 'notice', role: 'alert' });
  const show = (message: string) => {
    line.textContent = message;
  };
  return {
    element: line,
    show,
    report: (failure) => show(failure instanceof Error ? failure.message : String(failure)),
  };
}
