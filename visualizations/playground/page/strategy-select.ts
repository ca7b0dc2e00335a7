import type { BuiltInStrategy } from 'syncline';
import { element } from './element.ts';
import { strategyNames } from './settings.ts';

export interface StrategySelect {
  readonly element: HTMLElement;
  show(strategy: BuiltInStrategy): void;
}

/** The strategy for conflicts of one client, to choose. */
export function createStrategySelect(onChoose: (strategy: BuiltInStrategy) => void): StrategySelect {
  const strategies = Object.keys(strategyNames) as BuiltInStrategy[];
  const select = element(
    'select',
    { 'data-testid': 'strategy' },
    ...strategies.map((strategy) => element('option', { value: strategy }, strategyNames[strategy])),
  );
  select.addEventListener('change', () => onChoose(select.value as BuiltInStrategy));
  return {
    element: element('label', { class: 'strategy' }, element('span', { class: 'label' }, 'Conflicts'), select),
    show(strategy) {
      select.value = strategy;
    },
  };
}
