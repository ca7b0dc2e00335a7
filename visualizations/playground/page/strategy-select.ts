import type { BuiltInStrategy } from 'syncline';
import { element } from './element.ts';
import { strategyNames } from './settings.ts';

/** The strategy for conflicts of one client, to choose. */
export function createStrategySelect(
  chosen: BuiltInStrategy,
  onChoose: (strategy: BuiltInStrategy) => void,
): HTMLElement {
  const strategies = Object.keys(strategyNames) as BuiltInStrategy[];
  const select = element(
    'select',
    { 'data-testid': 'strategy' },
    ...strategies.map((strategy) =>
      element('option', { value: strategy, selected: strategy === chosen }, strategyNames[strategy]),
    ),
  );
  select.addEventListener('change', () => onChoose(select.value as BuiltInStrategy));
  return element('label', { class: 'strategy' }, element('span', { class: 'label' }, 'Conflicts'), select);
}
