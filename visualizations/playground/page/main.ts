import { createClientPanel, type Side } from './client-panel.ts';
import { loadSettings } from './settings.ts';

const sides: readonly Side[] = ['left', 'right'];

const parameters = new URLSearchParams(location.search);
const only = parameters.get('only') ?? parameters.get('client');
const chosen = sides.filter((side) => side === only);
const shown = chosen.length === 0 ? sides : chosen;
const name = parameters.get('name') ?? '';

function clientName(side: Side): string {
  if (name === '') return side;
  return shown.length === 1 ? name : `${name}-${side}`;
}

async function openPanel(side: Side): Promise<HTMLElement> {
  const client = clientName(side);
  return createClientPanel(side, client, await loadSettings(client));
}

const clients = document.querySelector('main');
clients?.classList.toggle('single', shown.length === 1);
clients?.replaceChildren(...(await Promise.all(shown.map(openPanel))));
