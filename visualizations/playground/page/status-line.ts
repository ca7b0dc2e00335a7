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

interface Fact {
  readonly label: string;
  readonly value: string;
  /** How much it asks for attention. */
  readonly tone: string;
  /** What it means, for who points at it. */
  readonly hint: string;
}

const timeOf = (stamp: string | null) => (stamp === null ? 'never' : new Date(stamp).toLocaleTimeString());

/** The facts of the line, in order. */
function factsOf(state: SyncState): readonly Fact[] {
  const toned = (count: number, tone: string) => (count > 0 ? tone : 'calm');
  const operations = (label: string, count: number, tone: string, where: string): Fact => ({
    label,
    value: String(count),
    tone: toned(count, tone),
    hint: `Operations ${where}; each keystroke is one.`,
  });
  return [
    {
      label: 'Queue',
      value: state.stalled ? 'stalled' : state.queue,
      tone: state.stalled ? 'bad' : 'calm',
      hint: 'What carries operations to the server.',
    },
    operations('Pending', state.pending, 'busy', 'on their way to the server'),
    operations('Parked', state.parked, 'bad', 'that the server refused'),
    operations('In conflict', state.conflicts, 'bad', 'of tasks that wait for your decision'),
    {
      label: 'Real time',
      value: state.realTime,
      tone: state.realTime === 'live' ? 'good' : 'calm',
      hint: 'The socket that brings what others change.',
    },
    {
      label: 'This window',
      value: state.role === 'leader' ? 'leads' : 'follows',
      tone: 'calm',
      hint: 'Of all windows of this client one leads: it sends and receives for the others.',
    },
  ];
}

/** One line that says what the service says of itself, and nothing else. */
export function createStatusLine(): StatusLine {
  const connectivity = element('strong', { class: 'connectivity', role: 'status' });
  const facts = element('dl', { class: 'facts' });
  const synced = element('span', { class: 'synced muted' });
  const trouble = element('p', { class: 'trouble', role: 'status' });
  const line = element('div', { class: 'status', 'data-testid': 'status' }, connectivity, synced, facts, trouble);
  const cells = new Map<string, HTMLElement>();

  const cellOf = ({ label, hint }: Fact) => {
    const known = cells.get(label);
    if (known !== undefined) return known;
    const value = element('dd');
    facts.append(element('div', { title: hint }, element('dt', {}, label), value));
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
      setText(synced, `Last synced ${timeOf(state.lastSyncedAt)}`);
      for (const fact of factsOf(state)) {
        const cell = cellOf(fact);
        setText(cell, fact.value);
        cell.dataset['tone'] = fact.tone;
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
