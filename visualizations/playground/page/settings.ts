import localforage from 'localforage';
import type { BuiltInStrategy } from 'syncline';

export const strategyNames: Readonly<Record<BuiltInStrategy, string>> = {
  merge: 'Merge fields',
  'last-write-wins': 'Last write wins',
  'client-wins': 'This client wins',
  'server-wins': 'Server wins',
  manual: 'Ask me',
};

/** What a client keeps across reloads and crashes: a pulled plug stays pulled. */
export interface Settings {
  readonly plugged: boolean;
  readonly strategy: BuiltInStrategy;
}

const store = localforage.createInstance({ name: 'playground-settings', driver: localforage.INDEXEDDB });

const isStrategy = (value: unknown): value is BuiltInStrategy =>
  typeof value === 'string' && Object.hasOwn(strategyNames, value);

/** The settings of a client; defaults for what is not stored or cannot be read. */
export async function loadSettings(client: string): Promise<Settings> {
  const stored = await store.getItem<Partial<Settings>>(client).catch(() => null);
  return {
    plugged: stored?.plugged !== false,
    strategy: isStrategy(stored?.strategy) ? stored.strategy : 'merge',
  };
}

/** Resolves when they are stored. */
export async function saveSettings(client: string, settings: Settings): Promise<void> {
  await store.setItem(client, settings);
}

/** Hears what other windows of this browser set for the client. Returns what tells them. */
export function shareSettings(client: string, onChange: (settings: Settings) => void): (settings: Settings) => void {
  const channel = new BroadcastChannel(`playground/${client}`);
  channel.addEventListener('message', ({ data }: MessageEvent<Settings>) => onChange(data));
  return (settings) => channel.postMessage(settings);
}
