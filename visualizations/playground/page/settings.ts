import type { BuiltInStrategy } from 'syncline';

export const strategyNames: Readonly<Record<BuiltInStrategy, string>> = {
  merge: 'Merge fields',
  'last-write-wins': 'Last write wins',
  'client-wins': 'This client wins',
  'server-wins': 'Server wins',
  manual: 'Ask me',
};

/** What a client keeps across reloads: a pulled plug stays pulled. */
export interface Settings {
  plugged: boolean;
  strategy: BuiltInStrategy;
}

const keyOf = (client: string) => `playground/${client}`;

const isStrategy = (value: unknown): value is BuiltInStrategy =>
  typeof value === 'string' && Object.hasOwn(strategyNames, value);

/** The settings of a client; the defaults where none are stored or they cannot be read. */
export function loadSettings(client: string): Settings {
  const defaults: Settings = { plugged: true, strategy: 'merge' };
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(client)) ?? 'null');
    if (typeof stored !== 'object' || stored === null) return defaults;
    return {
      plugged: !('plugged' in stored) || stored.plugged !== false,
      strategy: 'strategy' in stored && isStrategy(stored.strategy) ? stored.strategy : defaults.strategy,
    };
  } catch {
    return defaults;
  }
}

export function saveSettings(client: string, settings: Settings): void {
  localStorage.setItem(keyOf(client), JSON.stringify(settings));
}
