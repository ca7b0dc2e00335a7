import type { SyncState } from 'syncline';
import { element } from './element.ts';

export interface StatusLine {
  readonly element: HTMLElement;
  show(state: SyncState): void;
}

const connectivityNames: Readonly<Record<SyncState['connectivity'], string>> = {
  offline: 'Offline',
  connecting: 'Connecting',
  online: 'Online',
  reconnecting: 'Reconnecting',
  captive: 'Behind a login page',
};

const timeOf = (stamp: string | null) => (stamp === null ? 'never' : new Date(stamp).toLocaleTimeString());

/** The facts of the line, in order: label, value, and how much they ask for attention. */
function factsOf(state: SyncState): readonly (readonly [label: string, value: string, tone: string])[] {
  const toned = (count: number, tone: string) => (count > 0 ? tone : 'calm');
  return [
    ['Queue', state.stalled ? 'stalled' : state.queue, state.stalled ? 'bad' : 'calm'],
    ['Pending', String(state.pending), toned(state.pending, 'busy')],
    ['Parked', String(state.parked), toned(state.parked, 'bad')],
    ['In conflict', String(state.conflicts), toned(state.conflicts, 'bad')],
    ['Real time', state.realTime, state.realTime === 'live' ? 'good' : 'calm'],
    ['This window', state.role === 'leader' ? 'leads' : 'follows', 'calm'],
    ['Last synced', timeOf(state.lastSyncedAt), 'calm'],
  ];
}

/** One line that says what the service says of itself, and nothing else. */
export function createStatusLine(): StatusLine {
  const connectivity = element('strong', { class: 'connectivity', role: 'status' });
  const facts = element('dl', { class: 'facts' });
  const trouble = element('p', { class: 'trouble', role: 'status' });
  const line = element('div', { class: 'status', 'data-testid': 'status' }, connectivity, facts, trouble);
  const cells = new Map<string, HTMLElement>();

  const cellOf = (label: string) => {
    const known = cells.get(label);
    if (known !== undefined) return known;
    const value = element('dd');
    facts.append(element('div', {}, element('dt', {}, label), value));
    cells.set(label, value);
    return value;
  };

  return {
    element: line,
    show(state) {
      Object.assign(line.dataset, {
        connectivity: state.connectivity,
        queue: state.queue,
        pending: String(state.pending),
        parked: String(state.parked),
        conflicts: String(state.conflicts),
        realTime: state.realTime,
        role: state.role,
      });
      setText(connectivity, connectivityNames[state.connectivity]);
      for (const [label, value, tone] of factsOf(state)) {
        const cell = cellOf(label);
        setText(cell, value);
        cell.dataset['tone'] = tone;
      }
      setText(trouble, troubleOf(state));
    },
  };
}

function troubleOf(state: SyncState): string {
  if (!state.durable) return 'This browser keeps nothing: changes are lost when the page closes.';
  if (state.error === null) return '';
  const retry = state.nextRetryAt === null ? '' : ` Next try at ${timeOf(state.nextRetryAt)}.`;
  return `${state.error.message}${retry}`;
}

/** Equal text is left alone, so that a live region speaks only of what is new. */
function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}
