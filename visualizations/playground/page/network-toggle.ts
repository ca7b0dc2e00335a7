import { element } from './element.ts';
import { icon } from './icon.ts';

export interface NetworkToggle {
  readonly element: HTMLElement;
  show(plugged: boolean): void;
}

/** The plug of one client, as a switch. `onToggle` is told what it was turned to, and has it shown. */
export function createNetworkToggle(onToggle: (plugged: boolean) => void): NetworkToggle {
  const text = element('span', { class: 'switch-text' });
  const toggle = element(
    'button',
    {
      type: 'button',
      role: 'switch',
      class: 'network-switch',
      'aria-label': 'Network',
      'data-testid': 'network-switch',
    },
    element('span', { class: 'switch-track' }, element('span', { class: 'switch-thumb' }, icon('plug'))),
    text,
  );
  toggle.addEventListener('click', () => onToggle(toggle.getAttribute('aria-checked') !== 'true'));
  return {
    element: toggle,
    show(plugged) {
      toggle.setAttribute('aria-checked', String(plugged));
      text.textContent = plugged ? 'Plugged in' : 'Unplugged';
    },
  };
}
