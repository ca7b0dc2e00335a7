import { element } from './element.ts';
import { icon } from './icon.ts';
import type { NetworkSwitch } from './network-switch.ts';

/** The plug of one client, as a switch. */
export function createNetworkToggle(network: NetworkSwitch, onToggle: (plugged: boolean) => void): HTMLElement {
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
  const show = () => {
    toggle.setAttribute('aria-checked', String(network.plugged));
    text.textContent = network.plugged ? 'Plugged in' : 'Unplugged';
  };
  toggle.addEventListener('click', () => {
    if (network.plugged) network.pull();
    else network.plugIn();
    show();
    onToggle(network.plugged);
  });
  show();
  return toggle;
}
